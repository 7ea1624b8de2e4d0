//! The integration tests: one binary, linked once.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

mod aggregate;
mod aggregate_attack;
#[cfg(feature = "app")]
mod aggregate_command;
#[cfg(feature = "app")]
mod architecture;
mod baseline;
#[cfg(feature = "app")]
mod baseline_command;
#[cfg(feature = "app")]
mod baseline_pages;
mod baseline_second;
mod baseline_sweep;
#[cfg(feature = "app")]
mod binary;
mod calendar;
#[cfg(feature = "app")]
mod californian;
#[cfg(feature = "app")]
mod cases;
#[cfg(feature = "app")]
mod chaos;
#[cfg(feature = "app")]
mod chaos_canary;
#[cfg(feature = "app")]
mod chaos_line;
#[cfg(feature = "app")]
mod check;
mod clearance;
mod clearance_messages;
mod clearance_points;
mod clearance_space;
mod clearance_usual;
#[cfg(feature = "app")]
mod command;
mod example_programs;
#[cfg(feature = "app")]
mod examples;
#[cfg(feature = "app")]
mod faults;
#[cfg(feature = "app")]
mod fetch;
#[cfg(feature = "app")]
mod fetch_command;
#[cfg(feature = "app")]
mod fetch_http;
#[cfg(feature = "app")]
mod gaps;
#[cfg(feature = "app")]
mod gate;
mod held;
mod holiday_rules;
#[cfg(feature = "app")]
mod hostile;
#[cfg(feature = "app")]
mod http;
#[cfg(feature = "app")]
mod identity;
#[cfg(feature = "app")]
mod ingest;
#[cfg(feature = "app")]
mod ingest_killed;
mod intake;
mod items;
#[cfg(feature = "app")]
mod late;
#[cfg(feature = "app")]
mod ledger_command;
#[cfg(feature = "app")]
mod ledger_outside;
#[cfg(feature = "app")]
mod ledger_proof;
#[cfg(feature = "app")]
mod limits;
#[cfg(feature = "app")]
mod line;
#[cfg(feature = "app")]
mod line_command;
#[cfg(feature = "app")]
mod meter_command;
#[cfg(feature = "app")]
mod meter_files_command;
#[cfg(feature = "app")]
mod meter_place;
mod metering_golden;
mod metering_naive;
mod metering_property;
mod metering_read;
mod metering_roundtrip;
mod metering_samples;
mod metering_ways;
mod metering_write;
mod multipart;
mod negawatt;
#[cfg(feature = "app")]
mod notice_command;
mod notice_file;
mod notice_rules;
mod openadr;
#[cfg(feature = "app")]
mod outbox_command;
#[cfg(feature = "app")]
mod own_notice;
#[cfg(feature = "app")]
mod persons;
#[cfg(feature = "app")]
mod pki;
mod plan_csv;
#[cfg(feature = "app")]
mod plan_exchange;
mod plan_rules;
mod plan_samples;
#[cfg(feature = "app")]
mod plan_suppression;
mod plan_wire;
#[cfg(feature = "app")]
mod portfolio;
#[cfg(feature = "app")]
mod postgres;
#[cfg(feature = "app")]
mod practice;
#[cfg(feature = "app")]
mod readings;
#[cfg(feature = "app")]
mod readings_columns;
#[cfg(feature = "app")]
mod refusals;
#[cfg(feature = "app")]
mod report;
#[cfg(feature = "app")]
mod results;
#[cfg(feature = "app")]
mod resume;
#[cfg(feature = "app")]
mod retention_items;
#[cfg(feature = "app")]
mod rights;
#[cfg(feature = "app")]
mod rights_command;
mod rules;
#[cfg(feature = "app")]
mod sample_run;
mod samples;
#[cfg(feature = "app")]
mod sandbox;
#[cfg(feature = "app")]
mod sandbox_applications;
#[cfg(feature = "app")]
mod sandbox_line;
#[cfg(feature = "app")]
mod share_command;
#[cfg(feature = "app")]
mod share_forms;
#[cfg(feature = "app")]
mod steward;
#[cfg(feature = "app")]
mod store_tls;
#[cfg(feature = "app")]
mod stores;
#[cfg(feature = "app")]
mod table;
#[cfg(feature = "app")]
mod tls;
#[cfg(feature = "app")]
mod tls_office;
#[cfg(feature = "app")]
mod upgrade;
#[cfg(feature = "app")]
mod watched;
mod wire;
mod wire_binding;
mod wire_golden;
mod wire_hostile;
mod wire_property;
#[cfg(feature = "app")]
mod withdrawals;
#[cfg(feature = "app")]
mod work_command;
#[cfg(feature = "app")]
mod workers;
#[cfg(feature = "app")]
mod world;

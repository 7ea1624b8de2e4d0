//! The command line: arguments, progress, tables, exit codes.
//!
//! Exit 0: done, all cases ended as wished. Exit 1: some need a person, or a check found an error. Exit 2: the input
//! or the environment is unusable; what to do is printed.

mod approve;
mod args;
mod baseline;
mod check;
mod customers;
mod explain;
mod judge;
mod ledger;
mod line;
mod meter;
mod notice;
mod out;
mod outbox;
mod plan;
mod practice;
mod progress;
mod release;
mod results;
mod sandbox;
mod shelf;
mod shift;
mod steward;
mod switch;
pub mod table;
mod traces;
mod watch;
mod way;
mod work;

use crate::calendar::Calendar;
use crate::desk::DeskError;
use crate::desk::output::OutputError;
use crate::items::DateTime;
use crate::rules::{RuleContext, Settings};
use crate::store::StoreError;
use args::{Cli, Command};
use clap::Parser as _;
use std::fmt;
use std::process::ExitCode;

/// Runs the binary.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match shelf::without_password(std::env::args_os()).and_then(|()| run(cli)) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("occto: {failure}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let lang = cli.lang;
    match cli.command {
        Command::Switch(command) => switch::switch(command, lang),
        Command::Meter(command) => meter::meter(&command, lang),
        Command::Baseline(command) => baseline::baseline(&command, lang),
        Command::Plan(command) => plan::plan(&command, lang),
        Command::Check(args) => check::check(&args, lang),
        Command::Explain(args) => explain::explain(&args, lang),
        Command::Held(command) => steward::held::held(&command, lang),
        Command::Subject(command) => steward::subject::subject(&command),
        Command::Retention(command) => steward::retention::retention(&command),
        Command::Consent(command) => steward::consent::consent(&command),
        Command::Consignee(command) => steward::consignee::consignee(&command),
        Command::Key(command) => steward::key::key(&command),
        Command::Work(args) => work::work(&args),
        Command::Outbox(command) => outbox::outbox(&command, lang),
        Command::Ledger(command) => ledger::ledger(&command, lang),
        Command::Cert(command) => line::cert(&command, lang),
        Command::Config(command) => line::config(&command, lang),
        Command::Status(args) => line::status(&args, lang),
        Command::Notice(command) => notice::notices(&command, lang),
        Command::Release(command) => release::releases(&command),
        Command::Sandbox(args) => sandbox::serve(&args),
    }
}

/// Why a command could not be done: printed, exit 2.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// Something about the input or the arguments.
    #[must_use]
    pub fn usage(text: String) -> Failure {
        Failure(text)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Failure(error.to_string())
    }
}

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Failure {
        Failure(error.to_string())
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Failure {
        Failure(error.to_string())
    }
}

/// What the rules count with: the data that ships.
#[derive(Debug)]
pub struct Materials {
    calendar: Calendar,
    settings: Settings,
}

impl Materials {
    /// The data that ships.
    pub fn published() -> Result<Materials, Failure> {
        let failed = |error: &dyn fmt::Display| Failure(format!("内蔵データを読めません / embedded data: {error}"));
        Ok(Materials {
            calendar: Calendar::published().map_err(|error| failed(&error))?,
            settings: Settings::published().map_err(|error| failed(&error))?,
        })
    }

    /// Within how many days a customer's request is answered.
    #[must_use]
    pub const fn answer_days(&self) -> u16 {
        self.settings.answer_days()
    }

    /// What the rules count with at a moment.
    #[must_use]
    pub fn context(&self, now: DateTime) -> RuleContext<'_> {
        RuleContext { today: now.date(), calendar: &self.calendar, settings: &self.settings }
    }
}

fn exit(code: u8) -> ExitCode {
    ExitCode::from(code)
}

//! A run as JSON: what `--json` prints. The shape is stable; new keys may be added, none is renamed or removed.
//!
//! ```json
//! {
//!   "format": 1,
//!   "file": "applications.csv",
//!   "notice": {"key": "terras", "title": "…"},
//!   "retailer": "11114",
//!   "from": "2026-06-01T09:00:00", "to": "2026-07-10T18:00:00",
//!   "sandbox_seed": 7,
//!   "messages": 212, "ledger_lines": 268,
//!   "counts": {"total": 46, "needs_person": 15, "waiting": 1, "nothing_to_do": 30, "outcomes": {"completed": 27}},
//!   "findings": [],
//!   "cases": [{
//!     "line": 2, "receipt": "A-0001", "point": "0300111122223333444455", "family": "low",
//!     "current_retailer": "22223",
//!     "outcome": "completed", "need": "nothing", "as_wished": true,
//!     "requested_on": "2026-06-20", "earliest": "2026-06-05", "billing_from": "2026-06-20",
//!     "cancellation_number": "C000001", "application_number": "S000001",
//!     "reasons": [{"ja": "…", "en": "…"}],
//!     "next": {"ja": "…", "en": "…"},
//!     "findings": [],
//!     "timeline": [{"at": "2026-06-01T09:00:00", "kind": "cancellation-sent", "ja": "…", "en": "…"}]
//!   }]
//! }
//! ```
//!
//! Dates are ISO 8601 civil dates, moments ISO 8601 without an offset: JST. What is not known is `null`; `receipt` and
//! `point` are empty where the row has none that can be read. `outcome` and `need` are the keys of
//! [`Outcome`] and [`Need`]; `outcomes` names every outcome, also those with 0 cases.
//! A finding is as [`Finding::to_json`] writes it. The cells of the input are not in it, but
//! a finding may quote what stood in the row: treat the output as personal data.

use super::view::{CaseView, Event, Need, Outcome, RunView};
use crate::items::Code;
use crate::rules::Finding;
use serde::{Serialize, Serializer};
use std::io::{self, Write};

/// Writes a run as indented JSON with a line end.
///
/// # Errors
/// When `out` does.
pub fn write_json(run: &RunView, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Run::of(run))?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Run<'a> {
    format: u8,
    file: &'a str,
    notice: Notice<'a>,
    retailer: &'a str,
    from: String,
    to: String,
    sandbox_seed: Option<u64>,
    messages: u64,
    ledger_lines: u64,
    counts: Counts,
    findings: Vec<serde_json::Value>,
    #[serde(serialize_with = "cases")]
    cases: &'a [CaseView],
}

#[derive(Serialize)]
struct Notice<'a> {
    key: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct Counts {
    total: usize,
    needs_person: usize,
    waiting: usize,
    nothing_to_do: usize,
    outcomes: serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize)]
struct Case<'a> {
    line: u64,
    receipt: &'a str,
    point: &'a str,
    family: Option<&'static str>,
    current_retailer: &'a str,
    outcome: &'static str,
    need: &'static str,
    as_wished: bool,
    requested_on: Option<String>,
    earliest: Option<String>,
    billing_from: Option<String>,
    cancellation_number: Option<&'a str>,
    application_number: Option<&'a str>,
    reasons: Vec<Said<'a>>,
    next: Option<Said<'a>>,
    findings: Vec<serde_json::Value>,
    timeline: Vec<Happened<'a>>,
}

#[derive(Serialize)]
struct Said<'a> {
    ja: &'a str,
    en: &'a str,
}

#[derive(Serialize)]
struct Happened<'a> {
    at: String,
    kind: &'a str,
    ja: &'a str,
    en: &'a str,
}

/// One case at a time: a run of many thousand is never held twice.
fn cases<S: Serializer>(cases: &[CaseView], out: S) -> Result<S::Ok, S::Error> {
    out.collect_seq(cases.iter().map(Case::of))
}

impl<'a> Run<'a> {
    fn of(run: &'a RunView) -> Run<'a> {
        let mut outcomes: serde_json::Map<_, _> =
            Outcome::ALL.iter().map(|outcome| (outcome.key().to_owned(), 0.into())).collect();
        outcomes.extend(run.counts().into_iter().map(|(outcome, count)| (outcome.key().to_owned(), count.into())));
        Run {
            format: 1,
            file: &run.file,
            notice: Notice { key: &run.notice.0, title: &run.notice.1 },
            retailer: &run.retailer,
            from: run.from.to_string(),
            to: run.to.to_string(),
            sandbox_seed: run.sandbox_seed,
            messages: run.messages,
            ledger_lines: run.ledger_lines,
            counts: Counts {
                total: run.cases.len(),
                needs_person: run.count_of(Need::Person),
                waiting: run.count_of(Need::Waiting),
                nothing_to_do: run.count_of(Need::Nothing),
                outcomes,
            },
            findings: run.findings.iter().map(Finding::to_json).collect(),
            cases: &run.cases,
        }
    }
}

impl<'a> Case<'a> {
    fn of(case: &'a CaseView) -> Case<'a> {
        let said = |(ja, en): &'a (String, String)| Said { ja, en };
        Case {
            line: case.line,
            receipt: &case.receipt,
            point: &case.point,
            family: case.family.map(Code::key),
            current_retailer: &case.current_retailer,
            outcome: case.outcome.key(),
            need: case.outcome.need().key(),
            as_wished: case.outcome.as_wished(),
            requested_on: case.requested_on.map(|date| date.to_string()),
            earliest: case.earliest.map(|date| date.to_string()),
            billing_from: case.billing_from.map(|date| date.to_string()),
            cancellation_number: case.cancellation_number.as_deref(),
            application_number: case.application_number.as_deref(),
            reasons: case.reasons.iter().map(said).collect(),
            next: case.next.as_ref().map(said),
            findings: case.findings.iter().map(Finding::to_json).collect(),
            timeline: case.timeline.iter().map(Happened::of).collect(),
        }
    }
}

impl<'a> Happened<'a> {
    fn of(event: &'a Event) -> Happened<'a> {
        Happened { at: event.at.to_string(), kind: &event.kind, ja: &event.ja, en: &event.en }
    }
}

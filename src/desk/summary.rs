//! From what is kept to what a person reads.

use super::flow;
use super::view::{CaseView, Event, RunView};
use crate::items::DateTime;
use crate::notice::Notice;
use crate::store::{Batch, Case, CaseRow, Entry, Outcome, Stage, StoreError, Tx};
use std::collections::HashMap;

/// The view of a batch as it stands at a moment.
pub fn run_view(tx: &Tx<'_>, batch: &Batch, now: DateTime) -> Result<RunView, StoreError> {
    let title = match Notice::embedded(&batch.notice) {
        Some(notice) => Some(notice.title_ja().to_owned()),
        None => tx.kept_notice(&batch.notice)?.and_then(|text| Some(Notice::parse(&text).ok()?.title_ja().to_owned())),
    };
    let title = title.unwrap_or_default();
    let mut view = RunView {
        file: batch.file.clone(),
        columns: batch.columns.clone(),
        notice: (batch.notice.clone(), title),
        retailer: batch.retailer.clone(),
        from: batch.prepared_at,
        to: now,
        sandbox_seed: batch.seed,
        findings: batch.findings.clone(),
        cases: Vec::new(),
        messages: tx.messages_sent()?,
        ledger_lines: tx.ledger_lines()?,
    };
    let mut places = HashMap::new();
    tx.each_case(batch.id, |case| {
        places.insert(case.id, view.cases.len());
        view.cases.push(case_view(case));
        Ok(())
    })?;
    tx.each_event(batch.id, |case, entry| {
        let Entry { at, kind, ja, en } = entry;
        if let Some(case) = places.get(&case).and_then(|place| view.cases.get_mut(*place)) {
            case.timeline.push(Event { at, kind, ja, en });
        }
        Ok(())
    })?;
    Ok(view)
}

fn case_view(case: Case) -> CaseView {
    let next = flow::what_next(&case);
    let switched = case.stage == Stage::Effective
        || matches!(
            case.outcome,
            Some(Outcome::Completed | Outcome::CompletedWorkOutstanding | Outcome::CancelledAfterSwitch)
        );
    let CaseRow { application, cells, findings } = case.row.unwrap_or_default();
    let row = application.as_ref();
    CaseView {
        line: case.line,
        family: row.map(|row| row.family),
        current_retailer: row.map_or_else(String::new, |row| row.current_retailer.to_string()),
        requested_on: row.map(|row| row.switch_on),
        earliest: case.earliest,
        billing_from: if switched { case.switch_on } else { None },
        outcome: case.outcome.unwrap_or(Outcome::Pending),
        next,
        receipt: case.receipt,
        point: case.point,
        cancellation_number: case.cancellation_number,
        application_number: case.application_number,
        reasons: case.reasons,
        findings,
        timeline: Vec::new(),
        cells,
    }
}

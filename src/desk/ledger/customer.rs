//! お客さまへの開示: which lines of the ledger are about the supply point of one customer, and what they say in words.
//!
//! The ledger names no customer: a line bears the reference of the message it is about, and the store knows whose case
//! that is; and what was done inside the company with what is held of the customer is traced there. Files of many points name none of them, so their lines are counted, not listed; and so
//! are those that bear the last four digits of the point only, which other points have, too.

use super::each_line;
use crate::desk::subject::message_ja;
use crate::items::{Code as _, Item, SupplyPointId};
use crate::notice::{Basis, Party, Purpose};
use crate::store::{Lookup, Store, StoreError};
use serde_json::Value;
use std::collections::HashSet;

/// 台帳の1行: a line about the customer.
#[derive(Clone, Debug)]
pub struct CustomerLine {
    /// Its place, from 1.
    pub seq: u64,
    /// What it says.
    pub entry: String,
    /// Whether it names who of the company did it: that is nobody else's to read.
    pub names_staff: bool,
}

/// The lines about a point, and how many lines may or may not be about it.
pub fn lines_of_point(store: &mut Store, point: SupplyPointId) -> Result<(Vec<CustomerLine>, u64), StoreError> {
    let ours = references_of(store, point)?;
    let traced: HashSet<u64> = store.read(|tx| {
        let mut traced = HashSet::new();
        for state in tx.dossiers_of(Lookup::Point, point.as_str())? {
            traced.extend(tx.traces_of(state.dossier)?.into_iter().map(|(line, _)| line));
        }
        Ok(traced)
    })?;
    let (mut lines, mut unsure) = (Vec::new(), 0);
    each_line::<StoreError>(store, |line| {
        let entry: Value = serde_json::from_str(&line.entry).unwrap_or_default();
        let reference = entry.get("reference").and_then(Value::as_str).unwrap_or_default();
        if is_about(reference, &ours) || traced.contains(&line.seq) {
            let names_staff = entry.get("by").is_some_and(|by| !by.is_null());
            lines.push(CustomerLine { seq: line.seq, entry: line.entry.clone(), names_staff });
        } else if entry.get("points").is_some() || reference == point.masked() {
            unsure += 1;
        }
        Ok(())
    })?;
    Ok((lines, unsure))
}

/// The references of the cases and of the incoming cancellation agencies of a point.
fn references_of(store: &mut Store, point: SupplyPointId) -> Result<HashSet<String>, StoreError> {
    store.read(|tx| {
        let mut references = HashSet::new();
        for batch in tx.batches()? {
            tx.each_case(batch.id, |case| {
                if case.point == point.as_str() {
                    references.insert(case.reference);
                }
                Ok(())
            })?;
        }
        for state in crate::store::IncomingState::ALL {
            for incoming in tx.incoming_in(*state)? {
                if incoming.entry.point == point {
                    let number = incoming.entry.number.as_str();
                    references.extend(["J", "T"].map(|kind| format!("{kind}-{number}")));
                }
            }
        }
        Ok(references)
    })
}

/// A message bears the reference of its case with a letter and a number behind it.
fn is_about(reference: &str, ours: &HashSet<String>) -> bool {
    let case = reference.rsplit_once('-').map_or(reference, |(case, _)| case);
    ours.contains(reference) || ours.contains(case)
}

/// A line in Japanese words: when, to whom, for what, which items, on which basis.
#[must_use]
pub fn told(entry: &str) -> String {
    let entry: Value = serde_json::from_str(entry).unwrap_or_default();
    let mut by_basis: Vec<(&str, Vec<&str>)> = Vec::new();
    let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or("-");
    let party = |key: &str| Party::parse(text(key)).map_or_else(|_| text(key).to_owned(), Party::ja);
    let purpose = Purpose::from_key(text("purpose")).map_or_else(|| text("purpose"), |purpose| purpose.ja());
    let verdict = match text("verdict") {
        "granted" => "提供",
        "refused" => "提供せず（拒否）",
        "shown" => "社内で閲覧",
        "done" => message_ja(text("message")),
        other => other,
    };
    for item in entry.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default() {
        let field = |key: &str| item.get(key).and_then(Value::as_str);
        let key = item.as_str().or_else(|| field("item")).unwrap_or("-");
        let label = Item::from_key(key).map_or(key, |item| item.ja());
        let basis = field("basis").and_then(Basis::from_key).map_or("", |basis| basis.ja());
        match by_basis.iter_mut().find(|(of, _)| *of == basis) {
            Some((_, labels)) => labels.push(label),
            None => by_basis.push((basis, vec![label])),
        }
    }
    let items: Vec<_> = by_basis
        .iter()
        .map(|(basis, labels)| match *basis {
            "" => labels.join("、"),
            basis => format!("{}（根拠: {basis}）", labels.join("、")),
        })
        .collect();
    let mut told = format!("{} {verdict}: {}", text("at").replace('T', " "), party("sender"));
    if text("recipient") != "-" {
        told.push_str(&format!(" → {}", party("recipient")));
    }
    if purpose != "-" {
        told.push_str(&format!("\n    利用目的: {purpose}"));
    }
    if !items.is_empty() {
        told.push_str(&format!("\n    情報項目: {}", items.join("。")));
    }
    told
}

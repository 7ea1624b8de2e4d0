//! お客さまへの開示: which lines of the ledger are about one customer at a supply point, and what they say in words.
//!
//! The ledger names no customer: a line bears the reference of the message it is about, and the store knows whose case
//! that is; and what was done inside the company with what is held of the customer is traced there. Files of many points name none of them, so their lines are counted, not listed; and so
//! are those that bear the last four digits of the point only, which other points have, too.

use super::each_line;
use crate::desk::subject::{Customer, message_ja};
use crate::items::{Code as _, Item};
use crate::notice::{Basis, Party, Purpose, StewardClause};
use crate::store::{Store, StoreError};
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};

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

/// The lines about a customer, and how many lines may or may not be about the point. Another customer of the same point has
/// dossiers and references of its own: none of its lines is among them.
pub fn lines_of_customer(store: &mut Store, customer: &Customer) -> Result<(Vec<CustomerLine>, u64), StoreError> {
    let ours = references_of(customer);
    let masked = customer.point().map(|point| point.masked());
    let traced: HashSet<u64> = store.read(|tx| {
        let mut traced = HashSet::new();
        for folder in &customer.folders {
            traced.extend(tx.traces_of(folder.state.dossier)?.into_iter().map(|(line, _)| line));
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
        } else if entry.get("points").is_some() || masked.as_deref() == Some(reference) {
            unsure += 1;
        }
        Ok(())
    })?;
    Ok((lines, unsure))
}

/// The references of the cases and of the incoming cancellation agencies of a customer.
fn references_of(customer: &Customer) -> HashSet<String> {
    let mut references = HashSet::new();
    for folder in &customer.folders {
        references.extend(folder.case.as_ref().map(|case| case.reference.clone()));
        let number = folder.state.number.iter();
        references.extend(number.flat_map(|number| ["J", "T"].map(|kind| format!("{kind}-{number}"))));
    }
    references
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

/// A line in Japanese words on one line of a list: when, what, by whom, to whom, for what; of a refusal the clause.
#[must_use]
pub fn listed(entry: &str) -> String {
    let entry: Value = serde_json::from_str(entry).unwrap_or_default();
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    let party = |text: &str| Party::parse(text).map_or_else(|_| text.to_owned(), Party::ja);
    let verdict = match text("verdict").unwrap_or("-") {
        "granted" => "提供",
        "refused" => "拒否",
        "shown" => "閲覧",
        "done" => "実施",
        other => other,
    };
    let mut listed = format!(
        "{} {verdict} {}",
        text("at").unwrap_or("-").replace('T', " "),
        message_ja(text("message").unwrap_or("-"))
    );
    if let Some(sender) = text("sender") {
        listed.push_str(&format!(" {}", party(sender)));
    }
    if let Some(recipient) = text("recipient") {
        listed.push_str(&format!(" → {}", party(recipient)));
    }
    if let Some(purpose) = text("purpose") {
        listed.push_str(&format!(" {}", Purpose::from_key(purpose).map_or(purpose, |purpose| purpose.ja())));
    }
    let items = entry.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if !items.is_empty() {
        listed.push_str(&format!(" {}項目", items.len()));
    }
    let own = text("clause").into_iter();
    let of_items = items.iter().filter_map(|item| item.get("clause").and_then(Value::as_str));
    let clauses: BTreeSet<&str> = own.chain(of_items).collect();
    for clause in clauses {
        let ja = StewardClause::from_key(clause).map_or("", |clause| clause.ja());
        listed.push_str(&format!(" [{clause}]{ja}"));
    }
    if let Some(by) = text("by") {
        listed.push_str(&format!(" 担当: {by}"));
    }
    listed
}

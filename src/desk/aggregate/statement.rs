//! 公表する表と説明: the released table as CSV, the statement of what was withheld and why, and the ledger's line.

use super::Gathered;
use crate::items::{Code as _, DateTime};
use crate::notice::aggregate::{Aggregate, CellKey, Dimension, Rules};
use crate::notice::{Clause, Party};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The table as CSV in UTF-8 with a byte-order mark, CRLF: every cell, and of those withheld nothing but that.
#[must_use]
pub fn table_csv(released: &Aggregate) -> String {
    let by = released.by();
    let mut text = String::from("\u{FEFF}");
    let heads = by.iter().map(|dimension| dimension.ja());
    text.push_str(&heads.chain(["需要家数", "使用量kWh", "状態"]).collect::<Vec<_>>().join(","));
    text.push_str("\r\n");
    let published = released.published.iter().map(|cell| (cell.key, Some((cell.customers, cell.total))));
    let withheld = released.withheld.iter().map(|cell| (cell.key, None));
    let mut rows: Vec<_> = published.chain(withheld).collect();
    // Margins follow what they are the sum of.
    let order = |key: &CellKey| {
        (
            key.area.map_or((1, None), |area| (0, Some(area))),
            key.class.map_or((1, None), |class| (0, Some(class))),
            key.month.map_or((1, None), |month| (0, Some(month))),
        )
    };
    rows.sort_by_key(|(key, _)| order(key));
    for (key, figures) in rows {
        for dimension in by {
            let _infallible = write!(text, "{},", value(&key, *dimension));
        }
        let _infallible = match figures {
            Some((customers, total)) => write!(text, "{customers},{},公表\r\n", kilowatt_hours(total)),
            None => write!(text, ",,非公表\r\n"),
        };
    }
    text
}

fn value(key: &CellKey, dimension: Dimension) -> String {
    let value = match dimension {
        Dimension::Area => key.area.map(|area| area.ja().to_owned()),
        Dimension::Class => key.class.map(|class| class.ja().to_owned()),
        Dimension::Month => key.month.map(|month| month.to_string()),
    };
    value.unwrap_or_else(|| "合計".to_owned())
}

/// Exact: four decimals at most.
fn kilowatt_hours(total: i128) -> String {
    let (sign, total) = (if total < 0 { "-" } else { "" }, total.unsigned_abs());
    let text = format!("{sign}{}.{:04}", total / 10_000, total % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// 非公表の説明: what was withheld and why, by reason. It says nothing by which a withheld value could be narrowed down.
#[must_use]
pub fn statement(released: &Aggregate, gathered: &Gathered, by_customer: bool, rules: &Rules, release: &str) -> String {
    let (shown, hidden) = (released.published.len(), released.withheld.len());
    let mut text = format!(
        "集計値の公表 {release}\n\n公表の規則: {rules}（最少件数/一需要家の最大割合%）\n公表: {shown}件　非公表: {hidden}件\nReleased: {shown}, withheld: {hidden}, by the rule {rules}\n"
    );
    let mut reasons: BTreeMap<String, (Clause, Vec<String>)> = BTreeMap::new();
    for one in &released.withheld {
        let name = match &one.release {
            Some(release) => format!("{}（{release}）", one.key.ja()),
            None => one.key.ja(),
        };
        reasons.entry(one.clause.to_string()).or_insert_with(|| (one.clause, Vec::new())).1.push(name);
    }
    for (key, (clause, names)) in reasons {
        let _infallible = write!(text, "\n■ {} [{key}]\n  {}\n  {}\n", clause.ja(), clause.en(), names.join("、"));
    }
    if gathered.incomplete > 0 {
        let _infallible = write!(
            text,
            "\n30分値に欠測のある月は集計に含めていません（{}件） / {} months of customers with missing half-hours are not in it\n",
            gathered.incomplete, gathered.incomplete
        );
    }
    text.push_str(match by_customer {
        true => "\n需要家は需要家一覧の番号で数えています（複数の供給地点をまとめて1件） / customers are counted by the list of customers: one with several supply points once\n",
        false => "\n需要家は供給地点ごとに数えています / each supply point counts as a customer\n",
    });
    if gathered.unowned > 0 {
        let _infallible = write!(
            text,
            "\n需要家番号の分からない供給地点は集計に含めていません（{}件） / {} supply points of unknown customers are not in it\n",
            gathered.unowned, gathered.unowned
        );
    }
    if gathered.unclassed > 0 {
        let _infallible = write!(
            text,
            "\n区分の分からない需要家は集計に含めていません（{}件） / {} customers of unknown class are not in it\n",
            gathered.unclassed, gathered.unclassed
        );
    }
    text
}

/// 台帳の行: an aggregate that was released — with the digests of the table and of what is remembered of it — or refused
/// by a clause. No customer and no value stands in it.
#[must_use]
pub fn release_line(
    (at, notice, sender): (DateTime, &str, Party),
    rules: &Rules,
    release: &str,
    items: &serde_json::Value,
    outcome: Result<(&Aggregate, (&str, &str)), Clause>,
) -> String {
    let (verdict, clause, cells, digests) = match &outcome {
        Ok((released, digests)) => {
            let cells = json!({"published": released.published.len(), "withheld": released.withheld.len()});
            ("granted", None, Some(cells), Some(*digests))
        }
        Err(clause) => ("refused", Some(clause.to_string()), None, None),
    };
    json!({
        "at": at.to_string(), "verdict": verdict, "message": "aggregate-release", "reference": release,
        "sender": sender.to_string(), "recipient": "third-party", "purpose": "aggregate-release", "notice": notice,
        "items": items, "rule": rules.to_string(), "clause": clause, "cells": cells,
        "digest": digests.map(|(table, _)| table), "record": digests.map(|(_, record)| record),
    })
    .to_string()
}

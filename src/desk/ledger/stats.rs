//! 台帳の集計: disclosures by purpose, recipient, item and basis; refusals by clause; legal demands per year.

use serde_json::{Value, json};
use std::collections::BTreeMap;

type Counts = BTreeMap<String, u64>;

/// 法令に基づく請求の件数: legal demands of a year, and how many were met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LegalDemands {
    /// Met.
    pub granted: u64,
    /// Refused.
    pub refused: u64,
}

/// 台帳の集計: what the lines of a ledger, or of one year of it, add up to.
#[derive(Clone, Debug, Default)]
pub struct LedgerStats {
    /// How many lines were counted.
    pub lines: u64,
    /// The moment of the first line that was counted.
    pub first: Option<String>,
    /// The moment of the last.
    pub last: Option<String>,
    /// Lines by verdict.
    pub verdicts: Counts,
    /// Disclosures by purpose.
    pub purposes: Counts,
    /// Disclosures by recipient.
    pub recipients: Counts,
    /// Disclosures by item: how many of them held it.
    pub items: Counts,
    /// Disclosures by basis: how many of them rest on it, wholly or in part.
    pub bases: Counts,
    /// Refusals by clause: how many of them name it.
    pub clauses: Counts,
    /// Legal demands by year.
    pub legal: BTreeMap<String, LegalDemands>,
    /// Lines that say nothing that could be counted.
    pub other: u64,
}

impl LedgerStats {
    /// Counts a line; with a year, only where it is of that year.
    pub fn take(&mut self, entry: &str, year: Option<i16>) {
        let entry: Value = serde_json::from_str(entry).unwrap_or_default();
        let text = |key: &str| entry.get(key).and_then(Value::as_str);
        let at = text("at").unwrap_or_default();
        let of_year = at.get(..4).unwrap_or_default();
        if year.is_some_and(|year| format!("{year:04}") != of_year) {
            return;
        }
        self.lines += 1;
        if !at.is_empty() {
            self.first.get_or_insert_with(|| at.to_owned());
            self.last = Some(at.to_owned());
        }
        let Some(verdict) = text("verdict") else {
            self.other += 1;
            return;
        };
        count(&mut self.verdicts, verdict);
        let items = entry.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let withheld = entry.get("withheld").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        match verdict {
            "granted" => self.disclosure(&text, items),
            "refused" => self.refusal(&text, [items, withheld]),
            // Some of it was shown, and some was not.
            _ if !withheld.is_empty() => self.refusal(&|_| None, [&[], withheld]),
            _ => {}
        }
        let to_authority = text("recipient").is_some_and(|to| to == "authority" || to.starts_with("authority:"));
        let statutory = items.iter().any(|item| item.get("basis").and_then(Value::as_str) == Some("statutory"));
        if statutory || text("purpose") == Some("legal-order") || (to_authority && text("order").is_some()) {
            let year = self.legal.entry(of_year.to_owned()).or_default();
            match verdict {
                "granted" => year.granted += 1,
                "refused" => year.refused += 1,
                _ => {}
            }
        }
    }

    fn disclosure<'e>(&mut self, text: &impl Fn(&str) -> Option<&'e str>, items: &[Value]) {
        count(&mut self.purposes, text("purpose").unwrap_or("-"));
        count(&mut self.recipients, text("recipient").unwrap_or("-"));
        let mut bases = Vec::new();
        for item in items {
            count(&mut self.items, key_of(item));
            let basis = item.get("basis").and_then(Value::as_str);
            if let Some(basis) = basis.filter(|basis| !bases.contains(basis)) {
                bases.push(basis);
                count(&mut self.bases, basis);
            }
        }
    }

    fn refusal<'e>(&mut self, text: &impl Fn(&str) -> Option<&'e str>, items: [&'e [Value]; 2]) {
        let mut clauses: Vec<&str> = text("clause").into_iter().collect();
        for clause in items.into_iter().flatten().filter_map(|item| item.get("clause").and_then(Value::as_str)) {
            if !clauses.contains(&clause) {
                clauses.push(clause);
            }
        }
        if clauses.is_empty() {
            clauses.push("-");
        }
        clauses.into_iter().for_each(|clause| count(&mut self.clauses, clause));
    }

    /// The counts as JSON: `{"lines","first","last","verdicts":{…},"disclosures":{"purpose":{…},"recipient":{…},
    /// "item":{…},"basis":{…}},"refusals":{"clause":{…}},"legal-demands":{"2026":{"granted","refused"}},"other"}`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let legal: BTreeMap<_, _> = self
            .legal
            .iter()
            .map(|(year, count)| (year, json!({"granted": count.granted, "refused": count.refused})))
            .collect();
        json!({
            "lines": self.lines, "first": self.first, "last": self.last, "verdicts": self.verdicts,
            "disclosures": {
                "purpose": self.purposes, "recipient": self.recipients, "item": self.items, "basis": self.bases,
            },
            "refusals": {"clause": self.clauses}, "legal-demands": legal, "other": self.other,
        })
    }
}

/// An item is written alone, or with what was decided of it.
fn key_of(item: &Value) -> &str {
    item.as_str().or_else(|| item.get("item").and_then(Value::as_str)).unwrap_or("-")
}

fn count(counts: &mut Counts, key: &str) {
    match counts.get_mut(key) {
        Some(count) => *count += 1,
        None => {
            counts.insert(key.to_owned(), 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_add_up_by_purpose_recipient_item_basis_clause_and_year() {
        let lines = [
            r#"{"at":"2026-04-01T09:00:00","verdict":"granted","recipient":"operator:03","purpose":"point-confirmation","items":[{"item":"name","basis":"shared-use"},{"item":"address","basis":"shared-use"}]}"#,
            r#"{"at":"2026-05-01T09:00:00","verdict":"granted","recipient":"authority","purpose":"legal-order","items":[{"item":"name","basis":"statutory"}]}"#,
            r#"{"at":"2025-05-01T09:00:00","verdict":"refused","recipient":"authority","purpose":"legal-order","items":[{"item":"name","granted":false,"clause":"order-missing"},{"item":"address","granted":false,"clause":"order-missing"}]}"#,
            r#"{"at":"2026-05-02T09:00:00","verdict":"refused","clause":"aggregate-overlap","purpose":"aggregate-release","items":["consumption"]}"#,
            r#"{"at":"2026-05-03T09:00:00","verdict":"shown","items":["supply-point-id"]}"#,
            r#"{"at":"2026-05-04T09:00:00","verdict":"shown","items":["name"],"withheld":[{"item":"telephone","clause":"win-back"},{"item":"address","clause":"win-back"}],"clause":null}"#,
            r#"{"at":"2026-05-04T09:00:00","verdict":"refused","items":[],"withheld":[{"item":"telephone","clause":"role-item"}],"clause":null}"#,
            "not json",
        ];
        let mut stats = LedgerStats::default();
        lines.iter().for_each(|line| stats.take(line, None));
        let of = |counts: &Counts| counts.iter().map(|(key, count)| format!("{key} {count}")).collect::<Vec<_>>();
        assert_eq!(of(&stats.verdicts), ["granted 2", "refused 3", "shown 2"]);
        assert_eq!(of(&stats.purposes), ["legal-order 1", "point-confirmation 1"]);
        assert_eq!(of(&stats.recipients), ["authority 1", "operator:03 1"]);
        assert_eq!(of(&stats.items), ["address 1", "name 2"]);
        assert_eq!(of(&stats.bases), ["shared-use 1", "statutory 1"]);
        assert_eq!(of(&stats.clauses), ["aggregate-overlap 1", "order-missing 1", "role-item 1", "win-back 1"]);
        assert_eq!(stats.legal["2025"], LegalDemands { granted: 0, refused: 1 });
        assert_eq!(stats.legal["2026"], LegalDemands { granted: 1, refused: 0 });
        assert_eq!((stats.lines, stats.other), (8, 1));
        let mut of_year = LedgerStats::default();
        lines.iter().for_each(|line| of_year.take(line, Some(2025)));
        assert_eq!((of_year.lines, of_year.first.as_deref()), (1, Some("2025-05-01T09:00:00")));
    }
}

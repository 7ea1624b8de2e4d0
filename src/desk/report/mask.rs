//! What a report leaves out: the personal data a finding may quote.

use crate::desk::view::{CaseView, RunView};
use crate::items::Group;
use crate::rules::{Finding, Rule};
use std::borrow::Cow;

/// What stands in place of a quotation.
pub(super) const MASKED: &str = "■■■";

/// Columns whose cells never stand in a report.
const PERSONAL: [&str; 7] = ["契約名義", "契約名義カナ", "住所", "建物名", "電話番号", "郵便番号", "現契約番号"];

/// The personal texts of one row, and the column names, which are none.
pub(super) struct Mask<'a> {
    columns: &'a [String],
    values: Vec<&'a str>,
}

impl<'a> Mask<'a> {
    /// For findings about the file as a whole.
    pub(super) fn of_file(run: &'a RunView) -> Mask<'a> {
        Mask { columns: &run.columns, values: Vec::new() }
    }

    /// For a case.
    pub(super) fn of(run: &'a RunView, case: &'a CaseView) -> Mask<'a> {
        let personal = |(column, cell): (&'a String, &'a String)| {
            let cell = cell.trim();
            (PERSONAL.contains(&column.trim()) && cell.chars().nth(1).is_some()).then_some(cell)
        };
        let mut values: Vec<&str> = run.columns.iter().zip(&case.cells).filter_map(personal).collect();
        // The longest first: a name within an address must not cut the address in two.
        values.sort_unstable_by_key(|value| std::cmp::Reverse(value.len()));
        Mask { columns: &run.columns, values }
    }

    /// The text without the personal texts of the row.
    pub(super) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut masked = Cow::Borrowed(text);
        for value in &self.values {
            if masked.contains(value) {
                masked = masked.replace(value, MASKED).into();
            }
        }
        masked
    }

    /// A text of a finding. One about a personal item may quote another reading than the cell's: every quotation goes,
    /// except column names, single characters and what the rule itself says.
    pub(super) fn quoted<'t>(&self, finding: &Finding, text: &'t str) -> Cow<'t, str> {
        let masked = self.text(text);
        let personal = finding.item.is_some_and(|item| item.group() == Group::Basic)
            || finding.place.column.as_ref().is_some_and(|column| PERSONAL.contains(&column.as_ref()));
        if !personal || !masked.contains(['「', '`']) {
            return masked;
        }
        let rule = Rule::of(finding.code);
        let mut out = String::with_capacity(masked.len());
        let mut rest = masked.as_ref();
        while let Some(at) = rest.find(['「', '`']) {
            let (before, from) = rest.split_at(at);
            let mut chars = from.chars();
            let opening = chars.next().unwrap_or('「');
            let inner = chars.as_str();
            out.push_str(before);
            out.push(opening);
            let (quote, after) = inner.split_at(end(inner, opening));
            let harmless = quote.chars().nth(1).is_none()
                || self.columns.iter().any(|column| column == quote)
                || rule.is_some_and(|rule| rule.ja.contains(quote) || rule.en.contains(quote));
            out.push_str(if harmless { quote } else { MASKED });
            let mut after = after.chars();
            out.extend(after.next());
            rest = after.as_str();
        }
        out.push_str(rest);
        out.into()
    }
}

/// Where a quotation ends: at the bracket that closes it, not one within it; where none does, at the end of the text.
fn end(inner: &str, opening: char) -> usize {
    let mut depth = 0;
    for (at, found) in inner.char_indices() {
        match (opening, found) {
            ('「', '「') => depth += 1,
            ('「', '」') if depth > 0 => depth -= 1,
            ('「', '」') | ('`', '`') => return at,
            _ => {}
        }
    }
    inner.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::items::Item;
    use crate::rules::{Place, Severity};

    fn finding(item: Option<Item>) -> Finding {
        let (ja, en) = (String::new(), String::new());
        let (way_out_ja, way_out_en) = ("".into(), "".into());
        let place = Place::default();
        Finding { code: "OC0001", severity: Severity::Warning, place, item, ja, en, way_out_ja, way_out_en }
    }

    #[test]
    fn both_readings_of_a_name_are_left_out() {
        let columns = ["契約名義".to_owned()];
        let mask = Mask { columns: &columns, values: vec!["髙橋 花子"] };
        let name = finding(Some(Item::Name));
        assert_eq!(
            mask.quoted(&name, "「契約名義」の「髙橋 花子」は「高橋 花子」かもしれません（「髙」）"),
            "「契約名義」の「■■■」は「■■■」かもしれません（「髙」）"
        );
        assert_eq!(mask.quoted(&name, "`髙橋 花子` may be `高橋"), "`■■■` may be `■■■");
        assert_eq!(mask.quoted(&name, "「屋号「花」高橋」です"), "「■■■」です");
    }

    #[test]
    fn what_the_rule_says_stays() {
        let mut place = finding(Some(Item::Address));
        place.code = crate::rules::codes::RISK_PLACE_NAME.code;
        let mask = Mask { columns: &[], values: vec![] };
        assert_eq!(mask.quoted(&place, "「霞が関」（地名の「ヶ・ケ・が」）"), "「■■■」（地名の「ヶ・ケ・が」）");
    }

    #[test]
    fn quotations_of_other_items_stay_unless_they_are_of_the_row() {
        let mask = Mask { columns: &[], values: vec!["髙橋 花子"] };
        let other = finding(Some(Item::ContractAmount));
        assert_eq!(mask.quoted(&other, "「60 kVA」と髙橋 花子"), "「60 kVA」と■■■");
    }
}

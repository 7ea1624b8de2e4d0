//! 見出し行: which column holds which field.

use super::Cells;
use crate::items::{FoldingStep, FoldingSteps, folded};
use crate::messages::switching::Application;
use crate::messages::{Occurs, Record};
use crate::rules::{Finding, codes};

/// 列の対応: the columns of a file, and where the fields of an application stand among them.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    names: Vec<String>,
    /// The column of each field of [`Application`], in the order of its declaration.
    places: Vec<Option<usize>>,
}

impl Columns {
    /// Reads a header row: any order, other columns are kept, blanks and width of the names do not matter.
    pub fn read(header: Cells<'_>) -> Result<Columns, Vec<Finding>> {
        let names: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
        let plain: Vec<String> = names.iter().map(|name| plain(name)).collect();
        let mut findings = Vec::new();
        let mut places = Vec::with_capacity(Application::FIELDS.len());
        for field in Application::FIELDS {
            let mut found = plain.iter().enumerate().filter(|(_, name)| **name == field.ja).map(|(index, _)| index);
            places.push(found.next());
            if let Some(again) = found.next() {
                let ja = format!("「{}」列が2つあります（{}列目にも）", field.ja, again + 1);
                let en = format!("column `{}` stands twice, again as column {}", field.ja, again + 1);
                findings.push(codes::DUPLICATE_COLUMN.finding(ja, en).on(field).at_line(1));
            }
        }
        if places.iter().all(Option::is_none) {
            let ja = "1行目に申込の列名が1つもありません。見出し行がないようです";
            return Err(vec![
                codes::NO_HEADER.finding(ja, "the first row names no column of an application").at_line(1),
            ]);
        }
        for (field, place) in Application::FIELDS.iter().zip(&places) {
            if place.is_none() && field.occurs == Occurs::Once {
                let ja = format!("必須の列「{}」がありません", field.ja);
                let finding = codes::MISSING_COLUMN.finding(ja, format!("required column `{}` is missing", field.ja));
                findings.push(finding.on(field).at_line(1));
            }
        }
        if findings.is_empty() { Ok(Columns { names, places }) } else { Err(findings) }
    }

    /// The names of all columns, in the order of the file.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The column of a field of [`Application`], by the field's place in its declaration.
    pub(super) fn place(&self, field: usize) -> Option<usize> {
        self.places.get(field).copied().flatten()
    }
}

fn plain(name: &str) -> String {
    folded(name, FoldingSteps::NONE.with(FoldingStep::Width).with(FoldingStep::Whitespace))
}

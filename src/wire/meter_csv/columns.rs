//! 列: which columns the CSV has, and where they stand in a file.

use crate::items::{FoldingStep, FoldingSteps, Item, folded};
use crate::messages::{Field, Kind, Occurs};
use crate::rules::{Finding, codes};

const fn field(key: &'static str, ja: &'static str, en: &'static str, kind: Kind, occurs: Occurs) -> Field {
    Field { key, ja, en, item: None, kind, occurs }
}

/// The columns: 供給地点特定番号, 年月日, コマ, 管理番号, 電力量kWh, 提供可否, 区分, 版.
pub static READING_COLUMNS: [Field; 8] = [
    Field {
        key: "point",
        ja: "供給地点特定番号",
        en: "supply point id",
        item: Some(Item::SupplyPointId),
        kind: Kind::Digits { len: 22 },
        occurs: Occurs::Once,
    },
    field("date", "年月日", "date", Kind::Date, Occurs::Once),
    field("slot", "コマ", "slot", Kind::Decimal { decimals: 0 }, Occurs::Once),
    field("control", "管理番号", "control number", Kind::Text { max: 16 }, Occurs::Optional),
    field("energy", "電力量kWh", "energy in kWh", Kind::Decimal { decimals: 4 }, Occurs::Once),
    field("availability", "提供可否", "availability", Kind::Digits { len: 1 }, Occurs::Optional),
    field("status", "区分", "status", Kind::Text { max: 4 }, Occurs::Optional),
    field("revision", "版", "revision", Kind::Decimal { decimals: 0 }, Occurs::Optional),
];

/// The columns that meter data is written with: a file of an operator has its revision in its name.
pub(super) fn written() -> impl Iterator<Item = &'static Field> {
    READING_COLUMNS.iter().filter(|field| field.key != "revision")
}

/// Where the columns stand in a file, and how many cells a row has.
pub(super) struct Columns {
    places: [Option<usize>; 8],
    pub(super) width: usize,
}

impl Columns {
    /// Finds the columns in the header row.
    pub(super) fn read(header: &csv::StringRecord) -> Result<Columns, Vec<Finding>> {
        let steps = FoldingSteps::NONE.with(FoldingStep::Width).with(FoldingStep::Whitespace);
        let names: Vec<String> = header.iter().map(|name| folded(name.trim(), steps)).collect();
        let mut places = [None; 8];
        let mut findings = Vec::new();
        for (field, place) in READING_COLUMNS.iter().zip(&mut places) {
            let mut found = names.iter().enumerate().filter(|(_, name)| **name == field.ja).map(|(index, _)| index);
            *place = found.next();
            if let Some(again) = found.next() {
                let ja = format!("「{}」列が2つあります（{}列目にも）", field.ja, again + 1);
                let en = format!("column `{}` stands twice, again as column {}", field.ja, again + 1);
                findings.push(codes::DUPLICATE_COLUMN.finding(ja, en).on(field).at_line(1));
            }
            if place.is_none() && field.occurs == Occurs::Once {
                let ja = format!("必須の列「{}」がありません", field.ja);
                let finding = codes::MISSING_COLUMN.finding(ja, format!("required column `{}` is missing", field.ja));
                findings.push(finding.on(field).at_line(1));
            }
        }
        if places.iter().all(Option::is_none) {
            let ja = "1行目に計量値の列名が1つもありません。見出し行がないようです";
            return Err(vec![codes::NO_HEADER.finding(ja, "the first row names no column of readings").at_line(1)]);
        }
        if findings.is_empty() { Ok(Columns { places, width: header.len() }) } else { Err(findings) }
    }

    /// The cells of a row by the order of [`READING_COLUMNS`], without the blanks around them.
    pub(super) fn cells<'r>(&self, record: &'r csv::StringRecord) -> [&'r str; 8] {
        self.places.map(|place| place.and_then(|place| record.get(place)).unwrap_or_default().trim())
    }
}

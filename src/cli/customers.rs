//! 契約者台帳: our own customers, for judging incoming cancellation agencies.

use super::Failure;
use crate::desk::{Contract, Register};
use crate::items::{CustomerName, ItemError, RetailContractNumber, SupplyPointId};
use crate::store::cause_ja;
use crate::wire::{Lines, charset};
use std::path::Path;

/// The columns, by what they are for.
const COLUMNS: [&str; 5] = ["供給地点特定番号", "契約番号", "契約名義", "住所", "建物名"];

/// Reads a register: CSV in CP932 or UTF-8 with a header row; 建物名 may be missing.
pub fn read(path: &Path) -> Result<Register, Failure> {
    let file = path.display();
    let failed = |text: String| Failure::usage(format!("契約者台帳「{file}」: {text}"));
    let bytes = std::fs::read(path).map_err(|error| {
        let why = error.kind();
        failed(format!("読めません（{}） / cannot be read: {why}", cause_ja(why)))
    })?;
    let (_, text, _) = charset::read(&bytes).map_err(|error| failed(error.to_string()))?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| failed(error.to_string()))?.clone();
    let place = |name: &str| header.iter().position(|column| column == name);
    let missing: Vec<_> = COLUMNS.iter().take(4).filter(|name| place(name).is_none()).copied().collect();
    if !missing.is_empty() {
        return Err(failed(format!("列「{}」がありません / missing columns", missing.join("」「"))));
    }
    let (mut register, mut lines) = (Register::new(), Lines::new(text.as_bytes()));
    for row in reader.records() {
        let row = row.map_err(|error| failed(format!("CSVとして読めません / not CSV: {error}")))?;
        let line = lines.of(row.position());
        let cell = |name: &str| place(name).and_then(|index| row.get(index)).unwrap_or_default();
        let [point, number, name, address, building] = COLUMNS.map(cell);
        let at = |error: ItemError| failed(format!("{line}行目: {} / line {line}: {}", error.ja(), error.en()));
        let contract = Contract {
            number: RetailContractNumber::parse(number).map_err(at)?,
            name: CustomerName::parse(name).map_err(at)?,
            address: address.to_owned(),
            building: building.to_owned(),
        };
        if register.insert(SupplyPointId::parse(point).map_err(at)?, contract).is_some() {
            return Err(failed(format!("{line}行目の供給地点は既にあります / line {line}: the point stands twice")));
        }
    }
    if register.is_empty() {
        // Judged by an empty register, every customer would be answered with NG.
        return Err(failed("契約者が1件もありません / it has no customer".to_owned()));
    }
    Ok(register)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_row_is_named_with_its_line_whatever_ends_it() {
        let text = "供給地点特定番号,契約番号,契約名義,住所\n\n0300111122223333444455,A-1,見本 太郎,東京都架空区1\n03,A-2,見本 花子,東京都架空区2\n";
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("customers.csv");
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            std::fs::write(&path, text).unwrap();
            let said = read(&path).unwrap_err().to_string();
            assert!(said.contains("4行目") && said.contains("line 4"), "{said}");
        }
    }
}

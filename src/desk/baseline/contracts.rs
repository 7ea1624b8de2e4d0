//! 契約一覧: which retailer supplies each point, read from a CSV.

use crate::items::{BusinessCode, ItemError, SupplyPointId, parse_date};
use crate::notice::RetailerRegister;
use crate::rules::{Finding, codes};
use crate::wire::{Lines, charset};

const POINT: &str = "供給地点特定番号";
const RETAILER: &str = "小売電気事業者コード";
const FROM: &str = "開始日";
const UNTIL: &str = "終了日";

/// So many wrong lines are listed; whoever has more has another file.
const LISTED: usize = 20;

/// Reads a list of contracts: a CSV in CP932 or UTF-8 with the columns 供給地点特定番号 and 小売電気事業者コード, and where
/// they are needed 開始日 and 終了日, the first and the last day of supply. A point may have several lines whose days do not
/// overlap. One wrong line refuses the whole list: a point that is missing by mistake would be refused, too.
pub fn read_contracts(octets: &[u8]) -> Result<RetailerRegister, Vec<Finding>> {
    let wrong = |ja: String, en: String| vec![codes::CONTRACT_LIST.finding(ja, en)];
    let (_, text, _) = charset::read(octets).map_err(|error| wrong(error.ja(), error.en()))?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let place = |name: &str| header.iter().position(|column| column == name);
    let missing: Vec<_> = [POINT, RETAILER].into_iter().filter(|name| place(name).is_none()).collect();
    if !missing.is_empty() {
        let names = missing.join("」「");
        return Err(wrong(format!("列「{names}」がありません"), format!("columns are missing: {names}")));
    }
    let mut register = RetailerRegister::new();
    let (mut findings, mut lines) = (Vec::new(), Lines::new(text.as_bytes()));
    let mut record = csv::StringRecord::new();
    while findings.len() < LISTED {
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) if record.iter().all(str::is_empty) => continue,
            Ok(true) => {}
            Err(error) => {
                let line = lines.of(error.position());
                findings.push(codes::CONTRACT_LIST.finding("CSVとして読めません", "this is not CSV").at_line(line));
                break;
            }
        }
        let line = lines.of(record.position());
        let cell = |name: &str| place(name).and_then(|index| record.get(index)).unwrap_or_default();
        if let Err(finding) = enter(&mut register, [POINT, RETAILER, FROM, UNTIL].map(cell)) {
            findings.push((*finding).at_line(line));
        }
    }
    if findings.is_empty() && register.is_empty() {
        findings = wrong("契約が1件もありません".to_owned(), "it has no contract".to_owned());
    }
    if findings.is_empty() { Ok(register) } else { Err(findings) }
}

fn enter(register: &mut RetailerRegister, [point, retailer, from, until]: [&str; 4]) -> Result<(), Box<Finding>> {
    let wrong = |column: &'static str, ja: String, en: String| {
        let mut finding = codes::CONTRACT_LIST.finding(ja, en);
        finding.place.column = Some(column.into());
        Box::new(finding)
    };
    let item = |column: &'static str| move |error: ItemError| wrong(column, error.ja(), error.en());
    let day = |column: &'static str, text: &str| match text {
        "" => Ok(None),
        text => parse_date(text).map(Some).map_err(item(column)),
    };
    let point = SupplyPointId::parse(point).map_err(item(POINT))?;
    let retailer = BusinessCode::parse(retailer).map_err(item(RETAILER))?;
    let (from, until) = (day(FROM, from)?, day(UNTIL, until)?);
    if from.zip(until).is_some_and(|(from, until)| until < from) {
        let ja = "終了日が開始日より前です".to_owned();
        return Err(wrong(UNTIL, ja, "the last day is before the first".to_owned()));
    }
    let overlap = |_| {
        let ja = "同じ供給地点の契約期間が重なっています".to_owned();
        wrong(FROM, ja, "supplies of one point overlap".to_owned())
    };
    register.add(point, retailer, from, until).map_err(overlap)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "0300111122223333444455";

    #[test]
    fn contracts_are_read_in_either_charset() {
        let text = format!(
            "小売電気事業者コード,供給地点特定番号,開始日,終了日\r\n40113,{ONE},,2026/8/31\r\n40123,{ONE},2026-09-01,\r\n"
        );
        for octets in [text.as_bytes().to_vec(), encoding_rs::SHIFT_JIS.encode(&text).0.into_owned()] {
            let register = read_contracts(&octets).unwrap();
            let of = |day: &str| {
                register.retailer_of(SupplyPointId::parse(ONE).unwrap(), day.parse().unwrap()).unwrap().to_string()
            };
            assert_eq!([of("2026-08-31"), of("2026-09-01")], ["40113", "40123"]);
        }
    }

    #[test]
    fn every_wrong_line_is_named() {
        let found = |rows: &str| {
            let text = format!("供給地点特定番号,小売電気事業者コード,開始日,終了日\n{rows}");
            let findings = read_contracts(text.as_bytes()).unwrap_err();
            assert_eq!(
                read_contracts(text.replace('\n', "\r\n").as_bytes()).unwrap_err(),
                findings,
                "as Windows ends lines"
            );
            let place = |finding: &Finding| {
                assert_eq!(finding.code, "OC1155");
                (finding.place.line, finding.place.column.clone().unwrap_or_default().into_owned())
            };
            findings.iter().map(place).collect::<Vec<_>>()
        };
        let rows = format!("123,40113,,\n{ONE},4011,,\n{ONE},40113,2026-13-01,\n{ONE},40113,2026-04-02,2026-04-01\n");
        let at = |line, column: &str| (Some(line), column.to_owned());
        assert_eq!(found(&rows), [at(2, POINT), at(3, RETAILER), at(4, FROM), at(5, UNTIL)]);
        assert_eq!(found(&format!("{ONE},40113,,\n{ONE},40123,,\n")), [at(3, FROM)]);
        assert_eq!(found(""), [(None, String::new())]);
        let missing = read_contracts("供給地点特定番号\n".as_bytes()).unwrap_err();
        assert!(missing[0].ja.contains(RETAILER), "{missing:?}");
    }
}

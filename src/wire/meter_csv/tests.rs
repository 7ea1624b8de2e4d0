use super::*;
use crate::items::{Date, Energy, Slot, SupplyPointId};
use crate::messages::metering::{Availability, HalfHourly, ReadingStatus, Rows};
use crate::rules::Finding;
use crate::wire::Charset;

/// Line, point, date, slot, control number, energy, availability, status.
type Row = (u64, String, Date, u8, String, Option<i64>, u8, Option<ReadingStatus>);

#[derive(Default)]
struct Taken {
    rows: Vec<Row>,
    findings: Vec<Finding>,
}

impl ReadingsSink for Taken {
    fn reading(&mut self, one: Reading<'_>) {
        self.rows.push((
            one.line,
            one.point.as_str().to_owned(),
            one.date,
            one.slot.number(),
            one.control_number.to_owned(),
            one.energy.map(Energy::ten_thousandths),
            one.availability.digit(),
            one.status,
        ));
    }
    fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

const HEADER: &str = "供給地点特定番号,年月日,コマ,管理番号,電力量kWh,提供可否,区分";
const POINT: &str = "0300110000000000000001";

fn take(text: &str) -> Taken {
    let mut taken = Taken::default();
    read(text.as_bytes(), &mut taken).unwrap();
    taken
}

#[test]
fn four_columns_are_enough_and_any_order_is_read() {
    let text = format!(
        "電力量kWh,コマ,年月日,供給地点特定番号,備考\r\n1.25,48,2026/11/21,{POINT},x\r\n,1,20261121,{POINT},\r\n"
    );
    let taken = take(&text);
    assert!(taken.findings.is_empty());
    let date = jiff::civil::date(2026, 11, 21);
    let of = |line, slot, energy, flag| (line, POINT.to_owned(), date, slot, String::new(), energy, flag, None);
    assert_eq!(taken.rows, [of(2, 48, Some(12_500), 0), of(3, 1, None, 1)]);
    // A header in full width, a byte order mark, CP932.
    let mut octets = Vec::new();
    Charset::Cp932.encode(&text.replace("kWh", "ｋＷｈ"), &mut octets).unwrap();
    for octets in [octets, [b"\xEF\xBB\xBF", text.as_bytes()].concat()] {
        let mut again = Taken::default();
        read(&octets[..], &mut again).unwrap();
        assert_eq!(again.rows, taken.rows);
    }
}

#[test]
fn one_wrong_cell_gives_one_finding_and_the_other_rows_are_read() {
    let good = format!("{POINT},2026-11-21,1,01,1,0,確報");
    let codes_of = |row: &str| {
        let text = format!("{}\r\n{row}\r\n{good}\r\n", HEADER);
        let taken = take(&text);
        assert_eq!(taken.rows.len(), 1, "{row}");
        assert!(taken.findings.iter().all(|finding| finding.place.line == Some(2)));
        taken.findings.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    for (row, code) in [
        (good.replacen(POINT, "030011", 1), "OC0202"),
        (good.replacen(POINT, "3.00112E+20", 1), "OC0204"),
        (good.replacen("2026-11-21", "2026-11-31", 1), "OC0207"),
        (good.replacen(",1,01", ",0,01", 1), "OC1105"),
        (good.replacen(",1,01", ",49,01", 1), "OC1105"),
        (good.replacen(",01,", ",12345678901234567,", 1), "OC0211"),
        (good.replacen(",1,0,", ",1.00001,0,", 1), "OC0210"),
        (good.replacen(",1,0,", ",1e3,0,", 1), "OC0206"),
        (good.replacen(",1,0,", ",,0,", 1), "OC0201"),
        (good.replacen(",1,0,", ",1,1,", 1), "OC0209"),
        (good.replacen(",1,0,", ",,10,", 1), "OC0209"),
        (good.replacen("確報", "暫定", 1), "OC0209"),
        (good.replacen(",確報", "", 1), "OC0109"),
    ] {
        assert_eq!(codes_of(&row), [code], "{row}");
    }
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let code = |octets: &[u8]| read(octets, &mut Taken::default()).unwrap_err()[0].code;
    assert_eq!(code(b""), "OC0101");
    assert_eq!(code("氏名,住所\r\n".as_bytes()), "OC0103");
    assert_eq!(code("供給地点特定番号,年月日,コマ\r\n".as_bytes()), "OC0104");
    assert_eq!(code("供給地点特定番号,年月日,コマ,電力量kWh,コマ\r\n".as_bytes()), "OC0105");
    assert_eq!(code(b"\xFF\xFEa\0"), "OC0102");
    assert_eq!(code(b"\x82,\xA0\xFF"), "OC0106");
}

#[test]
fn what_is_written_is_read_again() {
    let mut rows = HalfHourly::default();
    for (slot, energy, flag, control) in [(1, 12_345, 0, ""), (2, 0, 0, "1,2"), (48, 0, 3, "計\"器")] {
        rows.points.push(SupplyPointId::parse(POINT).unwrap());
        rows.slots.push(Slot::new(slot).unwrap());
        rows.energies.push(Energy::from_ten_thousandths(energy));
        rows.availability.push(Availability::new(flag).unwrap());
        rows.control_numbers.push(control);
        rows.customer_ids.push("");
        rows.customer_names.push("");
    }
    let date = jiff::civil::date(2026, 11, 21);
    for charset in [Charset::Cp932, Charset::Utf8] {
        let mut out = CsvWriter::header(charset);
        let writer = CsvWriter::of(charset, Some(date), ReadingStatus::Daily);
        writer.rows(Rows::HalfHourly(&rows), &mut out).unwrap();
        let mut taken = Taken::default();
        read(&out[..], &mut taken).unwrap();
        assert!(taken.findings.is_empty());
        let of = |line, slot, control: &str, energy, flag| {
            (line, POINT.to_owned(), date, slot, control.to_owned(), energy, flag, Some(ReadingStatus::Daily))
        };
        let expected = [of(2, 1, "", Some(12_345), 0), of(3, 2, "1,2", Some(0), 0), of(4, 48, "計\"器", None, 3)];
        assert_eq!(taken.rows, expected);
    }
    rows.control_numbers.clear();
    (0..3).for_each(|_| assert!(rows.control_numbers.push("鷗\u{1F600}")));
    let writer = CsvWriter::of(Charset::Cp932, Some(date), ReadingStatus::Daily);
    assert!(writer.rows(Rows::HalfHourly(&rows), &mut Vec::new()).is_err());
}

//! Reading meter data: every message, every leniency, every bad input, by every way of reading.

#[path = "../../benches/metering/generate.rs"]
pub(crate) mod generate;

use crate::metering_ways::{Kept, assert_same, outcome, read_by_every_way};
use generate::{Spec, document};
use occto::items::Code;
use occto::messages::metering::{MeteringKind, MeteringShape};
use occto::rules::Finding;
use occto::wire::archive::{self, Archive, ArchiveError, ArchiveErrorKind, ArchiveLimits};
use occto::wire::cii::{CiiError, ReadSettings, Tally, read_ahead, read_ahead_checked, read_from};
use std::io::Cursor;

fn all_ways(octets: &[u8], settings: &ReadSettings) -> (Result<Tally, &'static str>, Kept) {
    read_by_every_way(octets, settings, &[1, 7, 4096, 3, 50, 200], true)
}

fn both(octets: &[u8]) -> (Tally, Kept) {
    let (tally, kept) = all_ways(octets, &ReadSettings::default());
    (tally.unwrap(), kept)
}

#[test]
fn every_message_is_read_in_every_dress() {
    for kind in MeteringKind::ALL {
        let plain = Spec { span: 3, controls: 2, ..Spec::new(*kind, 5) };
        let (_, expected) = both(&document(&plain));
        for spec in [
            plain.clone(),
            Spec { pretty: true, ..plain.clone() },
            Spec { prefix: "cii:", ..plain.clone() },
            Spec { prefix: "n:", pretty: true, ..plain.clone() },
        ] {
            let (tally, kept) = both(&document(&spec));
            assert_eq!(tally.read as usize, spec.rows());
            assert_eq!((tally.rejected, tally.unknown, tally.findings, kept.findings.len()), (0, 0, 0, 0));
            assert_same(&expected, &kept);
            let header = kept.header.unwrap();
            assert_eq!((header.kind, header.sender.to_string().as_str()), (*kind, "10033"));
            assert_eq!(header.slot.is_some(), kind.shape() == MeteringShape::Slot);
            assert_eq!(header.date.is_none(), kind.shape() == MeteringShape::Month);
        }
    }
}

/// A small file of a message, and its octets as text.
fn small(kind: MeteringKind) -> String {
    let spec = Spec { span: 2, ..Spec::new(kind, 6) };
    String::from_utf8(document(&spec)).unwrap()
}

/// One thing is changed in a small file: so many rows are rejected, and only these codes are found.
fn one_change(kind: MeteringKind, from: &str, to: &str, rejected: u64, codes: &[&str]) -> Kept {
    let text = small(kind);
    let at = text.match_indices(from).nth(3).or(text.match_indices(from).next()).expect("it is there").0;
    let changed = format!("{}{to}{}", &text[..at], &text[at + from.len()..]);
    let (tally, kept) = both(changed.as_bytes());
    let found: Vec<_> = kept.findings.iter().map(|finding| finding.code).collect();
    assert_eq!((tally.rejected, found.as_slice()), (rejected, codes), "{from} → {to}");
    let before = both(text.as_bytes()).0;
    assert_eq!(tally.read + tally.rejected, before.read + before.rejected, "{from} → {to}");
    kept
}

#[test]
fn one_wrong_value_costs_one_row_and_is_found_at_its_place() {
    use MeteringKind::{LowDay, LowMonth};
    let point = "JP06400>";
    for (from, to, rejected, code) in [
        ("<JP06400>030", "<JP06400>03", 1, "OC1021"),
        ("<JP06400>030", "<JP06400>0300", 1, "OC1021"),
        ("<JP06400>030", "<JP06400>110", 1, "OC1021"),
        ("<JP06122>0<", "<JP06122>x<", 0, "OC1027"),
        ("<JP06122>0<", "<JP06122><", 0, "OC1027"),
        ("<JP06125>", "<JP06125>-", 1, "OC1026"),
        ("<JP06125>", "<JP06125>1e", 1, "OC1024"),
        ("<JP06125>", "<JP06125>1000000000000", 1, "OC1024"),
        ("</JP06125>", "99999</JP06125>", 1, "OC1025"),
        ("</JP06121>", "</JP06121><JP06121>002</JP06121>", 1, "OC1029"),
        ("<JP06119>", "<JP06119>&#2;", 1, "OC1013"),
        ("<JP06119>", "<JP06119>\u{1}", 1, "OC1013"),
        ("<JP06119>", "<JP06119>&nbsp;", 1, "OC1011"),
        ("<JP06119>", "<JP06119>&", 1, "OC1011"),
        ("<JP06119>", "<JP06119>& ", 1, "OC1011"),
    ] {
        let kept = one_change(LowDay, from, to, rejected, &[code]);
        let place = &kept.findings[0].place;
        assert!(place.byte.is_some() && place.line == Some(4), "{to}: {place:?}");
        assert!(kept.findings[0].ja.contains('…'), "the point is masked: {}", kept.findings[0].ja);
    }
    let text = small(LowDay);
    let digits: Vec<&str> = text.split(point).skip(1).step_by(2).map(|rest| &rest[..22]).collect();
    let (_, kept) = both(text.replacen("<JP06125>", "<JP06125>x", 3).as_bytes());
    for finding in &kept.findings {
        assert!(!digits.iter().any(|point| finding.ja.contains(point) || finding.en.contains(point)));
    }
    for (from, to, rejected, code) in [
        ("<JP06424>", "<JP06424>-", 1, "OC1026"),
        ("<JP06219>04", "<JP06219>00", 1, "OC1022"),
        ("<JP06219>04", "<JP06219>49", 1, "OC1022"),
        ("<JP06423>20260412", "<JP06423>20260431", 48, "OC1023"),
        ("<JP06404>1", "<JP06404>3", 96, "OC1034"),
        ("<JP06400>030", "<JP06400>03", 96, "OC1021"),
        ("<JP06446>2026", "<JP06446>x", 0, "OC1035"),
        ("<JP06405>0", "<JP06405>?", 0, "OC1027"),
    ] {
        let kept = if rejected == 48 {
            let text = small(LowMonth).replacen(from, to, 1);
            both(text.as_bytes()).1
        } else {
            one_change(LowMonth, from, to, rejected, &[code])
        };
        assert!(kept.findings.iter().all(|finding| finding.code == code), "{to}");
    }
}

#[test]
fn a_bad_slot_costs_its_rows_and_no_other() {
    for slot in ["00", "0", "49", "x", ""] {
        let text = small(MeteringKind::LowDay).replacen("<JP06219>02", &format!("<JP06219>{slot}"), 1);
        let (tally, kept) = both(text.as_bytes());
        assert_eq!((tally.read, tally.rejected, tally.findings), (6, 6, 7), "{slot}");
        assert!(kept.findings.iter().all(|finding| finding.code == "OC1022"));
    }
    let text = small(MeteringKind::LowDay).replacen("<JP06219>02", "<JP06219>2", 1);
    assert_eq!(both(text.as_bytes()).0.read, 12);
}

#[test]
fn what_is_missing_is_not_zero() {
    let text = small(MeteringKind::LowSlot);
    let (before, _) = both(text.as_bytes());
    let (tally, kept) = both(text.replacen("<JP06122>0", "<JP06122>1", 1).as_bytes());
    assert_eq!((tally.missing, tally.rejected, tally.read), (before.missing + 1, 0, before.read));
    assert!(kept.rows.iter().any(|row| row.3 == 1));
    // Without a value, a row that is said to be given is not taken.
    let at = text.find("<JP06125>").unwrap();
    let end = at + text[at..].find("</JP06125>").unwrap() + 10;
    let (tally, kept) = both([&text[..at], &text[end..]].concat().as_bytes());
    assert_eq!((tally.rejected, kept.findings[0].code), (1, "OC1028"));
    let text = small(MeteringKind::LowMonth);
    let (tally, kept) = both(text.replacen("<JP06405>0", "<JP06405>1", 1).as_bytes());
    assert_eq!((tally.bills_missing, tally.missing, tally.read, kept.findings.len()), (1, 96, 576, 0));
    // 提供可否 = 1 without its details.
    let (from, to) = (text.find("<JP06426>").unwrap(), text.find("</JPM00013>").unwrap() + 11);
    let shorter = [&text[..from], &text[to..]].concat().replacen("<JP06405>0", "<JP06405>1", 1);
    let (tally, kept) = both(shorter.as_bytes());
    assert_eq!((tally.bills_read, tally.bills_missing, tally.read, kept.findings.len()), (6, 1, 480, 0));
}

#[test]
fn every_leniency_is_read_as_the_plain_file() {
    let text = small(MeteringKind::LowDay);
    let (_, expected) = both(text.as_bytes());
    for (what, other) in [
        ("an empty element", text.replace("<JP06111>試験送配電</JP06111>", "<JP06111/>")),
        ("comments", text.replace("<JPMR00011>", "<!-- <JPMR00011> --><JPMR00011>")),
        ("instructions", text.replace("</JPMR00011>", "</JPMR00011><?p <a>?>")),
        ("sections", text.replace("<JP06121>001<", "<JP06121><![CDATA[0]]>0<![CDATA[1]]><")),
        ("references", text.replace("<JP06121>001<", "<JP06121>0&#48;&#x31;<")),
        ("blanks", text.replace("<JP06122>", "<JP06122>\r\n ").replace("</JP06125>", " </JP06125>")),
        ("attributes", text.replace("<JPMR00011>", "<JPMR00011 SEQ='1>'>")),
        ("blanks in tags", text.replace("<JPMR00011>", "<JPMR00011 >").replace("</JPMR00011>", "</JPMR00011\n>")),
        ("a mark", format!("\u{FEFF}{text}")),
        ("a namespace", text.replace("<SBD-MSG ", "<SBD-MSG xmlns='urn:x' ")),
        ("no declaration", text.split_once("\r\n").unwrap().1.to_owned()),
    ] {
        let (tally, mut kept) = both(other.as_bytes());
        // Read all the same, and said once, with the first place and how many there are.
        let is_rare = ["comments", "instructions", "sections"].contains(&what);
        let said: Vec<_> = kept.findings.iter().map(|finding| (finding.code, finding.place.byte.is_some())).collect();
        assert_eq!(
            (tally.rejected, said.as_slice()),
            (0, if is_rare { &[("OC1038", true)] } else { &[][..] }),
            "{what}"
        );
        assert!(!kept.findings.iter().any(Finding::is_error));
        kept.findings.clear();
        if let Some(header) = &mut kept.header {
            header.sender_name = Some("試験送配電".to_owned());
        }
        assert_same(&expected, &kept);
    }
    let empty = text.replace("<JP06120>", "<JP06120/><!--").replace("</JP06120>", "-->");
    assert!(both(empty.as_bytes()).1.rows.iter().all(|row| row.6.is_empty()));
    let from = text.find("<JPM00011>").unwrap();
    let to = text.find("</JPM00011>").unwrap() + 11;
    assert_eq!(both([&text[..from], &text[to..]].concat().as_bytes()).0.read, 6, "a slot without rows");
    let (from, to) = (text.find("<JPM00010>").unwrap(), text.find("</JPM00010>").unwrap() + 11);
    assert_eq!(both([&text[..from], &text[to..]].concat().as_bytes()).0.read, 0, "no rows at all");
}

#[test]
fn unknown_elements_are_counted_once_by_name() {
    let text = small(MeteringKind::LowDay);
    let other =
        text.replace("<JP06122>", "<JP06124>7<a/></JP06124><JP06122>").replace("<JP06116>", "<X y=''/><JP06116>");
    let (tally, kept) = both(other.as_bytes());
    assert_eq!((tally.read, tally.unknown, kept.findings.len()), (12, 13, 2));
    assert!(kept.findings[1].ja.contains("12件") && kept.findings[1].ja.contains("JP06124"), "{}", kept.findings[1]);
    let (_, stray) = both(text.replacen("<JPMR00011>", "stray<JPMR00011>", 1).as_bytes());
    assert_eq!(stray.findings[0].code, "OC1020");
}

#[test]
fn a_row_that_is_there_twice_is_taken_once() {
    let text = small(MeteringKind::LowDay);
    let from = text.find("<JPMR00011>").unwrap();
    let to = text.find("</JPMR00011>").unwrap() + 12;
    let row = &text[from..to];
    for (place, row, code) in [
        (to, row.to_owned(), "OC1031"),
        (text.find("</JPM00011>").unwrap(), row.to_owned(), "OC1031"),
        (text.find("</JPM00011>").unwrap(), row.replace("<JP06125>", "<JP06125>9"), "OC1032"),
        (text.find("</JPM00011>").unwrap(), row.replace("<JP06122>0", "<JP06122>1"), "OC1032"),
    ] {
        let (tally, kept) = both([&text[..place], &row, &text[place..]].concat().as_bytes());
        assert_eq!((tally.read, tally.rejected, kept.findings[0].code), (12, 1, code));
    }
    let other = row.replace("<JP06121>001", "<JP06121>002");
    assert_eq!(both([&text[..to], &other, &text[to..]].concat().as_bytes()).0.read, 13, "another control number");
    let text = small(MeteringKind::LowMonth);
    let half_hour = text.find("</JPMR00014>").unwrap() + 12;
    let from = text.find("<JPMR00014>").unwrap();
    let (tally, kept) = both([&text[..half_hour], &text[from..half_hour], &text[half_hour..]].concat().as_bytes());
    assert_eq!((tally.rejected, kept.findings[0].code), (1, "OC1031"));
    let (from, to) = (text.find("<JPMR00010>").unwrap(), text.find("</JPMR00010>").unwrap() + 12);
    let (tally, kept) = both([&text[..to], &text[from..to], &text[to..]].concat().as_bytes());
    assert_eq!((tally.bills_rejected, tally.rejected, kept.findings[0].code), (1, 96, "OC1031"));
}

#[test]
fn octets_that_are_no_utf_8_cost_their_row() {
    let text = small(MeteringKind::LowSlot);
    let name = text.find("<JP06120>").unwrap() + 9;
    let end = name + text[name..].find('<').unwrap();
    let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode(&text[name..end]);
    for octets in [&cp932[..], b"\xFF", b"\xE3\x81", b"\xED\xA0\x80", b"\xE0\x80\x80"] {
        let changed = [&text.as_bytes()[..name], octets, &text.as_bytes()[end..]].concat();
        let (tally, kept) = both(&changed);
        assert_eq!((tally.read, tally.rejected, kept.findings.len()), (5, 1, 1));
        let finding = &kept.findings[0];
        assert_eq!((finding.code, finding.place.byte), ("OC1012", Some(name as u64)));
    }
    // In every row, and in tags and comments.
    let all = text.replace("<JP06120>", "<JP06120>\u{7}").into_bytes();
    let all: Vec<u8> = all.into_iter().map(|octet| if octet == 7 { 0x8D } else { octet }).collect();
    assert_eq!(both(&all).0.rejected, 6);
    let _ = all_ways(
        &[&text.as_bytes()[..name], b"<\xFF/><!-- \xFF -->", &text.as_bytes()[name..]].concat(),
        &ReadSettings::default(),
    );
}

#[test]
fn a_dtd_is_passed_over_and_its_entities_are_not_known() {
    let text = small(MeteringKind::LowSlot);
    let dtd = "<!DOCTYPE SBD-MSG [<!ENTITY x \"1\"> <!ENTITY y SYSTEM \"file:///etc/passwd\">]>";
    let text = text.replacen("<SBD-MSG", &format!("{dtd}<SBD-MSG"), 1).replacen("<JP06125>", "<JP06125>&x;", 1);
    let (tally, kept) = both(text.as_bytes());
    assert_eq!((tally.read, tally.rejected), (5, 1));
    assert_eq!(kept.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["OC1010", "OC1011"]);
}

#[test]
fn the_head_is_held_against_the_envelope() {
    let text = small(MeteringKind::LowDay);
    for (from, to, code) in [
        ("MSGID=\"1120\"", "MSGID=\"1110\"", "OC1015"),
        ("<JPC14>1120", "<JPC14>0120", "OC1015"),
        ("<JPC11>W4", "<JPC11>W5", "OC1015"),
        ("<JPC06>10033", "<JPC06>10044", "OC1015"),
        ("<JPC09>40113", "<JPC09>40123", "OC1015"),
        ("<JPC19>2604", "<JPC19>2613", "OC1015"),
        ("BPIDVER=\"3A\"", "BPIDVER=\"3B\"", "OC1015"),
        ("<JP06116>20260401</JP06116>", "<JP06116>20260401</JP06116><JP06116>20260402</JP06116>", "OC1017"),
        ("<JP06116>20260401", "<JP06116>20260431", "OC1016"),
        ("<JP06116>20260401</JP06116>", "", "OC1016"),
        ("encoding=\"UTF-8\"", "encoding=\"Shift_JIS\"", "OC1014"),
        ("<JP06111>", "<JP06111>&zz;", "OC1011"),
        ("</JPTRM>", "</JPTRM><JPTRM><JPM00010><JPMR00010></JPMR00010></JPM00010></JPTRM>", "OC1018"),
        ("</JPM00010>", "</JPM00010><JP06116>20260402</JP06116>", "OC1017"),
    ] {
        let (tally, kept) = both(text.replacen(from, to, 1).as_bytes());
        assert_eq!(tally.read, 12, "{to}");
        assert_eq!(kept.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [code], "{to}");
    }
    for (from, to, code) in [
        ("<JP00002>1120", "<JP00002>1310", "OC1004"),
        ("<SBD-MSG", "<SBD-MSGS", "OC1003"),
        ("<?xml", "PK\u{3}", "OC1002"),
        ("<?xml", "<!DOCTYPE html><html><?xml", "OC1002"),
    ] {
        assert_eq!(all_ways(text.replacen(from, to, 1).as_bytes(), &ReadSettings::default()).0, Err(code), "{to}");
    }
    let no_parties = text.replace("<JP06110>10033", "<JP06110>x").replace("<JPC06>", "<JPC06>y");
    assert_eq!(all_ways(no_parties.as_bytes(), &ReadSettings::default()).0, Err("OC1005"));
    for empty in ["", " \r\n", "\u{FEFF}"] {
        assert_eq!(all_ways(empty.as_bytes(), &ReadSettings::default()).0, Err("OC1001"));
    }
}

#[test]
fn a_file_that_breaks_off_gives_what_came_before() {
    for kind in [MeteringKind::LowDay, MeteringKind::LowMonth] {
        let spec = Spec { span: 2, names: true, ..Spec::new(kind, 2) };
        let octets = document(&spec);
        let (_, whole) = both(&octets);
        let last = octets.len() - "</SBD-MSG>".len();
        let step = if kind == MeteringKind::LowDay { 1 } else { 101 };
        for len in (1..octets.len()).step_by(step) {
            let (got, kept) = all_ways(&octets[..len], &ReadSettings::default());
            let codes: Vec<_> = kept.findings.iter().map(|finding| finding.code).collect();
            match got {
                Ok(tally) => {
                    assert_eq!(codes, ["OC1007"], "{len}");
                    assert!(whole.rows.starts_with(&kept.rows) && whole.half_hours.starts_with(&kept.half_hours));
                    assert_eq!(tally.rejected, 0);
                }
                Err(code) => {
                    assert!(code == "OC1037" && codes == ["OC1007"] || code == "OC1001", "{len} {code} {codes:?}")
                }
            }
            assert!(len < last || kept.rows.len() == whole.rows.len());
        }
    }
}

#[test]
fn what_is_not_well_formed_ends_the_reading_there() {
    let text = small(MeteringKind::LowSlot);
    for (from, to) in [("</JP06119>", "</JP06120>"), ("<JP06121>", "<!x><JP06121>"), ("</JPMR00010>", "")] {
        let at = text.match_indices(from).nth(2).unwrap().0;
        let changed = format!("{}{to}{}", &text[..at], &text[at + from.len()..]);
        let (tally, kept) = both(changed.as_bytes());
        assert_eq!((tally.read, kept.findings[0].code), (2, "OC1008"), "{to}");
    }
    assert_eq!(both(format!("{text}<a/>").as_bytes()).1.findings[0].code, "OC1008");
    assert_eq!(both(format!("{text}\n<!-- end -->\n").as_bytes()).1.findings[0].code, "OC1038");
    let limits = ReadSettings { depth: 9, token: 100, value: 40, ..ReadSettings::default() };
    let deep = text.replacen("<JP06121>", &format!("<JP06121>{}", "<a>".repeat(20)), 1);
    let long = text.replacen("<JP06121>", &format!("<JP06121>{}", "x".repeat(200)), 1);
    let wide = text.replacen("<JP06121>", &format!("<JP06121>{}", "x".repeat(60)), 1);
    let open = text.replacen("<JP06121>", &format!("<!--{}", "x".repeat(200)), 1);
    for (text, code) in [(deep, "OC1009"), (long, "OC1009"), (wide, "OC1030"), (open, "OC1009")] {
        let (got, kept) = all_ways(text.as_bytes(), &limits);
        let codes: Vec<_> = kept.findings.iter().map(|finding| finding.code).collect();
        assert_eq!((got.is_ok(), codes.first()), (true, Some(&code)));
    }
}

#[test]
fn of_many_findings_so_many_are_listed() {
    let spec = Spec::new(MeteringKind::LowSlot, 300);
    let text = String::from_utf8(document(&spec)).unwrap().replace("<JP06400>03", "<JP06400>3");
    let (tally, kept) = both(text.as_bytes());
    assert_eq!((tally.read, tally.rejected, tally.findings), (0, 300, 301));
    assert_eq!(kept.findings.len(), 101);
    assert!(kept.findings[100].ja.contains("200件"), "{}", kept.findings[100]);
}

/// Gives some octets and then fails.
struct Failing<'a>(&'a [u8]);

impl std::io::Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let len = self.0.read(buffer)?;
        if len == 0 { Err(std::io::ErrorKind::UnexpectedEof.into()) } else { Ok(len) }
    }
}

#[test]
fn a_source_that_fails_gives_what_came_before() {
    let text = small(MeteringKind::LowSlot);
    let half = &text.as_bytes()[..text.len() * 2 / 3];
    let (mut streamed, mut ahead) = (Kept::default(), Kept::default());
    let settings = ReadSettings::default();
    assert_eq!(outcome(read_from(Failing(half), &settings, &mut streamed)), Err("OC1006"));
    assert_eq!(outcome(read_ahead(Failing(half), &settings, &mut ahead)), Err("OC1006"));
    assert_same(&streamed, &ahead);
    assert!(streamed.rows.len() > 2);
    // Reading that ends early does not wait for the rest of the source.
    let endless = std::io::Read::chain(&b"<html>"[..], std::io::repeat(b' '));
    assert_eq!(outcome(read_ahead(endless, &settings, &mut Kept::default())), Err("OC1002"));
}

#[test]
fn the_check_sum_of_a_zip_is_held_by_the_thread_that_reads() {
    let text = small(MeteringKind::LowSlot);
    let good = archive::write(Cursor::new(Vec::new()), "W4.xml", text.as_bytes()).unwrap().into_inner();
    let read = |zip: &[u8]| {
        let mut archive = Archive::open(Cursor::new(zip), &ArchiveLimits::default(), None).unwrap();
        let (entry, mut sum) = archive.entry_and_sum().unwrap();
        let mut kept = Kept::default();
        let check = |octets: &[u8]| sum.take(octets);
        (read_ahead_checked(entry, check, &ReadSettings::default(), &mut kept), kept)
    };
    let (tally, expected) = both(text.as_bytes());
    let (got, kept) = read(&good);
    assert_eq!(got.unwrap(), tally);
    assert_same(&expected, &kept);
    // In the header of the entry and in the directory.
    let mut wrong = good.clone();
    let directory = wrong.windows(4).rposition(|octets| octets == b"PK\x01\x02").unwrap();
    [14, directory + 16].into_iter().for_each(|at| wrong[at] ^= 1);
    let (got, kept) = read(&wrong);
    let Err(CiiError::Source(error)) = got else { panic!("{got:?}") };
    assert_eq!(ArchiveError::of(&error).unwrap().kind, ArchiveErrorKind::Damaged);
    assert_eq!(kept.rows.len(), expected.rows.len());
}

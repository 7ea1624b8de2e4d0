//! Whatever stands in a file, every way of reading gives the same: rows, findings and their places.

use crate::metering_read::generate::{Numbers, Spec, document};
use crate::metering_ways::{read_by_every_way, read_without_harm};
use occto::items::Code;
use occto::messages::metering::MeteringKind;
use occto::wire::cii::ReadSettings;
use proptest::prelude::*;

/// Things that files should not hold, and some that they may.
const ODD: &[&[u8]] = &[
    b"<",
    b">",
    b"&",
    b"&amp;",
    b"&#48;",
    b"&x;",
    b"]]>",
    b"<![CDATA[1]]>",
    b"<!-- - -->",
    b"<!--",
    b"<?p?>",
    b"<!DOCTYPE a [<!ENTITY b '>'>]>",
    b"<X/>",
    b"<X>",
    b"</X>",
    b"<JP06121/>",
    b"<JP06121>",
    b"</JP06121>",
    b"<JPMR00010>",
    b"</JPMR00010>",
    b"<JPMR00011>",
    b"</JPMR00011>",
    b"</JPM00014>",
    b"<JPM00014>",
    b"<JP06219>49</JP06219>",
    b"<JP06400>",
    b"\r",
    b"\0",
    b"\xEF\xBB\xBF",
    "名".as_bytes(),
    b"-",
    b".",
    b"0",
    b"99999",
    b" ",
    b" a='>'",
    b"/",
    b"</JPTRM>",
    b"<JPTRM>",
    b"\x80;",
    b"&\x80;",
    b"<\x80>",
    b"<?\xFF?>",
    b"<!--\x82\xA0-->",
    b"\x82\xA0\x95\x5C",
    b"\xE5\x90",
    b"<JP06122>1</JP06122>",
    b"</JPMR00010><JPMR00010>",
    b"<JPM00011/>",
    b"<SBD-MSG>",
    b"\r\n",
];

/// Changes a document here and there.
fn mutate(octets: &mut Vec<u8>, numbers: &mut Numbers, times: u64) {
    for _ in 0..times {
        let at = numbers.below(octets.len() as u64 + 1) as usize;
        let to = (at + numbers.below(60) as usize).min(octets.len());
        match numbers.below(6) {
            0 => {
                octets.drain(at..to);
            }
            1 => {
                let copy = octets[at..to].to_vec();
                let place = numbers.below(octets.len() as u64 + 1) as usize;
                octets.splice(place..place, copy);
            }
            2 => {
                if let Some(octet) = octets.get_mut(at) {
                    *octet = numbers.next() as u8;
                }
            }
            3 => octets.truncate(octets.len() - numbers.below(40).min(octets.len() as u64) as usize),
            _ => {
                let odd = ODD[numbers.below(ODD.len() as u64) as usize];
                octets.splice(at..at, odd.iter().copied());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]
    #[test]
    fn every_way_of_reading_gives_the_same(
        kind in 0usize..6, points in 1usize..9, controls in 1usize..3, dress in 0u8..16, seed in any::<u64>(),
        changes in 0u64..6, pieces in prop::collection::vec(1usize..900, 1..6), narrow in 0u8..4,
    ) {
        let kind = MeteringKind::ALL[kind];
        let spec = Spec {
            span: 2, controls, seed, names: dress & 1 == 0, pretty: dress & 2 != 0, shuffled: dress & 4 != 0,
            prefix: if dress & 8 == 0 { "" } else { "c:" }, ..Spec::new(kind, points)
        };
        let mut octets = document(&spec);
        mutate(&mut octets, &mut Numbers(seed), changes);
        let settings = match narrow {
            0 => ReadSettings { token: 40, value: 12, keys: 3, findings: 2, batch: 3, ..ReadSettings::default() },
            1 => ReadSettings { value: 70, token: 300, days: 1, batch: 1, ..ReadSettings::default() },
            _ => ReadSettings::default(),
        };
        let _ = read_by_every_way(&octets, &settings, &pieces, true);
    }

    #[test]
    fn octets_of_any_kind_are_read_without_harm(octets in prop::collection::vec(any::<u8>(), 0..200), odd in prop::collection::vec(0..ODD.len(), 0..12)) {
        let mut octets = octets;
        odd.iter().for_each(|odd| octets.extend(ODD[*odd]));
        read_without_harm(&octets, &[3, 1], true);
        let root = [&b"<SBD-MSG MSGID='1110'><JPMGRP><JPTRM><JP06110>10033</JP06110><JP06112>40113</JP06112><JPM00010>"[..], &octets].concat();
        read_without_harm(&root, &[3, 1], true);
    }
}

/// Marks stand where a reader that begins anew takes them for the beginning of a document.
#[test]
fn a_mark_behind_octets_that_are_no_utf_8_is_text() {
    for end in ["", "x", "<a/>", "\u{FEFF}", "&"] {
        let octets = [b"<SBD-MSG>", &b"<\"\"\x80>"[..], "\u{FEFF}".as_bytes(), end.as_bytes()].concat();
        read_without_harm(&octets, &[1], true);
    }
}

/// What a fuzzer found worth keeping is read in every test run.
#[test]
fn the_corpus_is_read_the_same_by_every_way() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/metering");
    let mut count = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let octets = std::fs::read(entry.unwrap().path()).unwrap();
        read_without_harm(&octets, &[1, 13, 100], true);
        count += 1;
    }
    assert!(count >= 8, "the corpus is there");
}

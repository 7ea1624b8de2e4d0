//! Whatever stands in a file, every way of reading gives the same: rows, findings and their places.

use crate::metering_read::generate::{Numbers, Spec, document};
use crate::metering_read::{Kept, Pieces, assert_same, outcome};
use occto::items::Code;
use occto::messages::metering::MeteringKind;
use occto::wire::cii::{ReadSettings, read, read_from, read_plainly};
use proptest::prelude::*;

/// Things that files should not hold, and some that they may.
const ODD: &[&str] = &[
    "<",
    ">",
    "&",
    "&amp;",
    "&#48;",
    "&x;",
    "]]>",
    "<![CDATA[1]]>",
    "<!-- - -->",
    "<!--",
    "<?p?>",
    "<!DOCTYPE a [<!ENTITY b '>'>]>",
    "<X/>",
    "<X>",
    "</X>",
    "<JP06121/>",
    "<JP06121>",
    "</JP06121>",
    "<JPMR00010>",
    "</JPMR00010>",
    "<JPMR00011>",
    "</JPMR00011>",
    "</JPM00014>",
    "<JPM00014>",
    "<JP06219>49</JP06219>",
    "<JP06400>",
    "\r",
    "\u{0}",
    "\u{FEFF}",
    "名",
    "-",
    ".",
    "0",
    "99999",
    " ",
    " a='>'",
    "/",
    "</JPTRM>",
    "<JPTRM>",
];

fn same_by_every_way(octets: &[u8], settings: &ReadSettings, pieces: Vec<usize>) {
    let (mut one, mut plain, mut streamed) = (Kept::default(), Kept::default(), Kept::default());
    let got = outcome(read(octets, settings, &mut one));
    assert_eq!(got, outcome(read_plainly(octets, settings, &mut plain)));
    assert_same(&one, &plain);
    assert_eq!(got, outcome(read_from(Pieces(octets, pieces), settings, &mut streamed)));
    assert_same(&one, &streamed);
}

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
                octets.splice(at..at, odd.bytes());
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
        same_by_every_way(&octets, &settings, pieces);
    }

    // Known fault: after `<JPM00010>` the octets 0x80 0x3B end the streamed reading elsewhere than the plain one.
    #[ignore = "a known fault: octets that are no UTF-8 between two tags end two ways of reading at different places"]
    #[test]
    fn octets_of_any_kind_are_read_without_harm(octets in prop::collection::vec(any::<u8>(), 0..200), odd in prop::collection::vec(0..ODD.len(), 0..12)) {
        let mut octets = octets;
        odd.iter().for_each(|odd| octets.extend(ODD[*odd].bytes()));
        same_by_every_way(&octets, &ReadSettings::default(), vec![3, 1]);
        let root = [&b"<SBD-MSG MSGID='1110'><JPMGRP><JPTRM><JP06110>10033</JP06110><JP06112>40113</JP06112><JPM00010>"[..], &octets].concat();
        same_by_every_way(&root, &ReadSettings::default(), vec![3, 1]);
    }
}

/// Marks stand where a reader that begins anew takes them for the beginning of a document.
#[test]
fn a_mark_behind_octets_that_are_no_utf_8_is_text() {
    for end in ["", "x", "<a/>", "\u{FEFF}", "&"] {
        let octets = [b"<SBD-MSG>", &b"<\"\"\x80>"[..], "\u{FEFF}".as_bytes(), end.as_bytes()].concat();
        same_by_every_way(&octets, &ReadSettings::default(), vec![1]);
    }
}

/// What a fuzzer found worth keeping is read in every test run.
#[test]
fn the_corpus_is_read_the_same_by_every_way() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/metering");
    let mut count = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let octets = std::fs::read(entry.unwrap().path()).unwrap();
        same_by_every_way(&octets, &ReadSettings::default(), vec![1, 13, 100]);
        count += 1;
    }
    assert!(count >= 8, "the corpus is there");
}

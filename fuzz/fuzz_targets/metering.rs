//! `cargo fuzz run metering`: every way of reading meter data gives the same rows, findings, places and account. How it is
//! run stands in `fuzz/README.md`.
#![no_main]

#[path = "../../tests/it/metering_ways.rs"]
mod ways;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    // The pieces depend on the octets, so that a fuzzer can move their borders.
    let first = octets.iter().take(3).map(|octet| usize::from(*octet) % 97 + 1);
    let pieces: Vec<usize> = first.chain([7]).collect();
    // A second thread takes longer to begin than all the rest.
    ways::read_without_harm(octets, &pieces, octets.len() % 64 == 0);
});

//! The figure of the ledger: `cargo bench --bench ledger`. Verifying a ledger against hashing the same octets; medians of
//! several rounds, taken in turn.
#![allow(clippy::expect_used, clippy::unwrap_used, missing_docs, reason = "a bench fails by panicking")]

use occto::store::proof::{Verifier, each_exported, exported};
use occto::store::{LedgerLine, Store};
use sha2::{Digest as _, Sha256};
use std::hint::black_box;
use std::time::Instant;

const LINES: u64 = 100_000;
const ROUNDS: usize = 9;

/// A line as a switch start leaves it.
fn entry(number: u64) -> String {
    let items =
        ["name", "address", "telephone", "supply-point-id", "contract-amount", "decision-method", "service-menu"];
    let items: Vec<_> = items
        .iter()
        .map(|item| format!(r#"{{"item":"{item}","basis":"shared-use","manager":"retailer:40113"}}"#))
        .collect();
    format!(
        r#"{{"at":"2026-04-01T09:00:00","verdict":"granted","message":"switch-start","reference":"260401-0a1b-1-{number}-S0","sender":"retailer:40113","recipient":"operator:03","via":"occto","purpose":"consignment-contract","notice":"common-core","items":[{}],"digest":"{number:064x}"}}"#,
        items.join(",")
    )
}

fn milliseconds(act: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    act();
    begun.elapsed().as_secs_f64() * 1000.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().expect("rounds")
}

fn main() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(dir.path()).expect("a store");
    let entries: Vec<String> = (1..=LINES).map(entry).collect();
    store.commit(|tx| tx.add_ledger(entries.iter().map(String::as_str))).expect("lines");
    let mut lines: Vec<LedgerLine> = Vec::new();
    store
        .read(|tx| {
            tx.each_ledger_line(|line| {
                lines.push(line);
                Ok(())
            })
        })
        .expect("lines");
    let file: String = lines.iter().map(|line| exported(line) + "\n").collect();

    let hash_entries = || {
        entries.iter().for_each(|entry| {
            black_box(Sha256::digest(black_box(entry)));
        })
    };
    let hash_file = || {
        black_box(Sha256::digest(black_box(&file)));
    };
    let in_memory = |verifier: Verifier| {
        let mut verifier = verifier;
        lines.iter().for_each(|line| verifier.line(line.seq, &line.entry, &line.digest).expect("whole"));
        black_box(verifier.finish(None)).expect("whole");
    };
    let of_file = || {
        let mut verifier = Verifier::new(Vec::new());
        each_exported(file.as_bytes(), |parts| {
            let (seq, entry, digest) = parts.expect("a line");
            verifier.line(seq, entry, digest).is_ok()
        })
        .expect("read");
        assert_eq!(verifier.finish(None).expect("whole").lines, LINES);
    };
    let mut of_store = || {
        let mut verifier = Verifier::new(Vec::new());
        store
            .read(|tx| {
                tx.each_ledger_line(|line| {
                    verifier.line(line.seq, &line.entry, &line.digest).expect("whole");
                    Ok(())
                })
            })
            .expect("read");
        assert_eq!(verifier.finish(None).expect("whole").lines, LINES);
    };

    let [mut hashed, mut hashed_file, mut chain, mut tree, mut exported, mut stored] = [const { Vec::new() }; 6];
    for _ in 0..ROUNDS {
        hashed.push(milliseconds(hash_entries));
        chain.push(milliseconds(|| in_memory(Verifier::new(Vec::new()))));
        tree.push(milliseconds(|| in_memory(Verifier::new(Vec::new()).with_head())));
        hashed_file.push(milliseconds(hash_file));
        exported.push(milliseconds(of_file));
        stored.push(milliseconds(&mut of_store));
    }
    let [hashed, hashed_file, chain, tree, exported, stored] =
        [hashed, hashed_file, chain, tree, exported, stored].map(median);
    let octets: usize = entries.iter().map(String::len).sum();
    println!("| figure | measured | wanted | met |\n|---|---|---|---|");
    let row = |name: &str, least: f64, base: f64, of: f64, wanted: bool| {
        let ratio = base / of;
        let (want, met) = match wanted {
            true => ("≥ 0.5 ×".to_owned(), if ratio >= least { "yes" } else { "no" }),
            false => ("–".to_owned(), "–"),
        };
        println!("| {name} | {ratio:.2} × ({base:.0} ms, {of:.0} ms) | {want} | {met} |");
    };
    println!("| {LINES} lines, {} MB of entries, {} MB exported | | | |", octets / 1_000_000, file.len() / 1_000_000);
    row("hashing the entries ÷ verifying the chain, in memory", 0.5, hashed, chain, true);
    row("hashing the entries ÷ verifying chain and tree (against a checkpoint)", 0.5, hashed, tree, true);
    row("hashing the exported file ÷ verifying it, with taking it apart", 0.5, hashed_file, exported, true);
    row("hashing the entries ÷ verifying the ledger of a data folder, with reading it", 0.5, hashed, stored, false);
}

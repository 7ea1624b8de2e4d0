//! The ledger under attack: every line changed, removed, inserted, moved or cut off is found, with its place; and what a
//! chain alone cannot show, a checkpoint does.

use occto::store::proof::{
    Checkpoint, GrowthProof, Hash, LineProof, Proof, ProofError, SignedCheckpoint, Tree, Verdict, Verifier,
    VerifierKey, VerifyFault, each_exported, exported, hash_of,
};
use occto::store::{LedgerFault, LedgerLine, SecretKey};
use sha2::{Digest as _, Sha256};

/// A chain written by its description, not by the code.
fn ledger(count: u64) -> Vec<LedgerLine> {
    let entries = (1..=count).map(|seq| format!(r#"{{"at":"2026-04-01T09:00:00","n":{seq}}}"#));
    chained(entries.collect())
}

fn chained(entries: Vec<String>) -> Vec<LedgerLine> {
    let mut before = String::new();
    let line = |(index, entry): (usize, String)| {
        let digest = Sha256::digest(format!("{before}\n{entry}"));
        before = digest.iter().map(|octet| format!("{octet:02x}")).collect();
        LedgerLine { seq: index as u64 + 1, entry, digest: before.clone() }
    };
    entries.into_iter().enumerate().map(line).collect()
}

fn verify(lines: &[LedgerLine], checkpoints: &[Checkpoint]) -> Result<Verdict, VerifyFault> {
    let mut verifier = Verifier::new(checkpoints.to_vec());
    for line in lines {
        verifier.line(line.seq, &line.entry, &line.digest)?;
    }
    verifier.finish(None)
}

/// The same through the file that is handed out.
fn verify_exported(file: &[u8], checkpoints: &[Checkpoint]) -> Result<Verdict, VerifyFault> {
    let mut verifier = Verifier::new(checkpoints.to_vec());
    let mut fault = None;
    each_exported(file, |parts| {
        let taken = match parts {
            Some((seq, entry, digest)) => verifier.line(seq, entry, digest),
            None => Err(verifier.unreadable()),
        };
        fault = taken.err();
        fault.is_none()
    })
    .unwrap();
    fault.map_or_else(|| verifier.finish(None), Err)
}

fn file_of(lines: &[LedgerLine]) -> Vec<u8> {
    lines.iter().map(|line| exported(line) + "\n").collect::<String>().into_bytes()
}

fn tree(lines: &[LedgerLine]) -> Tree {
    let mut tree = Tree::default();
    lines.iter().for_each(|line| tree.push(hash_of(&line.digest).unwrap()));
    tree
}

fn key() -> SecretKey {
    SecretKey::new([3; 32])
}

fn verifier_key() -> VerifierKey {
    VerifierKey::of("ours", &key()).unwrap()
}

fn signed(lines: &[LedgerLine]) -> SignedCheckpoint {
    let last: Option<Hash> = lines.last().and_then(|line| hash_of(&line.digest));
    let at = "2026-04-01T09:00:00".parse().unwrap();
    Checkpoint { origin: "ours".into(), head: tree(lines).head(), at, last }.sign(&key()).unwrap()
}

fn checkpoint(lines: &[LedgerLine]) -> Checkpoint {
    signed(lines).verify(&verifier_key()).unwrap().clone()
}

#[test]
fn an_untouched_ledger_agrees_with_every_checkpoint() {
    let lines = ledger(40);
    let checkpoints: Vec<_> = (0..=40).map(|size| checkpoint(&lines[..size])).collect();
    let verdict = verify(&lines, &checkpoints).unwrap();
    assert_eq!((verdict.lines, verdict.checkpoints), (40, 41));
    assert_eq!(verify_exported(&file_of(&lines), &checkpoints), Ok(verdict));
}

#[test]
fn every_attack_on_every_line_is_found_at_its_place() {
    let lines = ledger(12);
    let found = |lines: &[LedgerLine]| {
        let alone = verify(lines, &[]);
        assert_eq!(verify_exported(&file_of(lines), &[]), alone);
        alone.unwrap_err()
    };
    for place in 0..lines.len() {
        let seq = place as u64 + 1;
        let mut changed = lines.clone();
        changed[place].entry = changed[place].entry.replace("2026", "2025");
        assert_eq!(found(&changed), LedgerFault::Changed(seq).into());
        let mut digest = lines.clone();
        digest[place].digest = digest[(place + 1) % 12].digest.clone();
        assert_eq!(found(&digest), LedgerFault::Changed(seq).into());
        // The last line alone can be taken off a chain: that is what checkpoints are for.
        let mut removed = lines.clone();
        removed.remove(place);
        match verify(&removed, &[]) {
            Ok(verdict) => assert_eq!((verdict.lines, seq), (11, 12)),
            Err(fault) => assert_eq!(fault, LedgerFault::Missing(seq).into()),
        }
        assert!(verify(&removed, &[checkpoint(&lines)]).is_err());
        let mut inserted = lines.clone();
        inserted.insert(place, lines[(place + 5) % 12].clone());
        assert_eq!(found(&inserted), LedgerFault::Missing(seq).into());
        // Inserted and all numbered anew: the chain breaks at the line that was put in.
        let mut numbered = inserted.clone();
        numbered.iter_mut().zip(1..).for_each(|(line, seq)| line.seq = seq);
        assert_eq!(found(&numbered), LedgerFault::Changed(seq).into());
        for other in place + 1..lines.len() {
            let mut moved = lines.clone();
            moved.swap(place, other);
            assert_eq!(found(&moved), LedgerFault::Missing(seq).into());
        }
    }
}

#[test]
fn a_file_cut_off_anywhere_or_changed_in_any_octet_is_found() {
    let lines = ledger(4);
    let (file, checkpoints) = (file_of(&lines), [checkpoint(&lines)]);
    for cut in 0..file.len() - 1 {
        let fault = verify_exported(&file[..cut], &checkpoints).unwrap_err();
        let whole = file[..cut].iter().filter(|octet| **octet == b'\n').count() as u64;
        let clean = cut == 0 || file[cut - 1] == b'\n';
        // A line that lacks nothing but its line end is whole.
        let all_but_line_end = file.get(cut) == Some(&b'\n');
        let expected = match (clean, all_but_line_end) {
            (true, _) => VerifyFault::RolledBack { signed: 4, found: whole },
            (false, true) => VerifyFault::RolledBack { signed: 4, found: whole + 1 },
            (false, false) => VerifyFault::Unreadable(whole + 1),
        };
        assert_eq!(fault, expected, "cut at {cut}");
    }
    for place in 0..file.len() {
        let mut changed = file.clone();
        changed[place] ^= 1;
        if changed[place] != b'\r' {
            assert!(verify_exported(&changed, &checkpoints).is_err(), "octet {place}");
        }
    }
}

#[test]
fn a_rolled_back_tail_and_a_history_written_anew_are_found_against_a_checkpoint() {
    let lines = ledger(20);
    let checkpoints = [checkpoint(&lines[..8]), checkpoint(&lines[..15])];
    for left in 0..15 {
        let fault = verify(&lines[..left], &checkpoints).unwrap_err();
        let signed = 15;
        assert_eq!(fault, VerifyFault::RolledBack { signed, found: left as u64 }, "{left}");
        assert!(fault.to_string().contains(&format!("{}行目", left + 1)));
    }
    assert_eq!(verify(&lines[..15], &checkpoints).unwrap().checkpoints, 2);
    // Written anew from a line on, chain and all.
    for place in 0..20 {
        let mut entries: Vec<_> = lines.iter().map(|line| line.entry.clone()).collect();
        entries[place].push(' ');
        let anew = chained(entries);
        assert!(verify(&anew, &[]).is_ok(), "the chain alone does not show it");
        let expected = match place {
            0..8 => Err(VerifyFault::Rewritten { from: 1, to: 8 }),
            8..15 => Err(VerifyFault::Rewritten { from: 9, to: 15 }),
            _ => Ok(2),
        };
        assert_eq!(verify(&anew, &checkpoints).map(|verdict| verdict.checkpoints), expected, "{place}");
    }
}

#[test]
fn a_proof_convinces_who_has_nothing_but_the_key_and_no_changed_one_does() {
    let lines = ledger(23);
    let (tree, newest) = (tree(&lines), signed(&lines));
    for (place, line) in lines.iter().enumerate() {
        let before = place.checked_sub(1).map_or_else(String::new, |before| lines[before].digest.clone());
        let proof = LineProof::draw(&tree, &newest, line.seq, line.entry.clone(), before).unwrap();
        let read = Proof::parse(&Proof::Line(proof.clone()).to_json().to_string()).unwrap();
        assert_eq!(read.verify(&verifier_key()), Ok(()));
        let refused = |change: &dyn Fn(&mut LineProof)| {
            let mut other = proof.clone();
            change(&mut other);
            Proof::Line(other).verify(&verifier_key()).unwrap_err()
        };
        assert_eq!(refused(&|proof| proof.entry.push(' ')), ProofError::Line);
        assert_eq!(refused(&|proof| proof.seq += 1), ProofError::Line);
        assert_eq!(refused(&|proof| proof.seq = 0), ProofError::Line);
        assert_eq!(refused(&|proof| drop(proof.path.pop())), ProofError::Line);
        assert_eq!(refused(&|proof| proof.path.push("00".repeat(32))), ProofError::Line);
        assert_eq!(refused(&|proof| proof.path.push("zz".into())), ProofError::Form);
        assert_eq!(refused(&|proof| proof.before = "00".repeat(32)), ProofError::Line);
        assert!(matches!(refused(&|proof| proof.checkpoint.clear()), ProofError::Checkpoint(_)));
    }
    for size in 0..=23 {
        let older = signed(&lines[..size]);
        let proof = GrowthProof::draw(&tree, &older, &newest).unwrap();
        assert_eq!(Proof::Growth(proof.clone()).verify(&verifier_key()), Ok(()), "{size}");
        let mut anew: Vec<_> = lines[..size].iter().map(|line| line.entry.clone()).collect();
        if let Some(last) = anew.last_mut() {
            last.push(' ');
            let other = GrowthProof { older: signed(&chained(anew)).to_string(), ..proof };
            assert_eq!(Proof::Growth(other).verify(&verifier_key()), Err(ProofError::Growth), "{size}");
        }
    }
    let other = VerifierKey::of("ours", &SecretKey::new([4; 32])).unwrap();
    let proof = LineProof::draw(&tree, &newest, 1, lines[0].entry.clone(), String::new()).unwrap();
    assert!(matches!(Proof::Line(proof).verify(&other), Err(ProofError::Checkpoint(_))));
    assert_eq!(Proof::parse("{}"), Err(ProofError::Form));
}

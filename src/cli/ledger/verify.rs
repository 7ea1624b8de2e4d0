//! Verifying, signing and proving.

use super::{Checkpoint, Prove, Verify};
use crate::cli::out::{print, say};
use crate::cli::way::japan_now;
use crate::cli::{Failure, exit};
use crate::desk::ledger::{
    AuditError, Kept, Signing, draw_growth, draw_lines, kept, sign, trusted, verify_file, verify_store,
};
use crate::desk::output::write_atomically;
use crate::store::proof::{Proof, SignedCheckpoint, Verdict, Verifier, VerifierKey};
use crate::store::{SecretKey, kept_verifier_key, read_checkpoint};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

pub(super) fn key(out: &Path, origin: &str) -> Result<ExitCode, Failure> {
    let key = SecretKey::random()?;
    let verifier = VerifierKey::of(origin, &key).map_err(AuditError::Name)?;
    key.write_new(out)?;
    say!("署名鍵を「{}」に作成しました。失うと署名を続けられません / made the signing key", out.display());
    say!("検証鍵（監査人などに渡してください） / verifier key, to be given to auditors:\n{verifier}");
    Ok(exit(0))
}

pub(super) fn checkpoint(args: &Checkpoint) -> Result<ExitCode, Failure> {
    let key = args.key.read()?;
    let mut store = args.place.existing()?;
    let signing = Signing { key: &key, origin: &args.origin, now: japan_now(), new_key: args.new_key };
    let (path, signed, verifier) = match sign(&mut store, &signing) {
        Err(error @ AuditError::Fault(_)) => {
            say!("{error}");
            say!("署名しませんでした / nothing was signed");
            return Ok(exit(1));
        }
        other => other?,
    };
    if let Some(out) = &args.out {
        write_atomically(out, |file| file.write_all(signed.to_string().as_bytes()))?;
    }
    let size = signed.checkpoint().head.size;
    say!(
        "台帳の{size}行に署名しました（{}）。写しを別の場所に保管してください / signed {size} lines: keep a copy elsewhere",
        path.display()
    );
    print(format_args!("{signed}"));
    say!("検証鍵 / verifier key: {verifier}");
    Ok(exit(0))
}

/// The text of a key, or a file with it.
fn verifier_key(given: &str) -> Result<VerifierKey, Failure> {
    let path = Path::new(given);
    let text = if path.is_file() { std::fs::read_to_string(path).unwrap_or_default() } else { given.to_owned() };
    text.parse().map_err(|error| Failure::usage(format!("--public-key: {error}")))
}

fn read(path: &Path) -> Result<Kept, Failure> {
    match read_checkpoint(path)? {
        Ok(signed) => Ok((path.to_path_buf(), signed)),
        Err(error) => Err(AuditError::Checkpoint { path: path.to_path_buf(), error }.into()),
    }
}

pub(super) fn verify(args: &Verify) -> Result<ExitCode, Failure> {
    let given = args.public_key.as_deref().map(verifier_key).transpose()?;
    if let Some(path) = &args.proof {
        return prove_again(path, given.as_ref());
    }
    let data = &args.place.data;
    let (checkpoints, key) = match (&args.file, args.checkpoint.is_empty()) {
        (None, true) => (kept(data)?, given.clone().or(kept_verifier_key(data)?)),
        _ => (args.checkpoint.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?, given.clone()),
    };
    // Earlier keys signed earlier checkpoints: with a key of the folder's own these are held against, unsigned.
    let trusted = match given.is_some() || args.file.is_some() || !args.checkpoint.is_empty() {
        true => trusted(&checkpoints, key.as_ref()),
        false => trusted(&checkpoints, None),
    };
    let signed = match &key {
        Some(key) => checkpoints.iter().filter(|(_, signed)| signed.verify(key).is_ok()).count(),
        None => 0,
    };
    let verified = match (trusted, &args.file) {
        (Err(error), _) => Err(error),
        (Ok(trusted), Some(file)) => verify_file(file, Verifier::new(trusted)),
        (Ok(trusted), None) => verify_store(&mut args.place.existing()?, Verifier::new(trusted)),
    };
    match verified {
        Ok(verdict) => {
            if args.json {
                say!(
                    "{}",
                    json!({"intact": true, "lines": verdict.lines, "checkpoints": verdict.checkpoints, "signatures": signed})
                );
            } else {
                tell(&verdict, signed);
            }
            Ok(exit(0))
        }
        Err(error @ (AuditError::Fault(_) | AuditError::Checkpoint { .. })) => {
            if args.json {
                say!("{}", json!({"intact": false, "fault": error.to_string()}));
            } else {
                say!("{error}");
            }
            Ok(exit(1))
        }
        Err(error) => Err(error.into()),
    }
}

fn tell(verdict: &Verdict, signed: usize) {
    let Verdict { lines, checkpoints, .. } = verdict;
    say!("台帳は正しく連鎖しています（{lines}行） / the ledger is intact ({lines} lines)");
    if *checkpoints > 0 {
        let unsigned = checkpoints - signed;
        say!(
            "チェックポイント{checkpoints}件と一致しています（署名を確認: {signed}件） / it agrees with {checkpoints} checkpoints, {signed} of them by signature"
        );
        if unsigned > 0 {
            say!(
                "署名を確認していないものがあります。--public-key で検証鍵を指定してください / name the verifier key with --public-key to verify the signatures"
            );
        }
    } else {
        say!(
            "チェックポイントがないため、末尾からの巻き戻しは検出できません / without a checkpoint lines taken off the end are not found"
        );
    }
}

fn prove_again(path: &Path, key: Option<&VerifierKey>) -> Result<ExitCode, Failure> {
    let key = key.ok_or_else(|| {
        Failure::usage("証明書の検証には --public-key が必要です / a proof is verified with --public-key".to_owned())
    })?;
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("{}: 読み込めません / cannot read: {error}", path.display())))?;
    let verified = Proof::parse(&text).and_then(|proof| proof.verify(key).map(|()| proof));
    match verified {
        Ok(Proof::Line(proof)) => {
            let seq = proof.seq;
            say!(
                "証明書は正しく、次の行は署名された台帳の{seq}行目にあります / proven: line {seq} of the signed ledger is"
            );
            say!("{}", proof.entry);
            Ok(exit(0))
        }
        Ok(Proof::Growth(_)) => {
            say!("証明書は正しく、台帳は行を加えただけです / proven: the ledger only grew");
            Ok(exit(0))
        }
        Err(error) => {
            say!("{error}");
            Ok(exit(1))
        }
    }
}

/// The checkpoint that was named, or the newest of the data folder.
pub(super) fn newest(data: &Path, named: Option<&Path>) -> Result<SignedCheckpoint, Failure> {
    let found = match named {
        Some(path) => Some(read(path)?),
        None => kept(data)?.pop(),
    };
    found.map(|(_, signed)| signed).ok_or_else(|| {
        Failure::usage(
            "チェックポイントがありません。先に occto ledger checkpoint で署名してください / there is no checkpoint: sign one with `occto ledger checkpoint` first".to_owned(),
        )
    })
}

pub(super) fn prove(args: &Prove) -> Result<ExitCode, Failure> {
    let newer = newest(&args.place.data, args.checkpoint.as_deref())?;
    let mut store = args.place.existing()?;
    let proof = match (&args.from, args.line) {
        (Some(older), _) => Proof::Growth(draw_growth(&mut store, &read(older)?.1, &newer)?),
        (None, line) => {
            let line = line.unwrap_or_default();
            let proof = draw_lines(&mut store, &newer, &[line])?.pop();
            Proof::Line(proof.ok_or(AuditError::NotCovered(line))?)
        }
    };
    match &args.out {
        Some(out) => {
            write_atomically(out, |file| writeln!(file, "{}", proof.to_json()))?;
            say!("証明書を「{}」に作成しました / wrote the proof", out.display());
        }
        None => say!("{}", proof.to_json()),
    }
    Ok(exit(0))
}

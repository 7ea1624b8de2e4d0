//! `occto ledger`.

use super::args::Ledger;
use super::out::say;
use super::{Failure, exit};
use crate::store::{LedgerCheck, LedgerLine, Store, StoreError};
use std::path::Path;
use std::process::ExitCode;

/// Shows or verifies the ledger of a data folder.
pub fn ledger(command: &Ledger) -> Result<ExitCode, Failure> {
    match command {
        Ledger::Show { data, json } => {
            for_each(data, |line| {
                if *json {
                    say!("{}", exported(&line));
                } else {
                    say!("{:>6} {} {}", line.seq, summary(&line), line.digest);
                }
            })?;
            Ok(exit(0))
        }
        Ledger::Verify { data } => {
            let mut store = existing(data)?;
            let checked = store.read(|tx| {
                let expected = tx.ledger_lines()?;
                let mut check = LedgerCheck::default();
                let mut fault = None;
                tx.each_ledger_line(|line| {
                    if fault.is_none() {
                        fault = check.line(line).err();
                    }
                    Ok(())
                })?;
                Ok(fault.map_or_else(|| check.finish(expected), Err))
            })?;
            match checked {
                Ok(count) => {
                    say!("台帳は正しく連鎖しています（{count}行） / the ledger is intact ({count} lines)");
                    Ok(exit(0))
                }
                Err(fault) => {
                    say!("{fault}");
                    Ok(exit(1))
                }
            }
        }
    }
}

/// The store of a data folder that must be there already.
pub fn existing(data: &Path) -> Result<Store, Failure> {
    if data.join("occto.sqlite").is_file() {
        return Ok(Store::open(data)?);
    }
    let dir = data.display();
    Err(Failure::usage(format!(
        "データフォルダ「{dir}」がありません。switch run を実行した --data を指定してください / no data folder `{dir}`: name the --data of the run"
    )))
}

fn for_each(data: &Path, mut visit: impl FnMut(LedgerLine)) -> Result<(), Failure> {
    let mut store = existing(data)?;
    store.read(|tx| {
        tx.each_ledger_line(|line| {
            visit(line);
            Ok(())
        })
    })?;
    Ok(())
}

/// One line as it is exported: what it says and its digest.
#[must_use]
pub fn exported(line: &LedgerLine) -> String {
    format!(r#"{{"seq":{},"entry":{},"digest":"{}"}}"#, line.seq, line.entry, line.digest)
}

fn summary(line: &LedgerLine) -> String {
    let entry: serde_json::Value = serde_json::from_str(&line.entry).unwrap_or_default();
    let text = |key: &str| entry.get(key).and_then(serde_json::Value::as_str).unwrap_or("-").to_owned();
    let items = entry.get("items").and_then(serde_json::Value::as_array).map_or(0, Vec::len);
    format!(
        "{} {} {} {} → {} {} {items}項目",
        text("at"),
        text("verdict"),
        text("message"),
        text("sender"),
        text("recipient"),
        text("purpose")
    )
}

/// Writes every line of the ledger, one JSON object a line.
pub fn export(tx: &crate::store::Tx<'_>) -> Result<Vec<u8>, StoreError> {
    let mut out = Vec::new();
    tx.each_ledger_line(|line| {
        out.extend_from_slice(exported(&line).as_bytes());
        out.push(b'\n');
        Ok(())
    })?;
    Ok(out)
}

//! What the ledger says, line by line and added up.

use crate::cli::out::{print, say};
use crate::cli::shelf::Shelf;
use crate::cli::table::{Column, plain, printable};
use crate::cli::{Failure, exit};
use crate::desk::ledger::{LedgerStats, each_line, listed};
use crate::desk::view::Lang;
use crate::items::{Code, Item};
use crate::notice::{Basis, Party, Purpose};
use crate::store::StoreError;
use crate::store::proof::exported;
use std::collections::BTreeMap;
use std::process::ExitCode;

pub(super) fn show(shelf: &Shelf, json: bool) -> Result<ExitCode, Failure> {
    each_line::<Failure>(&mut shelf.existing()?, |line| {
        if json {
            say!("{}", exported(line));
        } else {
            say!("{:>6} {} {}", line.seq, printable(&listed(&line.entry)), line.digest);
        }
        Ok(())
    })?;
    Ok(exit(0))
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

pub(super) fn stats(shelf: &Shelf, year: Option<i16>, json: bool, lang: Lang) -> Result<ExitCode, Failure> {
    let mut stats = LedgerStats::default();
    each_line::<Failure>(&mut shelf.existing()?, |line| {
        stats.take(&line.entry, year);
        Ok(())
    })?;
    if json {
        say!("{}", stats.to_json());
        return Ok(exit(0));
    }
    let span = stats.first.as_deref().zip(stats.last.as_deref());
    let span = span.map_or_else(String::new, |(first, last)| format!(" {first} – {last}"));
    say!("{}: {}{span}", lang.pick("台帳の行数", "lines of the ledger"), stats.lines);
    let named = |counts: &BTreeMap<String, u64>, name: &dyn Fn(&str) -> Option<String>| {
        let row = |(key, count): (&String, &u64)| vec![key.clone(), name(key).unwrap_or_default(), count.to_string()];
        counts.iter().map(row).collect::<Vec<_>>()
    };
    fn code<C: Code>(lang: Lang) -> impl Fn(&str) -> Option<String> {
        move |key| C::from_key(key).map(|code| lang.name(code).to_owned())
    }
    let party = |key: &str| Party::parse(key).ok().map(|party| lang.pick(&party.ja(), party.role.en()).to_owned());
    let item = |key: &str| Item::from_key(key).map(|item| lang.pick(item.ja(), item.en()).to_owned());
    let verdict = |key: &str| {
        let (ja, en) = match key {
            "granted" => ("提供", "disclosed"),
            "refused" => ("拒否", "refused"),
            "shown" => ("社内で閲覧", "shown inside"),
            "done" => ("記録・実行", "recorded or done"),
            "quarantined" => ("受領したが保存せず", "received, not kept"),
            _ => return None,
        };
        Some(lang.pick(ja, en).to_owned())
    };
    let none = |_: &str| None;
    for (ja, en, rows) in [
        ("判断", "verdicts", named(&stats.verdicts, &verdict)),
        ("提供（利用目的ごと）", "disclosures by purpose", named(&stats.purposes, &code::<Purpose>(lang))),
        ("提供（提供先ごと）", "disclosures by recipient", named(&stats.recipients, &party)),
        ("提供（情報項目ごと）", "disclosures by item", named(&stats.items, &item)),
        ("提供（根拠ごと）", "disclosures by basis", named(&stats.bases, &code::<Basis>(lang))),
        ("拒否（条項ごと）", "refusals by clause", named(&stats.clauses, &none)),
    ] {
        if !rows.is_empty() {
            let columns = [Column::unbroken(""), Column::text(""), Column::number(lang.pick("件数", "count"))];
            say!("\n{}", lang.pick(ja, en));
            print(format_args!("{}", plain(&columns, rows.into_iter(), None)));
        }
    }
    if !stats.legal.is_empty() {
        say!("\n{}", lang.pick("法令に基づく請求（年ごと）", "legal demands by year"));
        let columns = [
            Column::unbroken(lang.pick("年", "year")),
            Column::number(lang.pick("提供", "met")),
            Column::number(lang.pick("拒否", "refused")),
        ];
        let rows = stats
            .legal
            .iter()
            .map(|(year, count)| vec![year.clone(), count.granted.to_string(), count.refused.to_string()]);
        print(format_args!("{}", plain(&columns, rows, None)));
    }
    Ok(exit(0))
}

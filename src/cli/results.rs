//! What a run leaves: files in the result folder, a table or JSON on the terminal.

use super::Failure;
use super::out::{self, say};
use super::table::table;
use crate::desk::output::write_atomically;
use crate::desk::report::render_html;
use crate::desk::results::{results_csv, results_xlsx};
use crate::desk::view::{Lang, RunView};
use crate::rules::Finding;
use crate::store::cause_ja;
use std::path::{Path, PathBuf};

/// Writes `results.csv`, `report.html`, `ledger.jsonl` and on request `results.xlsx`, each whole or not at all; gives their paths.
pub fn leave(view: &RunView, ledger: &[u8], out: &Path, xlsx: bool, lang: Lang) -> Result<Vec<PathBuf>, Failure> {
    std::fs::create_dir_all(out).map_err(|error| {
        let (dir, why) = (out.display(), cause_ja(error.kind()));
        Failure::usage(format!(
            "結果フォルダ「{dir}」を作成できません（{why}）。書き込める場所を --out で指定してください / cannot make the folder `{dir}`: name a writable one with --out"
        ))
    })?;
    let failed = |error: &dyn std::fmt::Display| {
        Failure::usage(format!("結果を作成できません / cannot make the results: {error}"))
    };
    let mut written = Vec::new();
    let mut put = |name: &str, bytes: &[u8]| {
        let path = out.join(name);
        write_atomically(&path, |file| file.write_all(bytes))?;
        written.push(path);
        Ok::<_, Failure>(())
    };
    let (csv, findings) = results_csv(view).map_err(|error| failed(&error))?;
    put("results.csv", &csv)?;
    if xlsx {
        put("results.xlsx", &results_xlsx(view).map_err(|error| failed(&error))?)?;
    }
    put("report.html", render_html(view, lang).as_bytes())?;
    put("ledger.jsonl", ledger)?;
    tell(&findings);
    Ok(written)
}

/// Prints the run: JSON, or the table and where the files are.
pub fn print(view: &RunView, written: &[PathBuf], json: bool, lang: Lang) -> Result<(), Failure> {
    if json {
        let mut text = Vec::new();
        crate::desk::json::write_json(view, &mut text).map_err(|error| Failure::usage(format!("JSON: {error}")))?;
        out::print(format_args!("{}", String::from_utf8_lossy(&text)));
        return Ok(());
    }
    say!("{}", table(view, lang, super::progress::terminal_width()));
    for path in written {
        say!("{} {}", lang.pick("作成:", "written:"), path.display());
    }
    Ok(())
}

/// Prints findings about the run to the error stream.
pub fn tell(findings: &[Finding]) {
    for finding in findings {
        eprintln!("{finding}");
    }
}

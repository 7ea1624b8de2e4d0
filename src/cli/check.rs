//! `occto check`.

use super::args::Check;
use super::out::say;
use super::way::japan_now;
use super::{Failure, Materials, exit};
use crate::desk::check::{Checked, Checker, FileKind};
use crate::desk::view::Lang;
use crate::rules::{Finding, Severity, codes};
use crate::sandbox::World;
use crate::wire::Binding;
use std::process::ExitCode;

/// Prints the findings of files; exit 1 where one is an error.
pub fn check(args: &Check, lang: Lang) -> Result<ExitCode, Failure> {
    let materials = Materials::published()?;
    let now = args.today.map_or_else(japan_now, |today| today.at(9, 0, 0, 0));
    let checker = Checker { context: materials.context(now), binding: Binding::reference(), world };
    let checked: Vec<_> = args.files.iter().map(|path| (path, checker.check(path))).collect();
    if args.json {
        let files: Vec<_> = checked
            .iter()
            .map(|(path, checked)| {
                let findings: Vec<_> = checked.findings.iter().map(Finding::to_json).collect();
                let (rows, sound) = (checked.rows, checked.sound);
                let (file, kind) = (path.display().to_string(), crate::items::Code::key(checked.kind));
                serde_json::json!({"file": file, "kind": kind, "rows": rows, "sound": sound, "findings": findings})
            })
            .collect();
        say!("{}", serde_json::json!({"files": files}));
    } else {
        for (path, checked) in &checked {
            for finding in &checked.findings {
                say!("{finding}");
            }
            say!("{}", summary(&path.display().to_string(), checked, lang));
        }
    }
    Ok(exit(u8::from(checked.iter().any(|(_, checked)| checked.has_errors()))))
}

fn summary(path: &str, checked: &Checked, lang: Lang) -> String {
    let of = |severity| checked.findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let kind = lang.name(checked.kind);
    let (rows, sound) = (checked.rows, checked.sound);
    let (rows_ja, rows_en) = match checked.kind {
        FileKind::Applications => {
            (format!(" {rows}行（うち送信可{sound}行）"), format!(", {rows} rows ({sound} sound)"))
        }
        FileKind::Metering => (format!(" {rows}行（うち読取{sound}行）"), format!(", {rows} rows ({sound} read)")),
        _ => Default::default(),
    };
    match lang {
        Lang::Ja => format!("{path}: {kind}{rows_ja} エラー{errors}件 警告{warnings}件"),
        Lang::En => format!("{path}: {kind}{rows_en}, {errors} errors, {warnings} warnings"),
    }
}

/// What is wrong with a world file.
fn world(text: &str) -> Vec<Finding> {
    match World::parse(text) {
        Ok(_) => Vec::new(),
        Err(error) => {
            let mut finding = codes::BAD_SETTINGS.finding(error.ja, error.en);
            finding.place.line = error.line;
            vec![finding]
        }
    }
}

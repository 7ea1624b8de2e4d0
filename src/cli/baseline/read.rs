//! `occto baseline read`.

use super::Read;
use crate::cli::out::say;
use crate::cli::{Failure, exit};
use crate::desk::baseline::{Received, receive};
use crate::desk::view::Lang;
use crate::rules::Finding;
use crate::store::cause_ja;
use std::process::ExitCode;

/// Prints what others shared; exit 1 where a file cannot be read.
pub(super) fn read(args: &Read, lang: Lang) -> Result<ExitCode, Failure> {
    let (mut all, mut findings): (Vec<Received>, Vec<Finding>) = Default::default();
    for path in &args.files {
        let shown = path.display();
        let octets = std::fs::read(path).map_err(|error| {
            let why = error.kind();
            Failure::usage(format!("{shown}: 読み込めません（{}） / cannot read: {why}", cause_ja(why)))
        })?;
        match receive(&octets) {
            Ok(received) => all.push(received),
            Err(finding) => findings.push(finding.in_file(&shown.to_string())),
        }
    }
    if args.json {
        let messages: Vec<_> = all.iter().map(Received::to_json).collect();
        let told: Vec<_> = findings.iter().map(Finding::to_json).collect();
        say!("{}", serde_json::json!({"messages": messages, "findings": told}));
    } else {
        all.iter().for_each(|received| say!("{}", received.text(lang)));
        findings.iter().for_each(|finding| say!("{finding}"));
    }
    Ok(exit(u8::from(!findings.is_empty())))
}

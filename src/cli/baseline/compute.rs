//! `occto baseline compute`.

use super::Compute;
use super::ground::Ground;
use super::show::show;
use crate::baseline::{Computed, Method};
use crate::cli::out::{print, say};
use crate::cli::way::japan_now;
use crate::cli::{Failure, exit};
use crate::desk::baseline::page::{page_article, page_foot, page_head};
use crate::desk::output::write_atomically;
use crate::desk::view::Lang;
use crate::rules::Finding;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// Computes and prints; exit 1 where a baseline could not be computed or a finding is an error.
pub(super) fn compute(args: &Compute, lang: Lang) -> Result<ExitCode, Failure> {
    let ground = Ground::prepare(&args.asked)?;
    let run = Run { args, lang, method: ground.method(&args.method)?, ground: &ground };
    let errors = match &args.trace {
        None => run.print(),
        Some(file) => {
            let mut errors = Ok(false);
            write_atomically(file, |out| {
                errors = run.write_and_print(file, out);
                match &errors {
                    Ok(_) => Ok(()),
                    Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
                }
            })?;
            errors
        }
    };
    let errors = errors.map_err(|error| Failure::usage(format!("書き込めません / cannot write: {error}")))?;
    Ok(exit(u8::from(errors)))
}

struct Run<'a> {
    args: &'a Compute,
    lang: Lang,
    ground: &'a Ground,
    method: &'a Method,
}

impl Run<'_> {
    fn print(&self) -> io::Result<bool> {
        self.each(&mut |_| Ok(()))
    }

    /// Writes the traces while printing: as a page where the file is one, else as JSON.
    fn write_and_print(&self, file: &Path, out: &mut dyn Write) -> io::Result<bool> {
        let page = file
            .extension()
            .is_some_and(|extension| ["html", "htm"].iter().any(|one| extension.eq_ignore_ascii_case(one)));
        if page {
            out.write_all(page_head().as_bytes())?;
            let errors = self.each(&mut |computed| match self.ground.loaded.readings.point(computed.point) {
                Some(view) => out.write_all(page_article(computed, &view).as_bytes()),
                None => Ok(()),
            })?;
            out.write_all(page_foot(japan_now()).as_bytes())?;
            return Ok(errors);
        }
        let mut separator = "{\"baselines\":[\n";
        let errors = self.each(&mut |computed| {
            out.write_all(separator.as_bytes())?;
            separator = ",\n";
            serde_json::to_writer(&mut *out, &computed.to_json())?;
            Ok(())
        })?;
        if separator.starts_with('{') {
            out.write_all(separator.as_bytes())?;
        }
        out.write_all(b"\n]}\n")?;
        Ok(errors)
    }

    /// Computes and prints every point, one after another; whether something is an error.
    fn each(&self, also: &mut dyn FnMut(&Computed<'_>) -> io::Result<()>) -> io::Result<bool> {
        let mut separator = "{\"baselines\":[";
        let mut findings: Vec<Finding> = self.ground.loaded.findings.clone();
        let mut failed = false;
        self.ground.each(self.method, |computed| {
            match computed {
                Ok(computed) => {
                    failed |= computed.findings.iter().any(Finding::is_error);
                    if self.args.json {
                        print(format_args!("{separator}{}", computed.to_json()));
                        separator = ",";
                    } else {
                        say!("{}", show(&computed, self.lang, self.ground.points.len() == 1));
                    }
                    also(&computed)?;
                }
                Err(finding) => findings.push(finding),
            }
            Ok::<(), io::Error>(())
        })?;
        failed |= findings.iter().any(Finding::is_error);
        if self.args.json {
            let open = if separator == "," { "" } else { separator };
            let findings: Vec<_> = findings.iter().map(Finding::to_json).collect();
            let omitted = self.ground.loaded.omitted;
            say!("{open}],\"findings\":{},\"findings_omitted\":{omitted}}}", serde_json::Value::from(findings));
        } else {
            findings.iter().for_each(|finding| say!("{finding}"));
            if self.ground.loaded.omitted > 0 {
                let more = self.lang.pick("ほかに指摘{n}件", "{n} more findings");
                say!("{}", more.replace("{n}", &self.ground.loaded.omitted.to_string()));
            }
        }
        Ok(failed)
    }
}

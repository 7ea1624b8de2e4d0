//! `occto baseline compute`.

use super::Compute;
use super::ground::Ground;
use super::show::{show, show_line};
use crate::baseline::{Computed, Method, Readings};
use crate::cli::out::{print, say};
use crate::cli::way::japan_now;
use crate::cli::{Failure, exit};
use crate::desk::baseline::Line;
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
    let failed = match &args.trace {
        None if !args.json && !ground.single() => run.lines()?,
        None => run.each(false, &mut |_, _| Ok(()))?,
        Some(file) => {
            let mut failed = Ok(false);
            let written = write_atomically(file, |out| {
                failed = run.write_and_print(file, out);
                match &failed {
                    Ok(_) => Ok(()),
                    Err(failure) => Err(io::Error::other(failure.to_string())),
                }
            });
            let failed = failed?;
            written?;
            failed
        }
    };
    Ok(exit(u8::from(failed)))
}

fn unwritten(error: io::Error) -> Failure {
    Failure::usage(format!("書き込めません / cannot write: {error}"))
}

struct Run<'a> {
    args: &'a Compute,
    lang: Lang,
    ground: &'a Ground,
    method: &'a Method,
}

impl Run<'_> {
    /// Writes the traces while printing: as a page where the file is one, else as JSON.
    fn write_and_print(&self, file: &Path, out: &mut dyn Write) -> Result<bool, Failure> {
        let page = file
            .extension()
            .is_some_and(|extension| ["html", "htm"].iter().any(|one| extension.eq_ignore_ascii_case(one)));
        if page {
            out.write_all(page_head().as_bytes()).map_err(unwritten)?;
            let errors = self.each(true, &mut |computed, readings| match readings.point(computed.point) {
                Some(view) => out.write_all(page_article(computed, &view).as_bytes()).map_err(unwritten),
                None => Ok(()),
            })?;
            out.write_all(page_foot(japan_now()).as_bytes()).map_err(unwritten)?;
            return Ok(errors);
        }
        let mut separator = "{\"baselines\":[\n";
        let errors = self.each(false, &mut |computed, _| {
            out.write_all(separator.as_bytes()).map_err(unwritten)?;
            separator = ",\n";
            serde_json::to_writer(&mut *out, &computed.to_json()).map_err(|error| unwritten(error.into()))
        })?;
        if separator.starts_with('{') {
            out.write_all(separator.as_bytes()).map_err(unwritten)?;
        }
        out.write_all(b"\n]}\n").map_err(unwritten)?;
        Ok(errors)
    }

    /// Prints a line for every point; whether something is an error.
    fn lines(&self) -> Result<bool, Failure> {
        let mut failed = false;
        self.ground.each_line(self.method, |line| {
            failed |= line.failed;
            say!("{}", show_line(&line, self.lang));
            Ok(())
        })?;
        Ok(self.ground.tell(&[], self.lang) || failed)
    }

    /// Computes and prints every point, one after another; whether something is an error.
    fn each(
        &self,
        whole_days: bool,
        also: &mut dyn FnMut(&Computed<'_>, &Readings) -> Result<(), Failure>,
    ) -> Result<bool, Failure> {
        let mut separator = "{\"baselines\":[";
        let (own, omitted) = self.ground.findings();
        let mut findings: Vec<Finding> = Vec::new();
        let (mut failed, single) = (false, self.ground.single());
        self.ground.each(self.method, whole_days, |computed, readings| {
            match computed {
                Ok(computed) => {
                    failed |= computed.findings.iter().any(Finding::is_error);
                    if self.args.json {
                        print(format_args!("{separator}{}", computed.to_json()));
                        separator = ",";
                    } else {
                        let line = if single {
                            show(&computed, self.lang)
                        } else {
                            show_line(&Line::of(&computed), self.lang)
                        };
                        say!("{line}");
                    }
                    also(&computed, readings)?;
                }
                Err(finding) => findings.push(finding),
            }
            Ok(())
        })?;
        if !self.args.json {
            return Ok(self.ground.tell(&findings, self.lang) || failed);
        }
        let open = if separator == "," { "" } else { separator };
        failed |= own.iter().copied().chain(&findings).any(Finding::is_error);
        let findings: Vec<_> = own.iter().copied().chain(&findings).map(Finding::to_json).collect();
        say!("{open}],\"findings\":{},\"findings_omitted\":{omitted}}}", serde_json::Value::from(findings));
        Ok(failed)
    }
}

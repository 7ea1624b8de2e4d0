//! `occto baseline compute`.

use super::Compute;
use super::show::show;
use crate::baseline::{Case, Computed, DayTypes, DrDay, Event, Method, Methods, Options};
use crate::calendar::Calendar;
use crate::cli::out::{print, say};
use crate::cli::way::japan_now;
use crate::cli::{Failure, exit};
use crate::desk::baseline::{Loaded, compute_points, load};
use crate::desk::output::write_atomically;
use crate::desk::view::Lang;
use crate::items::{Date, SupplyPointId, parse_date};
use crate::rules::{Finding, Severity};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// Computes and prints; exit 1 where a baseline could not be computed or a finding is an error.
pub(super) fn compute(args: &Compute, lang: Lang) -> Result<ExitCode, Failure> {
    let embedded =
        |error: &dyn std::fmt::Display| Failure::usage(format!("内蔵データを読めません / embedded data: {error}"));
    let calendar = Calendar::published().map_err(|error| embedded(&error))?;
    let methods = Methods::published().map_err(|error| embedded(&error))?;
    let method = method(&methods, &args.method)?;
    let options = options(&args.options)?;
    let event = Event::parse(args.event, &args.slots).map_err(|finding| refused(&finding))?;
    let extra = args.holidays.as_deref().map(holidays).transpose()?.unwrap_or_default();
    let dr_days: Vec<DrDay> = args.dr_days.iter().map(|date| DrDay { date: *date, answered: true }).collect();
    let case = Case {
        dr_days: &dr_days,
        today: Some(args.today.unwrap_or_else(|| japan_now().date())),
        ..Case::new(DayTypes { calendar: &calendar, extra: &extra })
    };
    let loaded = load(&args.readings);
    let points = points(&args.point, &loaded)?;
    let run = Run { args, lang, loaded: &loaded, points: &points, event, method, options, case };
    let errors = match &args.trace {
        None => run.print(),
        Some(file) => {
            let mut errors = Ok(false);
            write_atomically(file, |out| {
                errors = run.write_and_print(out);
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
    loaded: &'a Loaded,
    points: &'a [SupplyPointId],
    event: Event,
    method: &'a Method,
    options: Options,
    case: Case<'a>,
}

impl Run<'_> {
    fn print(&self) -> io::Result<bool> {
        self.each(&mut |_| Ok(()))
    }

    /// Writes the traces while printing.
    fn write_and_print(&self, out: &mut dyn Write) -> io::Result<bool> {
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
        let mut findings: Vec<Finding> = self.loaded.findings.clone();
        let mut failed = false;
        let (readings, events) = (&self.loaded.readings, [self.event]);
        compute_points(readings, self.points, &events, self.method, &self.options, &self.case, |computed| {
            match computed {
                Ok(computed) => {
                    failed |= computed.findings.iter().any(is_error);
                    if self.args.json {
                        print(format_args!("{separator}{}", computed.to_json()));
                        separator = ",";
                    } else {
                        say!("{}", show(&computed, self.lang, self.points.len() == 1));
                    }
                    also(&computed)?;
                }
                Err(finding) => findings.push(finding),
            }
            Ok::<(), io::Error>(())
        })?;
        failed |= findings.iter().any(is_error);
        if self.args.json {
            let open = if separator == "," { "" } else { separator };
            let findings: Vec<_> = findings.iter().map(Finding::to_json).collect();
            let omitted = self.loaded.omitted;
            say!("{open}],\"findings\":{},\"findings_omitted\":{omitted}}}", serde_json::Value::from(findings));
        } else {
            findings.iter().for_each(|finding| say!("{finding}"));
            if self.loaded.omitted > 0 {
                let more = self.lang.pick("ほかに指摘{n}件", "{n} more findings");
                say!("{}", more.replace("{n}", &self.loaded.omitted.to_string()));
            }
        }
        Ok(failed)
    }
}

fn is_error(finding: &Finding) -> bool {
    finding.severity == Severity::Error
}

fn refused(finding: &Finding) -> Failure {
    Failure::usage(finding.to_string())
}

fn method<'a>(methods: &'a Methods, key: &str) -> Result<&'a Method, Failure> {
    methods.get(key).ok_or_else(|| {
        let known = methods.iter().map(|method| method.key.as_str()).collect::<Vec<_>>().join(", ");
        Failure::usage(format!("算定方法「{key}」はありません / there is no method `{key}`: {known}"))
    })
}

fn options(pairs: &[String]) -> Result<Options, Failure> {
    let mut options = Options::default();
    for pair in pairs {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        options.set(name.trim(), value.trim()).map_err(|finding| refused(&finding))?;
    }
    Ok(options)
}

/// Days, one a line; a name may follow behind a comma, and a first line without a date is a header.
fn holidays(path: &Path) -> Result<Vec<Date>, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("{shown}: 読み込めません / cannot read: {error}")))?;
    let mut days = Vec::new();
    for (index, line) in text.trim_start_matches('\u{FEFF}').lines().enumerate() {
        let cell = line.split(',').next().unwrap_or_default().trim();
        match parse_date(cell) {
            Ok(date) => days.push(date),
            Err(_) if cell.is_empty() || index == 0 => {}
            Err(error) => {
                let line = index + 1;
                return Err(Failure::usage(format!(
                    "{shown} {line}行目: {} / line {line}: {}",
                    error.ja(),
                    error.en()
                )));
            }
        }
    }
    Ok(days)
}

fn points(wanted: &str, loaded: &Loaded) -> Result<Vec<SupplyPointId>, Failure> {
    if wanted == "all" {
        return Ok(loaded.readings.points().collect());
    }
    let point = SupplyPointId::parse(wanted)
        .map_err(|error| Failure::usage(format!("--point: {} / {}", error.ja(), error.en())))?;
    Ok(vec![point])
}

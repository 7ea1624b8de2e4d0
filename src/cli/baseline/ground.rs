//! 算定の準備: what the commands on baselines have in common — readings, event, days, options.

use super::Asked;
use crate::baseline::{Case, Computed, DayTypes, DrDay, Event, Method, Methods, Options};
use crate::calendar::Calendar;
use crate::cli::Failure;
use crate::cli::out::say;
use crate::cli::way::japan_now;
use crate::desk::baseline::{Loaded, compute_points, load};
use crate::desk::view::Lang;
use crate::items::{Date, SupplyPointId, parse_date};
use crate::rules::Finding;
use std::path::Path;

/// Everything that was asked for, read and checked.
pub(super) struct Ground {
    calendar: Calendar,
    pub(super) methods: Methods,
    extra: Vec<Date>,
    dr_days: Vec<DrDay>,
    today: Date,
    pub(super) event: Event,
    pub(super) options: Options,
    pub(super) loaded: Loaded,
    pub(super) points: Vec<SupplyPointId>,
    /// Whether one point was asked for by name.
    pub(super) named: bool,
}

impl Ground {
    pub(super) fn prepare(asked: &Asked) -> Result<Ground, Failure> {
        let embedded =
            |error: &dyn std::fmt::Display| Failure::usage(format!("内蔵データを読めません / embedded data: {error}"));
        let calendar = Calendar::published().map_err(|error| embedded(&error))?;
        let methods = Methods::published().map_err(|error| embedded(&error))?;
        let options = options(&asked.options)?;
        let event = Event::parse(asked.event, &asked.slots).map_err(|finding| refused(&finding))?;
        let extra = asked.holidays.as_deref().map(holidays).transpose()?.unwrap_or_default();
        let dr_days = asked.dr_days.iter().map(|date| DrDay { date: *date, answered: true }).collect();
        let named = asked.point != "all";
        let wanted = if named { Some(point(&asked.point)?) } else { None };
        let today = asked.today.unwrap_or_else(|| japan_now().date());
        let loaded = load(&asked.readings);
        let points = wanted.map_or_else(|| loaded.readings.points().collect(), |point| vec![point]);
        Ok(Ground { calendar, methods, extra, dr_days, today, event, options, loaded, points, named })
    }

    pub(super) fn case(&self) -> Case<'_> {
        Case {
            dr_days: &self.dr_days,
            today: Some(self.today),
            ..Case::new(DayTypes { calendar: &self.calendar, extra: &self.extra })
        }
    }

    pub(super) fn method(&self, key: &str) -> Result<&Method, Failure> {
        self.methods.get(key).ok_or_else(|| {
            let known = self.methods.iter().map(|method| method.key.as_str()).collect::<Vec<_>>().join(", ");
            Failure::usage(format!("算定方法「{key}」はありません / there is no method `{key}`: {known}"))
        })
    }

    /// Computes every point, in order.
    pub(super) fn each<E>(
        &self,
        method: &Method,
        each: impl FnMut(Result<Computed<'_>, Finding>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (readings, events) = (&self.loaded.readings, [self.event]);
        compute_points(readings, &self.points, &events, method, &self.options, &self.case(), each)
    }

    /// Prints what is wrong with the readings, and more; whether something is an error.
    pub(super) fn tell(&self, more: &[Finding], lang: Lang) -> bool {
        let findings = || self.loaded.findings.iter().chain(more);
        findings().for_each(|finding| say!("{finding}"));
        if self.loaded.omitted > 0 {
            let more = lang.pick("ほかに指摘{n}件", "{n} more findings");
            say!("{}", more.replace("{n}", &self.loaded.omitted.to_string()));
        }
        findings().any(Finding::is_error)
    }
}

fn refused(finding: &Finding) -> Failure {
    Failure::usage(finding.to_string())
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

fn point(wanted: &str) -> Result<SupplyPointId, Failure> {
    SupplyPointId::parse(wanted).map_err(|error| Failure::usage(format!("--point: {} / {}", error.ja(), error.en())))
}

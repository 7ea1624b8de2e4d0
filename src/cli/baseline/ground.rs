//! 算定の準備: what the commands on baselines have in common — readings, event, days, options.

use super::Asked;
use crate::baseline::{Case, Computed, DayTypes, DrDay, Event, Method, Methods, Options, Readings};
use crate::calendar::Calendar;
use crate::cli::Failure;
use crate::cli::out::say;
use crate::cli::way::japan_now;
use crate::desk::baseline::{Loaded, compute_points, days_needed, each_stored, is_stored, load};
use crate::desk::view::Lang;
use crate::items::{Date, SupplyPointId, parse_date};
use crate::rules::Finding;
use std::path::{Path, PathBuf};

/// Everything that was asked for, read and checked.
pub(super) struct Ground {
    calendar: Calendar,
    pub(super) methods: Methods,
    extra: Vec<Date>,
    dr_days: Vec<DrDay>,
    today: Date,
    pub(super) event: Event,
    pub(super) options: Options,
    source: Source,
    /// The point that was asked for by name.
    wanted: Option<SupplyPointId>,
}

/// Where the readings are.
enum Source {
    Files(Loaded),
    Stored(PathBuf),
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
        let wanted = if asked.point == "all" { None } else { Some(point(&asked.point)?) };
        let today = asked.today.unwrap_or_else(|| japan_now().date());
        let source = match is_stored(&asked.readings) {
            true => Source::Stored(asked.readings.clone()),
            false => Source::Files(load(&asked.readings)),
        };
        Ok(Ground { calendar, methods, extra, dr_days, today, event, options, source, wanted })
    }

    /// Whether one point was asked for by name.
    pub(super) const fn named(&self) -> bool {
        self.wanted.is_some()
    }

    /// Whether there can be only one point.
    pub(super) fn single(&self) -> bool {
        self.named() || matches!(&self.source, Source::Files(loaded) if loaded.readings.points().len() == 1)
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

    /// Visits the readings that methods need, one part after the other, with the points that are asked for.
    pub(super) fn each_part(
        &self,
        methods: &[&Method],
        tried: u16,
        mut visit: impl FnMut(&Readings, &[SupplyPointId]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let all = |readings: &Readings| readings.points().collect::<Vec<_>>();
        match &self.source {
            Source::Files(loaded) => {
                let points = self.wanted.map_or_else(|| all(&loaded.readings), |point| vec![point]);
                visit(&loaded.readings, &points)
            }
            Source::Stored(data) => {
                let mut any = false;
                let days = days_needed(&self.event, methods, &self.options, tried);
                each_stored(data, self.wanted, days, |readings| {
                    any = true;
                    visit(readings, &all(readings))
                })?;
                match self.wanted {
                    // It is named as a point without readings.
                    Some(point) if !any => visit(&Readings::default(), &[point]),
                    _ => Ok(()),
                }
            }
        }
    }

    /// Computes every point, in order.
    pub(super) fn each(
        &self,
        method: &Method,
        mut each: impl FnMut(Result<Computed<'_>, Finding>, &Readings) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let (case, events) = (self.case(), [self.event]);
        self.each_part(&[method], 0, |readings, points| {
            let each = |computed: Result<Computed<'_>, Finding>| each(computed, readings);
            compute_points(readings, points, &events, method, &self.options, &case, each)
        })
    }

    /// What is wrong with the readings, and how many further findings were not kept.
    pub(super) fn findings(&self) -> (&[Finding], u64) {
        match &self.source {
            Source::Files(loaded) => (&loaded.findings, loaded.omitted),
            Source::Stored(_) => (&[], 0),
        }
    }

    /// Prints what is wrong with the readings, and more; whether something is an error.
    pub(super) fn tell(&self, more: &[Finding], lang: Lang) -> bool {
        let (own, omitted) = self.findings();
        let findings = || own.iter().chain(more);
        findings().for_each(|finding| say!("{finding}"));
        if omitted > 0 {
            let more = lang.pick("ほかに指摘{n}件", "{n} more findings");
            say!("{}", more.replace("{n}", &omitted.to_string()));
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

//! 算定の準備: what the commands on baselines have in common — readings, event, days, options.

use super::Asked;
use crate::baseline::{Case, Computed, DayTypes, DrDay, Event, Method, Methods, Options, Readings, Requested};
use crate::calendar::Calendar;
use crate::cli::Failure;
use crate::cli::out::say;
use crate::cli::way::japan_now;
use crate::desk::baseline::{
    Comparison, Job, Line, Loaded, compare_points, compute_points, days_needed, each_line, each_stored,
    each_stored_line, is_stored, load,
};
use crate::desk::view::Lang;
use crate::items::{Date, SlotSet, SupplyPointId, parse_date};
use crate::rules::Finding;
use std::path::{Path, PathBuf};

/// Everything that was asked for, read and checked.
pub(super) struct Ground {
    calendar: Calendar,
    pub(super) methods: Methods,
    extra: Vec<Date>,
    dr_days: Vec<DrDay>,
    requested: Vec<Requested>,
    forecasts: Option<Loaded>,
    today: Date,
    /// At least one.
    pub(super) events: Vec<Event>,
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
        let events = events(&asked.event, &asked.slots)?;
        let extra = asked.holidays.as_deref().map(holidays).transpose()?.unwrap_or_default();
        let dr_day = |answered| move |date: &Date| DrDay { date: *date, answered };
        let answered = asked.dr_days.iter().map(dr_day(true));
        let dr_days = answered.chain(asked.unanswered.iter().map(dr_day(false))).collect();
        let requested = asked.exclude.iter().map(|text| requested(text)).collect::<Result<_, _>>()?;
        let wanted = if asked.point == "all" { None } else { Some(point(&asked.point)?) };
        let today = asked.today.unwrap_or_else(|| japan_now().date());
        let source = match is_stored(&asked.readings) {
            true => Source::Stored(asked.readings.clone()),
            false => Source::Files(load(&asked.readings)),
        };
        let forecasts = asked.forecast.as_deref().map(load);
        Ok(Ground { calendar, methods, extra, dr_days, requested, forecasts, today, events, options, source, wanted })
    }

    /// Whether one point was asked for by name.
    pub(super) const fn named(&self) -> bool {
        self.wanted.is_some()
    }

    /// Whether there can be only one point.
    pub(super) fn single(&self) -> bool {
        self.named() || matches!(&self.source, Source::Files(loaded) if loaded.readings.points().len() == 1)
    }

    /// The event, where a command is about one.
    pub(super) fn one_event(&self) -> Result<(), Failure> {
        match self.events.as_slice() {
            [_] => Ok(()),
            _ => Err(Failure::usage(
                "発動は1つだけ指定してください（--event、--slots） / name one event only (--event, --slots)".to_owned(),
            )),
        }
    }

    fn case(&self) -> Case<'_> {
        Case {
            dr_days: &self.dr_days,
            requested: &self.requested,
            today: Some(self.today),
            ..Case::new(DayTypes { calendar: &self.calendar, extra: &self.extra })
        }
    }

    fn job<'a>(&'a self, method: &'a Method, case: &'a Case<'a>) -> Job<'a> {
        let days = days_needed(&self.events, &[method], &self.options, 0);
        let forecasts = self.forecasts.as_ref().map(|loaded| &loaded.readings);
        Job { events: &self.events, method, options: &self.options, case, forecasts, days }
    }

    pub(super) fn method(&self, key: &str) -> Result<&Method, Failure> {
        self.methods.get(key).ok_or_else(|| {
            let known = self.methods.iter().map(|method| method.key.as_str()).collect::<Vec<_>>().join(", ");
            Failure::usage(format!("算定方法「{key}」はありません / there is no method `{key}`: {known}"))
        })
    }

    /// Visits the readings of days, one part after the other, with the points that are asked for.
    fn each_part(
        &self,
        (days, slots): ((Date, Date), SlotSet),
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
                each_stored(data, self.wanted, days, slots, |readings| {
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

    /// Computes every point, in order. The readings hold the slots that it is computed from, and those of whole days where
    /// these are shown.
    pub(super) fn each(
        &self,
        method: &Method,
        whole_days: bool,
        mut each: impl FnMut(Result<Computed<'_>, Finding>, &Readings) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let case = self.case();
        let job = self.job(method, &case);
        let slots = if whole_days { SlotSet::ALL } else { job.slots() };
        self.each_part((job.days, slots), |readings, points| {
            compute_points(readings, points, &job, |computed: Result<Computed<'_>, Finding>| each(computed, readings))
        })
    }

    /// A line for every point, in order.
    pub(super) fn each_line(
        &self,
        method: &Method,
        each: impl FnMut(Line) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let case = self.case();
        let job = self.job(method, &case);
        match &self.source {
            Source::Files(loaded) => each_line(&loaded.readings, &job, each),
            Source::Stored(data) => each_stored_line(data, &job, each),
        }
    }

    /// Compares methods on every point, in order, each tried on so many past days.
    pub(super) fn compare(
        &self,
        methods: &[&Method],
        tried: u16,
        mut each: impl FnMut(Result<Comparison<'_>, Finding>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let Some(method) = methods.first() else { return Ok(()) };
        let case = self.case();
        let job = self.job(method, &case);
        let days = days_needed(&self.events, methods, &self.options, tried);
        self.each_part((days, SlotSet::ALL), |readings, points| {
            compare_points(readings, points, (methods, tried.into()), &job, &mut each)
        })
    }

    /// What is wrong with the readings and forecasts, and how many further findings were not kept.
    pub(super) fn findings(&self) -> (Vec<&Finding>, u64) {
        let own = match &self.source {
            Source::Files(loaded) => Some(loaded),
            Source::Stored(_) => None,
        };
        let loaded = own.into_iter().chain(&self.forecasts);
        let findings = loaded.clone().flat_map(|loaded| &loaded.findings).collect();
        (findings, loaded.map(|loaded| loaded.omitted).sum())
    }

    /// Prints what is wrong with the readings, and more; whether something is an error.
    pub(super) fn tell(&self, more: &[Finding], lang: Lang) -> bool {
        let (own, omitted) = self.findings();
        let findings = || own.iter().copied().chain(more);
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

/// Events: as many days as spans of slots, or one of either for all of the other.
fn events(days: &[Date], slots: &[String]) -> Result<Vec<Event>, Failure> {
    let count = days.len().max(slots.len());
    if [days.len(), slots.len()].iter().any(|len| ![1, count].contains(len)) {
        let (days, slots) = (days.len(), slots.len());
        return Err(Failure::usage(format!(
            "--event は{days}日、--slots は{slots}つです。同じ数にするか、どちらかを1つにしてください / --event names {days} days and \
             --slots {slots} spans: as many of both, or one of either"
        )));
    }
    let pairs = days.iter().cycle().zip(slots.iter().cycle()).take(count);
    let mut events: Vec<Event> = Vec::with_capacity(count);
    for (day, slots) in pairs {
        let event = Event::parse(*day, slots).map_err(|finding| refused(&finding))?;
        if let Some(other) = events.iter().find(|other| event.slots().any(|slot| other.slots().any(|own| own == slot)))
        {
            return Err(Failure::usage(format!(
                "発動「{other}」と「{event}」が重なっています / the events `{other}` and `{event}` overlap"
            )));
        }
        events.push(event);
    }
    events.sort_unstable();
    Ok(events)
}

/// `2026-08-05=指令メール…`: a day and what proves that it is left out.
fn requested(text: &str) -> Result<Requested, Failure> {
    let (date, evidence) = text.split_once('=').unwrap_or((text, ""));
    let date = parse_date(date.trim())
        .map_err(|error| Failure::usage(format!("--exclude {text}: {} / {}", error.ja(), error.en())))?;
    match evidence.trim() {
        "" => Err(Failure::usage(format!(
            "--exclude {date}: 除外の証拠（契約、指令メールなど）を {date}=証拠 のように書いてください / name what proves it, as in \
             {date}=EVIDENCE (contract, dispatch mail)"
        ))),
        evidence => Ok(Requested { date, evidence: evidence.to_owned() }),
    }
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

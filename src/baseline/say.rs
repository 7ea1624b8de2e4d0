//! 算定の指摘: what is to be said about a computation, and what to do.

use super::trace::{Candidate, Exclusion, Fate};
use super::{Case, Computed, Event, Export, Midnight, Of, Options, PointReadings, Status};
use crate::calendar::CalendarError;
use crate::items::Code;
use crate::rules::{Finding, codes};

/// What is to be said of an event whatever the readings are: several events on a day, events across midnight and events that
/// are still to come. `events` are all that are computed together, split at midnight where the option says so.
#[must_use]
pub fn circumstances(event: &Event, events: &[Event], options: &Options, case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let same_day = events.iter().filter(|other| other.date == event.date).count();
    if same_day > 1 {
        let ja = format!("{}に発動が{same_day}回あります。基準時間帯にほかの発動が入ることがあります", event.date);
        let en = format!("{} has {same_day} events: the window of one may contain another", event.date);
        findings.push(codes::TWO_EVENTS.finding(ja, en));
    }
    if event.crosses_midnight() {
        let ja = format!("発動「{event}」は日をまたぎます。{}の1回の発動として算定しました", event.date);
        let en = format!("event `{event}` crosses midnight and is taken as one event of {}", event.date);
        findings.push(codes::ACROSS_MIDNIGHT.finding(ja, en));
    } else if options.midnight == Midnight::Two && touches_midnight(*event, events) {
        let ja = format!("日をまたぐ発動を日ごとに分け、「{event}」を算定しました");
        let en = format!("an event across midnight was split by day: this is `{event}`");
        findings.push(codes::ACROSS_MIDNIGHT.finding(ja, en));
    }
    if is_to_come(event, case) {
        let ja = format!("発動日{}はまだ来ていません", event.date);
        findings.push(codes::EVENT_IN_FUTURE.finding(ja, format!("the event on {} lies in the future", event.date)));
    }
    findings
}

/// Whether the event and one of the next or the last day meet at midnight.
fn touches_midnight(event: Event, events: &[Event]) -> bool {
    let meets = |one: &Event, two: &Event| {
        (one.last.number(), two.first.number()) == (48, 1) && one.date.tomorrow().is_ok_and(|next| next == two.date)
    };
    events.iter().any(|other| meets(&event, other) || meets(other, &event))
}

fn is_to_come(event: &Event, case: &Case<'_>) -> bool {
    case.today.is_some_and(|today| event.date > today)
}

/// Days that were left out for their readings, readings of the event that are missing, readings that are not final.
pub(super) fn readings(out: &mut Computed<'_>, readings: &PointReadings<'_>, case: &Case<'_>) {
    let used = |day: &Candidate| !matches!(day.fate, Fate::NotNeeded | Fate::Excluded(_));
    let needed = out.candidates.iter().rposition(used).map_or(out.candidates.len(), |last| last + 1);
    let mut findings = Vec::new();
    let empty = |day: &&Candidate| day.fate == Fate::Excluded(Exclusion::NoReadings);
    let empty: Vec<_> = out.candidates.iter().take(needed).filter(empty).map(|day| day.date).collect();
    // An event before any data has said so already.
    if let (Some(latest), true) = (empty.first(), out.candidates.iter().any(|day| day.mark.is_some())) {
        let ja = format!("候補日のうち{}日の計量値がありません（{latest}ほか）", empty.len());
        let en = format!("{} candidate days have no readings ({latest} the latest)", empty.len());
        findings.push(codes::CANDIDATE_GAP.finding(ja, en));
    }
    for day in out.candidates.iter().take(needed) {
        let Fate::Excluded(why) = &day.fate else { continue };
        let rule = match why {
            Exclusion::Gap(..) | Exclusion::Disputed(..) => &codes::CANDIDATE_GAP,
            Exclusion::Negative(..) => &codes::NEGATIVE_READING,
            _ => continue,
        };
        let ja = format!("候補日{}を除きました: {}", day.date, why.ja());
        findings.push(rule.finding(ja, format!("candidate day {} was left out: {}", day.date, why.en())));
    }
    if !is_to_come(&out.event, case) {
        for figures in out.slots.iter().filter(|figures| figures.actual.is_none()) {
            let (date, slot) = (figures.date, figures.slot);
            let negative = out.options.export == Export::Refuse && readings.get(date, slot).is_some();
            let (rule, ja, en) = if negative {
                (&codes::NEGATIVE_READING, "計量値が負です", "the reading is below zero")
            } else {
                (&codes::EVENT_GAP, "計量値がありません", "there is no reading")
            };
            let ja = format!("{date} コマ{}の{ja}", slot.number());
            findings.push(rule.finding(ja, format!("{date} slot {}: {en}", slot.number())));
        }
    }
    let chosen = |day: &&Candidate| matches!(day.fate, Fate::Kept | Fate::Added | Fate::Dropped { .. });
    let marks = out.candidates.iter().filter(chosen).filter_map(|day| Some((day.date, day.mark?)));
    let marks = marks.chain(out.mark.map(|mark| (out.event.date, mark)));
    let open: Vec<_> = marks.filter(|(_, mark)| mark.status != Status::Final).collect();
    if let Some((first, mark)) = open.first() {
        let (count, status) = (open.len(), mark.status);
        let ja = format!("確定していない計量値の日が{count}日あります（{first} {}）", status.ja());
        let en = format!("the readings of {count} days are not final ({first} {})", status.en());
        findings.push(codes::READING_NOT_FINAL.finding(ja, en));
    }
    out.findings.append(&mut findings);
}

pub(super) fn no_day_type(error: &CalendarError) -> Finding {
    codes::NO_DAY_TYPE.finding(error.ja(), error.to_string())
}

/// The days are chosen: says where they are fewer than the rule asks for, or days of demand response are among them.
pub(super) fn chosen(out: &mut Computed<'_>, of: Of) {
    let count = |wanted: fn(&Fate) -> bool| out.candidates.iter().filter(|day| wanted(&day.fate)).count();
    let added = count(|fate| *fate == Fate::Added);
    let selected = count(|fate| matches!(fate, Fate::Kept | Fate::Dropped { .. }));
    if added > 0 {
        let dates = out.candidates.iter().rev().filter(|day| day.fate == Fate::Added).map(|day| day.date.to_string());
        let dates = dates.collect::<Vec<_>>();
        let ja = format!("候補日が{selected}日しかないため、過去のDR実施日（{}）を加えました", dates.join("、"));
        let en =
            format!("only {selected} candidate days: past days of demand response were added ({})", dates.join(", "));
        out.findings.push(codes::DR_DAYS_ADDED.finding(ja, en));
    } else if selected < usize::from(of.days) {
        let ja = format!("候補日は{}日必要ですが、{selected}日で算定しました", of.days);
        let en = format!("the rule asks for {} candidate days, {selected} were used", of.days);
        out.findings.push(codes::FEW_DAYS.finding(ja, en));
    }
}

pub(super) fn too_few(out: &mut Computed<'_>, found: usize, wanted: u8) {
    if out.candidates.iter().all(|day| day.mark.is_none()) {
        let ja = format!("{}より前の同じ種類の日の計量値がありません", out.event.date);
        let en = format!("there are no readings of a day of the same kind before {}", out.event.date);
        out.findings.push(codes::NO_EARLIER_READINGS.finding(ja, en));
        return;
    }
    let ja = format!("使える候補日が{found}日しかなく、{wanted}日に足りません");
    let en = format!("only {found} candidate days can be used, {wanted} are needed");
    out.findings.push(codes::BASELINE_NOT_COMPUTABLE.finding(ja, en));
}

/// Readings of the day itself are missing; an event to come has said so already.
pub(super) fn no_window(out: &mut Computed<'_>, why: &Exclusion, case: &Case<'_>) {
    if !is_to_come(&out.event, case) {
        let ja = format!("発動日の計量値が使えません: {}", why.ja());
        let en = format!("the readings of the day of the event cannot be used: {}", why.en());
        out.findings.push(codes::NO_WINDOW.finding(ja, en));
    }
}

pub(super) fn no_scale(out: &mut Computed<'_>) {
    out.findings.push(codes::NO_SCALE.plain());
}

pub(super) fn no_forecast(out: &mut Computed<'_>) {
    out.findings.push(codes::NO_FORECAST.plain());
}

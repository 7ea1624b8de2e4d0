//! 日付の規則: requested dates against today and the standard processing period.

use super::{Finding, RuleContext, codes};
use crate::calendar::{CalendarError, Earliest, Work};
use crate::items::{Area, Date, Family};
use crate::messages::Field;

/// The longest a reconnection may reach back from its application. Unit: days.
///
/// Source: facts/switching.md §2.7 (D, answers to comments on the draft rules: to be confirmed against the text in force).
pub(super) const RECONNECTION_DAYS: i32 = 31;

/// What the earliest date came to.
pub(super) type Counted<'a> = Result<Earliest<'a>, CalendarError>;

/// The earliest date if both applications match today.
pub(super) fn earliest<'a>(context: &RuleContext<'a>, area: Area, family: Family, work: Work) -> Counted<'a> {
    context.calendar.earliest_switch(area, family, work, context.today)
}

/// A date from today on.
pub(super) fn check_not_past(date: Date, today: Date, field: &Field, out: &mut Vec<Finding>) -> bool {
    if date >= today {
        return true;
    }
    let ja = format!("{}（{date}）が今日（{today}）より前です", field.ja);
    out.push(codes::IN_THE_PAST.finding(ja, format!("{} {date} is before today, {today}", field.en)).on(field));
    false
}

/// A switch date against today and the standard processing period.
pub(super) fn check_switch_date(
    date: Date,
    counted: &Counted<'_>,
    context: &RuleContext<'_>,
    field: &Field,
    out: &mut Vec<Finding>,
) {
    if !check_not_past(date, context.today, field, out) {
        return;
    }
    match counted {
        Ok(earliest) if date >= earliest.date => {}
        Ok(earliest) => out.push(too_early(date, earliest, field)),
        Err(error) => out.push(uncounted(error).on(field)),
    }
    let (first, last) = context.calendar.span();
    if counted.is_ok() && date > last {
        out.push(uncounted(&CalendarError::OutsideSpan { date, first, last }).on(field));
    }
}

#[cold]
pub(super) fn too_early(date: Date, earliest: &Earliest<'_>, field: &Field) -> Finding {
    let (first, counted) = (earliest.date, &earliest.counted);
    if earliest.verified {
        let ja = format!("{}（{date}）に間に合いません。最早日は{first}です（{}）", field.ja, counted.ja());
        let en = format!("{} {date} is too early, the earliest date is {first}: {}", field.en, counted.en());
        let way_ja = format!("{first}以降を希望日にしてください（本日マッチングした場合）");
        let way_en = format!("ask for {first} or a later date (if both applications match today)");
        return codes::TOO_EARLY.finding(ja, en).on(field).way_out(way_ja, way_en);
    }
    let ja = format!(
        "{}（{date}）に間に合わないおそれがあります。最早日は{first}の見込みです（{}。未確認の値です: {}）",
        field.ja,
        counted.ja(),
        earliest.source
    );
    let en = format!(
        "{} {date} is probably too early, the earliest date is assumed to be {first}: {} (unverified: {})",
        field.en,
        counted.en(),
        earliest.source
    );
    codes::TOO_EARLY_UNVERIFIED.finding(ja, en).on(field)
}

#[cold]
pub(super) fn uncounted(error: &CalendarError) -> Finding {
    let rule = match error {
        CalendarError::OutsideSpan { .. } => &codes::NO_CALENDAR,
        CalendarError::NoPeriod { .. } => &codes::NO_LEAD_TIME,
    };
    rule.finding(error.ja(), error.to_string())
}

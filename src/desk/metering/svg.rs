//! 地点の一日の図: 48 bars, coloured by how final they are; a slot without a value is a hatched gap, never a zero.

use super::show::PointDay;
use crate::desk::view::Lang;
use crate::items::{Code as _, Energy, Slot};
use crate::messages::metering::ReadingStatus;
use std::fmt::Write as _;

const WIDTH: u32 = 960;
const HEIGHT: u32 = 360;
const LEFT: u32 = 72;
const TOP: u32 = 48;
const BOTTOM: u32 = 56;
const STEP: u32 = 18;
const FLOOR: u32 = HEIGHT - BOTTOM;
const FULL: u32 = FLOOR - TOP;

const fn colour(status: ReadingStatus) -> &'static str {
    match status {
        ReadingStatus::Preliminary => "#d9a441",
        ReadingStatus::Daily => "#4a8fc7",
        ReadingStatus::Fixed => "#2f6b4f",
    }
}

/// The day as a picture. Of the point only the last four digits stand in it.
#[must_use]
pub fn svg(day: &PointDay, lang: Lang) -> String {
    let most = Slot::all().filter_map(|slot| day.get(slot)).map(Energy::ten_thousandths).max().unwrap_or(0).max(1);
    let mut out = String::with_capacity(16 * 1024);
    let mut line = |text: std::fmt::Arguments<'_>| {
        let _infallible = out.write_fmt(text);
        out.push('\n');
    };
    line(format_args!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">"#
    ));
    line(format_args!(
        r##"<defs><pattern id="gap" width="6" height="6" patternUnits="userSpaceOnUse"><path d="M0 6L6 0" stroke="#b03a2e"/></pattern></defs>"##
    ));
    line(format_args!(r##"<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>"##));
    let (date, tail) = (day.date, day.point.masked());
    let unit = lang.pick("30分電力量 kWh", "kWh per half-hour");
    line(format_args!(r#"<text x="{LEFT}" y="24" font-size="15">{date} {tail} {unit}</text>"#));
    for quarter in 0..=4u32 {
        let y = FLOOR - FULL * quarter / 4;
        let right = LEFT + STEP * 48;
        line(format_args!(r##"<path d="M{LEFT} {y}H{right}" stroke="#dddddd"/>"##));
        let value = Energy::from_ten_thousandths(most / 4 * i64::from(quarter) + most % 4 * i64::from(quarter) / 4);
        let (x, y) = (LEFT - 6, y + 4);
        line(format_args!(r#"<text x="{x}" y="{y}" text-anchor="end">{value}</text>"#));
    }
    for slot in Slot::all() {
        let x = LEFT + STEP * u32::from(slot.number() - 1) + 2;
        let width = STEP - 4;
        let (number, title) = (slot.number(), |text: &str| format!("<title>{}: {text}</title>", slot.number()));
        match (day.get(slot), day.slots.status(slot)) {
            (Some(energy), Some(status)) => {
                let height = scaled(energy.ten_thousandths(), most);
                let (y, fill) = (FLOOR - height, colour(status));
                let title = title(&format!("{energy} kWh {}", lang.name(status)));
                line(format_args!(
                    r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}">{title}</rect>"#
                ));
            }
            _ => {
                let title = title(lang.pick("欠測", "missing"));
                line(format_args!(
                    r#"<rect x="{x}" y="{TOP}" width="{width}" height="{FULL}" fill="url(#gap)">{title}</rect>"#
                ));
            }
        }
        if number % 6 == 1 {
            let (x, y, hour) = (x - 2, FLOOR + 16, (number - 1) / 2);
            line(format_args!(r#"<text x="{x}" y="{y}">{hour:02}:00</text>"#));
        }
    }
    let mut x = LEFT;
    let y = HEIGHT - 12;
    for status in ReadingStatus::ALL {
        let (square, text, fill, name) = (y - 10, x + 16, colour(*status), lang.name(*status));
        line(format_args!(r#"<rect x="{x}" y="{square}" width="12" height="12" fill="{fill}"/>"#));
        line(format_args!(r#"<text x="{text}" y="{y}">{name}</text>"#));
        x += 110;
    }
    let (square, text, name) = (y - 10, x + 16, lang.pick("欠測", "missing"));
    line(format_args!(r#"<rect x="{x}" y="{square}" width="12" height="12" fill="url(#gap)"/>"#));
    line(format_args!(r#"<text x="{text}" y="{y}">{name}</text>"#));
    line(format_args!("</svg>"));
    out
}

/// The height of a bar.
fn scaled(count: i64, most: i64) -> u32 {
    let share = i128::from(count.clamp(0, most)) * i128::from(FULL) / i128::from(most);
    u32::try_from(share).unwrap_or(0)
}

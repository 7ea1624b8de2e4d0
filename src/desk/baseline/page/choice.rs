//! 候補日の表: every candidate day with its mean and what became of it, and the readings of the days that were kept.

use super::words::{exact, mark, time};
use crate::baseline::{Candidate, Computed, Fate};
use crate::desk::report::{Esc, full, put};
use crate::desk::view::Lang;
use crate::items::Energy;

/// The candidate days, most recent first; those that were not needed in one line.
pub(super) fn candidates(out: &mut String, computed: &Computed<'_>) {
    let distances = computed.candidates.iter().any(|day| day.distance.is_some());
    out.push_str(
        "<div class=\"wide\"><table class=\"data\"><thead><tr><th>日付（新しい順）</th><th>発動コマの平均 kWh</th>",
    );
    if distances {
        out.push_str("<th>発動日との差 kWh</th>");
    }
    out.push_str("<th>計量値</th><th>採否</th><th>理由</th></tr></thead><tbody>");
    let mut not_needed = 0;
    for day in &computed.candidates {
        let (class, fate, why) = match &day.fate {
            Fate::NotNeeded => {
                not_needed += 1;
                continue;
            }
            Fate::Kept => ("kept", "採用", String::new()),
            Fate::Added => ("kept", "追加", "候補日が足りないため、過去のDR実施日を加えた".to_owned()),
            Fate::Dropped { tie } => ("dropped", "不採用", dropped(computed, day, *tie)),
            Fate::Excluded(why) => ("excluded", "除外", why.ja()),
        };
        put!(
            out,
            "<tr class=\"{class}\"><th>{}</th><td class=\"n\">{}</td>",
            full(day.date, Lang::Ja),
            exact(day.mean)
        );
        if distances {
            put!(out, "<td class=\"n\">{}</td>", exact(day.distance));
        }
        put!(out, "<td>{}</td><td class=\"fate\">{fate}</td><td>{}</td></tr>", mark(day.mark), Esc(&why));
    }
    out.push_str("</tbody></table></div>");
    if not_needed > 0 {
        put!(out, "<p>これより過去の{not_needed}日は、必要な日数がそろったため判定していません。</p>");
    }
}

fn dropped(computed: &Computed<'_>, day: &Candidate, tie: bool) -> String {
    if !tie {
        return if day.distance.is_some() {
            "差の小さい日に入らない"
        } else {
            "平均の大きい日に入らない"
        }
        .to_owned();
    }
    let kept = |other: &&Candidate| other.mean == day.mean && matches!(other.fate, Fate::Kept);
    let same: Vec<_> = computed.candidates.iter().filter(kept).map(|other| other.date.to_string()).collect();
    format!("平均が等しい日（{}）より古い", same.join("、"))
}

/// The readings of the days that were kept, slot by slot, with their mean.
pub(super) fn kept(out: &mut String, computed: &Computed<'_>) {
    let days: Vec<&Candidate> =
        computed.candidates.iter().rev().filter(|day| matches!(day.fate, Fate::Kept | Fate::Added)).collect();
    if days.is_empty() {
        out.push_str("<p>採用日がありません。</p>");
        return;
    }
    out.push_str("<div class=\"wide\"><table class=\"data\"><thead><tr><th>コマ</th><th>時刻</th>");
    days.iter().for_each(|day| put!(out, "<th>{}</th>", full(day.date, Lang::Ja)));
    out.push_str("<th>平均（調整前）</th></tr></thead><tbody>");
    for (place, slot) in computed.slots.iter().enumerate() {
        row(out, slot.slot, &days, |day| day.event.get(place).copied().flatten());
        put!(out, "<td class=\"n\">{}</td></tr>", exact(slot.raw));
    }
    for (place, slot) in computed.window.iter().enumerate().filter(|(_, slot)| slot.raw.is_some()) {
        row(out, slot.slot, &days, |day| day.window.get(place).copied().flatten());
        put!(out, "<td class=\"n\">{}</td></tr>", exact(slot.raw));
    }
    out.push_str("</tbody></table></div><p>発動のコマに続けて、基準時間帯のコマを示しています。</p>");
}

fn row(
    out: &mut String,
    slot: crate::items::Slot,
    days: &[&Candidate],
    reading: impl Fn(&Candidate) -> Option<Energy>,
) {
    put!(out, "<tr><th>{}</th><td>{}</td>", slot.number(), time(slot));
    for day in days {
        let text = reading(day).map_or("欠測".to_owned(), |energy| energy.to_string());
        put!(out, "<td class=\"n\">{text}</td>");
    }
}

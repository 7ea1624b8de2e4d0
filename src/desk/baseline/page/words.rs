//! 算定書の言葉: the steps in sentences, numbers, options.

use crate::baseline::{
    AdjustmentRule, Computed, Direction, Floor, Fraction, HighOf, Kind, Lookback, Mark, Options, Spans,
};
use crate::desk::report::{Esc, put};
use crate::items::{Code as _, Slot};

/// The decimals a person reads where a number does not end.
const ABOUT: u32 = 6;

/// A number to be read at a glance.
pub(super) fn short(exact: Fraction) -> String {
    exact.rounded(4).unwrap_or(exact).to_string()
}

/// A number, exact; where its decimals do not end also about what it is.
pub(super) fn exact(number: Option<Fraction>) -> String {
    let Some(number) = number else { return "–".to_owned() };
    let text = number.to_string();
    match (text.contains('/'), number.rounded(ABOUT)) {
        (true, Some(about)) => format!("{text}<small>約 {about}</small>"),
        _ => text,
    }
}

/// The same within a sentence.
pub(super) fn in_sentence(number: Option<Fraction>) -> String {
    exact(number).replace("<small>", "（").replace("</small>", "）")
}

/// `コマ34（16:30〜17:00）`, or `コマ34〜38（16:30〜19:00）`.
pub(super) fn span(first: Slot, last: Slot) -> String {
    let numbers =
        if first == last { first.number().to_string() } else { format!("{}〜{}", first.number(), last.number()) };
    format!("コマ{numbers}（{}〜{}）", start(first), end(last))
}

fn start(slot: Slot) -> String {
    let (hour, minute) = slot.start();
    format!("{hour}:{minute:02}")
}

fn end(slot: Slot) -> String {
    let (hour, minute) = slot.start();
    if minute == 0 { format!("{hour}:30") } else { format!("{}:00", hour + 1) }
}

/// The half-hour of a slot.
pub(super) fn time(slot: Slot) -> String {
    format!("{}〜{}", start(slot), end(slot))
}

/// How final readings are.
pub(super) fn mark(mark: Option<Mark>) -> String {
    match mark {
        Some(mark) if mark.revision == 0 => mark.status.ja().to_owned(),
        Some(mark) => format!("{}（第{}版）", mark.status.ja(), mark.revision),
        None => "なし".to_owned(),
    }
}

/// What was done, in order.
pub(super) fn steps(out: &mut String, computed: &Computed<'_>) {
    out.push_str("<ol class=\"steps\">");
    let mut step = |text: &str| put!(out, "<li>{}</li>", Esc(text));
    let method = computed.method;
    match method.kind {
        Kind::HighOf(rule) => high_of(&mut step, computed, &rule),
        Kind::Nearest(rule) => {
            let (days, lookback, margin) = (rule.days, rule.lookback, rule.margin);
            step(&format!("発動日の前{lookback}日間から、同じ種類の日（平日または土日祝）を候補日とします。"));
            step(&format!(
                "発動のコマとその前後{margin}コマを除く時間帯で、発動日との使用量の差の合計が最も小さい{days}日を採用します。"
            ));
            step("採用日の計量値をコマごとに平均し、ベースラインとします。");
        }
        Kind::Around(spans) => {
            step(&format!("{}の計量値を平均し、発動のすべてのコマのベースラインとします。", around(spans)));
        }
        Kind::Submitted => step("事前に提出された基準値計画の値をベースラインとします。"),
    }
    if computed.options.floor == Floor::PerSlot {
        step("ベースラインが0を下回るコマは0とします。");
    }
    step(match method.direction {
        Direction::Down => "需要制御量は、コマごとに「ベースライン − 実績」です（下げDR）。",
        Direction::Up => "需要制御量は、コマごとに「実績 − ベースライン」です（上げDR）。",
        Direction::Output => "需要制御量は、コマごとに「発電機等の出力 − ベースライン」です。",
    });
    out.push_str("</ol>");
}

fn high_of(step: &mut impl FnMut(&str), computed: &Computed<'_>, rule: &HighOf) {
    let Some(kind) = computed.day_type else {
        step("発動日が平日か土日祝かを判定できないため、算定できません。");
        return;
    };
    let of = rule.of(kind);
    let (name, lookback) = (kind.ja(), rule.lookback);
    let within = match computed.options.lookback {
        Lookback::CalendarDays => format!("{lookback}日（暦日）以内の{name}"),
        Lookback::DaysOfType => format!("直近の{name}{lookback}日"),
    };
    step(&format!("発動日は{name}です。発動日からさかのぼって{within}を、新しい順に候補とします。"));
    step("過去のDR実施日、除外を申請した日、計量値の欠けた日を除き、その分さらに過去へさかのぼります。");
    if let Some(share) = rule.low_use {
        let (num, den) = (share.num, share.den);
        step(&format!(
            "発動のコマの平均使用量が、総平均の{num}/{den}を下回る日（低使用日）を除きます。ちょうど{num}/{den}の日は残します。総平均の取り方: {}。",
            computed.options.low_use_mean.ja()
        ));
    }
    step(&format!(
        "残った直近{}日のうち、発動のコマの平均使用量が大きい{}日を採用します。平均が等しい日があるときは、最も古い日を採用しません。",
        of.days, of.keep
    ));
    step("採用日の計量値をコマごとに平均します（調整前の値）。");
    match (rule.adjustment, rule.window) {
        (AdjustmentRule::Additive, Some(spans)) => step(&format!(
            "{}を基準時間帯とし、発動日の実績と採用日の平均との差の平均を、調整前の値に加えます（当日調整）。",
            around(spans)
        )),
        (AdjustmentRule::Scaling, Some(spans)) => step(&format!(
            "{}を基準時間帯とし、発動日の実績の合計を採用日の平均の合計で割った比を、調整前の値に掛けます（当日調整）。",
            around(spans)
        )),
        _ => step("当日調整は行いません。"),
    }
}

fn around(spans: Spans) -> String {
    let hours = |slots: u8| {
        let half = if slots % 2 == 1 { "時間半" } else { "時間" };
        if slots == 1 { "30分".to_owned() } else { format!("{}{half}", slots / 2) }
    };
    let before = spans.before;
    let mut text = match before.skip {
        0 => format!("発動開始前の{}（{}コマ）", hours(before.slots), before.slots),
        skip => format!("発動開始の{}前から{}前まで（{}コマ）", hours(before.slots + skip), hours(skip), before.slots),
    };
    if let Some(after) = spans.after {
        text.push_str(&match after.skip {
            0 => format!("と、発動終了後の{}（{}コマ）", hours(after.slots), after.slots),
            skip => format!("と、発動終了の{}後からの{}コマ", hours(skip), after.slots),
        });
    }
    text
}

/// What an option is about.
fn subject(name: &str) -> &str {
    match name {
        "low-use-mean" => "低使用日の総平均の取り方（U1）",
        "low-use-self" => "総平均に判定する日を含むか（U2）",
        "lookback" => "さかのぼる日数の数え方（U3）",
        "floor" => "ベースラインの下限（U4）",
        "second-event" => "同じ日の2回目の発動（U5）",
        "midnight" => "日をまたぐ発動（U6）",
        "unanswered" => "応動しなかったDR実施日（U7）",
        "export" => "負の計量値（U8）",
        "too-few" => "候補日が足りないとき",
        other => other,
    }
}

/// Every option, and whether it is the usual one.
pub(super) fn options(out: &mut String, computed: &Computed<'_>) {
    out.push_str(
        "<p>公表された規則だけでは決まらない点です。既定と異なるものは、相手方との合意を確認してください。</p>\
         <table class=\"data\"><thead><tr><th>選択肢</th><th>適用した値</th><th>指定</th></tr></thead><tbody>",
    );
    for ((name, value, ja, _), (_, usual, ..)) in computed.options.each().zip(Options::default().each()) {
        let told = if value == usual {
            format!("既定（<code>{name}={value}</code>）")
        } else {
            format!("<span class=\"changed\">既定と異なる</span>（<code>{name}={value}</code>）")
        };
        put!(out, "<tr><th>{}</th><td>{ja}</td><td>{told}</td></tr>", subject(name));
    }
    out.push_str("</tbody></table>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::Span;

    #[test]
    fn spans_are_said_as_hours() {
        let span = |slots, skip| Span { slots, skip };
        let said = |before, after| around(Spans { before, after });
        assert_eq!(said(span(6, 4), None), "発動開始の5時間前から2時間前まで（6コマ）");
        assert_eq!(said(span(3, 0), None), "発動開始前の1時間半（3コマ）");
        assert_eq!(
            said(span(6, 2), Some(span(4, 2))),
            "発動開始の4時間前から1時間前まで（6コマ）と、発動終了の1時間後からの4コマ"
        );
    }

    #[test]
    fn numbers_that_do_not_end_say_about_what_they_are() {
        assert_eq!(exact(Fraction::new(1, 3)), "1/3<small>約 0.333333</small>");
        assert_eq!((exact(Fraction::new(1, 4)), exact(None)), ("0.25".to_owned(), "–".to_owned()));
    }

    #[test]
    fn every_option_has_a_subject() {
        for (name, ..) in Options::default().each() {
            assert!(subject(name) != name, "{name}");
        }
    }
}

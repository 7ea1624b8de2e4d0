//! 数値の表: the adjustment with both series, and the slots of the event.

use super::words::{exact, in_sentence, time};
use crate::baseline::{AdjustmentRule, Computed, Direction, Fraction, Kind, WindowSlot};
use crate::desk::report::put;
use crate::items::Energy;

fn energy(energy: Option<Energy>) -> String {
    energy.map_or("欠測".to_owned(), |energy| energy.to_string())
}

fn kwh(energy: Energy) -> Option<Fraction> {
    Fraction::new(i128::from(energy.ten_thousandths()), 10_000)
}

/// The adjustment window with both series and their differences.
pub(super) fn window(out: &mut String, computed: &Computed<'_>) {
    let rule = match computed.method.kind {
        Kind::HighOf(rule) => rule.adjustment,
        _ => AdjustmentRule::None,
    };
    let days = computed.window.iter().any(|slot| slot.raw.is_some());
    out.push_str("<table class=\"data\"><thead><tr><th>年月日</th><th>コマ</th><th>時刻</th><th>発動日の実績</th>");
    if days {
        out.push_str("<th>採用日の平均</th><th>差（実績 − 平均）</th>");
    }
    out.push_str("</tr></thead><tbody>");
    let difference = |slot: &WindowSlot| kwh(slot.actual?)?.checked_sub(slot.raw?);
    for slot in &computed.window {
        put!(
            out,
            "<tr><th>{}</th><td>{}</td><td>{}</td><td class=\"n\">{}</td>",
            slot.date,
            slot.slot.number(),
            time(slot.slot),
            energy(slot.actual)
        );
        if days {
            put!(out, "<td class=\"n\">{}</td><td class=\"n\">{}</td>", exact(slot.raw), exact(difference(slot)));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody>");
    if days {
        let sum = |of: &dyn Fn(&WindowSlot) -> Option<Fraction>| {
            computed.window.iter().try_fold(Fraction::ZERO, |sum, slot| sum.checked_add(of(slot)?))
        };
        let actual = sum(&|slot| kwh(slot.actual?));
        let (raw, differences) = (sum(&|slot| slot.raw), sum(&difference));
        put!(
            out,
            "<tfoot><tr class=\"sum\"><th colspan=\"3\">合計</th><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td></tr></tfoot>",
            exact(actual),
            exact(raw),
            exact(differences)
        );
    }
    out.push_str("</table>");
    let (adjustment, count) = (in_sentence(computed.adjustment), computed.window.len());
    match (rule, computed.adjustment) {
        (AdjustmentRule::Additive, Some(_)) => {
            put!(out, "<p>当日調整 = 差の合計 ÷ {count}コマ = <b>{adjustment}</b> kWh（1コマあたり）</p>");
        }
        (AdjustmentRule::Scaling, Some(_)) => {
            put!(out, "<p>当日調整 = 実績の合計 ÷ 採用日の平均の合計 = <b>{adjustment}</b> 倍</p>");
        }
        (AdjustmentRule::None, _) => {}
        (_, None) => out.push_str("<p>当日調整を求められません。指摘を確認してください。</p>"),
    }
}

/// The slots of the event: from the mean to what was delivered.
pub(super) fn slots(out: &mut String, computed: &Computed<'_>) {
    let direction = computed.method.direction;
    let (actual, formula) = match direction {
        Direction::Down => ("実績", "ベースライン − 実績"),
        Direction::Up => ("実績", "実績 − ベースライン"),
        Direction::Output => ("出力", "出力 − ベースライン"),
    };
    put!(
        out,
        "<div class=\"wide\"><table class=\"data\"><thead><tr><th>年月日</th><th>コマ</th><th>時刻</th>\
         <th>調整前</th><th>ベースライン</th><th>{actual}</th><th>需要制御量（{formula}）</th></tr></thead><tbody>"
    );
    for slot in &computed.slots {
        let floored = if slot.floored { "<small>0未満のため0</small>" } else { "" };
        put!(
            out,
            "<tr><th>{}</th><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}{floored}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            slot.date,
            slot.slot.number(),
            time(slot.slot),
            exact(slot.raw),
            exact(slot.baseline),
            energy(slot.actual),
            exact(slot.reduction)
        );
    }
    put!(
        out,
        "</tbody><tfoot><tr class=\"sum\"><th colspan=\"6\">需要制御量の合計</th><td class=\"n\">{}</td></tr></tfoot>\
         </table></div>",
        exact(computed.total_reduction)
    );
}

//! 算定方法の比較の図: how far each method would have missed, as bars, and what each delivers for the event.

use super::scene::{Anchor, Ink, Scene, Stroke, Tenth, Words};
use crate::baseline::Fraction;
use crate::desk::baseline::Comparison;

const WIDTH: Tenth = 9_600;
const LEFT: Tenth = 4_200;
const RIGHT: Tenth = 6_600;
const TOP: Tenth = 1_050;
const ROW: Tenth = 360;
const BAR: Tenth = 180;
/// From here on a method is not held suitable: 20 %. Source: facts/baseline.md §1.7 (R: confirm).
const LIMIT: i64 = 200;

/// Draws a comparison. Of the point only the last four digits stand in it.
#[must_use]
pub fn methods_plot(comparison: &Comparison<'_>) -> Scene {
    let rows = Tenth::try_from(comparison.suitability.methods.len()).unwrap_or(0);
    let floor = TOP + rows * ROW;
    let named =
        comparison.computed.first().map_or_else(String::new, |one| format!("{} {}", one.event, one.point.masked()));
    let latin = named.replace('…', "*");
    let title = Words::new(format!("算定方法の比較　{named}"), format!("Methods compared  {latin}"));
    let mut scene = Scene::new(WIDTH, floor + 700, title);
    let days = comparison.suitability.days.len();
    let words = Words::new(
        format!("過去{days}日（同じ種類の日、DR実施日を除く）に当てはめた誤差。小さいほど適しています"),
        format!("error on {days} past days of the same kind without events; less is better"),
    );
    scene.text((160, 500), Anchor::Start, Ink::Soft, words);
    // In thousandths.
    let error = |place: usize| comparison.suitability.methods.get(place).and_then(|one| thousandths(one.rrmse));
    let most = (0..comparison.computed.len()).filter_map(error).max().unwrap_or(0).clamp(LIMIT * 5 / 4, 2_000);
    let x = |error: i64| LEFT + Tenth::try_from(error.min(most) * i64::from(RIGHT - LEFT) / most).unwrap_or(0);
    heads(&mut scene);
    for tenth in 0..=most / 100 {
        let x = x(tenth * 100);
        scene.line(vec![(x, TOP - 60), (x, floor)], Stroke::solid(Ink::Grid, 10));
        if most <= 1_000 || tenth % 5 == 0 {
            scene.text((x, floor + 180), Anchor::Middle, Ink::Soft, Words::same(format!("{}%", tenth * 10)));
        }
    }
    for (place, one) in comparison.suitability.methods.iter().enumerate() {
        let y = TOP + Tenth::try_from(place).unwrap_or(0) * ROW;
        let base = y + 180;
        let best = comparison.suitability.best == Some(place);
        let ink = if best { Ink::Best } else { Ink::Text };
        let star = |name: &str, mark: &str| if best { format!("{mark} {name}") } else { name.to_owned() };
        scene.text(
            (LEFT - 120, base),
            Anchor::End,
            ink,
            Words::new(star(&one.method.ja, "◎"), star(&one.method.key, "*")),
        );
        let missing = Words::new("算定できた日なし", "no day computed");
        match thousandths(one.rrmse) {
            None => scene.text((LEFT + 100, base), Anchor::Start, Ink::Soft, missing),
            Some(error) => {
                let ink = if best { Ink::Best } else { Ink::Kept };
                scene.rect((LEFT, y + 50), ((x(error) - LEFT).max(10), BAR), ink);
            }
        }
        let number = |exact: Option<Fraction>| percent(exact).map_or("-".to_owned(), |text| format!("{text}%"));
        let few = if one.days < days { format!(" ({}/{days})", one.days) } else { String::new() };
        scene.text((7_500, base), Anchor::End, Ink::Text, Words::same(format!("{}{few}", number(one.rrmse))));
        scene.text((8_300, base), Anchor::End, Ink::Text, Words::same(number(one.bias)));
        let total = comparison.computed.iter().find(|other| other.method.key == one.method.key);
        let total = total.and_then(|other| other.total_reduction).and_then(|total| total.rounded(4));
        let total = total.map_or("-".to_owned(), |total| total.to_string());
        scene.text((WIDTH - 160, base), Anchor::End, Ink::Text, Words::same(total));
    }
    scene.line(vec![(LEFT, TOP - 60), (LEFT, floor)], Stroke::solid(Ink::Soft, 10));
    let limit = x(LIMIT);
    scene.line(vec![(limit, TOP - 60), (limit, floor)], Stroke::dashed(Ink::Reduction, 16, 60, 40));
    let words = Words::new(
        "破線: 20%（超えるときは代替ベースラインを検討、要確認）　◎ 誤差が最も小さい方法",
        "dashed: 20 % (above it consider another method; to be confirmed)   * least error",
    );
    scene.text((160, floor + 480), Anchor::Start, Ink::Soft, words);
    scene
}

fn heads(scene: &mut Scene) {
    let y = TOP - 160;
    let mut head = |x: Tenth, anchor, ja: &str, en: &str| scene.text((x, y), anchor, Ink::Soft, Words::new(ja, en));
    head(LEFT, Anchor::Start, "相対誤差（RRMSE）", "relative error (RRMSE)");
    head(7_500, Anchor::End, "RRMSE", "RRMSE");
    head(8_300, Anchor::End, "偏り", "bias");
    head(WIDTH - 160, Anchor::End, "需要制御量 kWh", "kWh cut");
}

fn thousandths(exact: Option<Fraction>) -> Option<i64> {
    let parts = exact?.checked_mul(Fraction::whole(1_000))?.rounded(0)?;
    i64::try_from(parts.numerator()).ok()
}

/// In percent, with one decimal.
fn percent(exact: Option<Fraction>) -> Option<String> {
    let tenths = thousandths(exact)?;
    let sign = if tenths < 0 { "-" } else { "" };
    Some(format!("{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10))
}

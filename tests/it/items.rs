//! Properties of the items and of text comparison. All data is made up.

use occto::items::{
    Address, AmountNumber, Area, BusinessCode, Comparison, CustomerName, Energy, FoldingSteps, HalfHours, NoSum, Slot,
    SupplyPointId, Telephone, compare, compare_address, folded, parse_date, parse_date_time, risks,
};
use proptest::prelude::*;

/// Characters that take part in some folding step, and some that take part in none.
const ALPHABET: &[char] = &[
    'a', 'Ａ', '1', '２', ' ', '\u{3000}', '-', '－', 'ー', 'ｰ', '~', '～', '\u{2212}', 'か', 'カ', 'ｶ', 'が', 'ガ',
    'ﾞ', '\u{3099}', 'ゃ', 'ャ', 'ヤ', 'ｬ', 'ヶ', 'ケ', 'ハ', 'ﾊ', '゜', '株', '式', '会', '社', '㈱', '(', '）', 'ユ',
    '有', '髙', '高', '﨑', '崎', '邊', '辺', '一', '二', '十', '〇', '丁', '目', '番', '地', '号', '室', 'の', '山',
    '①', '\u{FA19}', '神', '\u{FE00}', '𠮷', '\t',
];

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(ALPHABET), 0..12).prop_map(|chars| chars.into_iter().collect())
}

/// Two texts that are often equal after folding: the second is the first after a random set of steps.
fn pair() -> impl Strategy<Value = (String, String)> {
    prop_oneof![
        (text(), text()),
        (text(), 0u32..1024).prop_map(|(text, bits)| {
            let steps = FoldingSteps::ADDRESS.iter().enumerate().filter(|(n, _)| bits & (1 << n) != 0);
            let other = folded(&text, steps.map(|(_, step)| step).collect());
            (text, other)
        }),
    ]
}

fn needed(comparison: Comparison) -> Option<FoldingSteps> {
    match comparison {
        Comparison::Equal => Some(FoldingSteps::NONE),
        Comparison::EqualAfter(steps) => Some(steps),
        Comparison::Different => None,
    }
}

fn separated() -> impl Strategy<Value = (String, String)> {
    let separators = proptest::collection::vec(
        proptest::sample::select(&["", "", "-", "－", "‐", "ー", " ", "\u{3000}", "\t", "\u{2212}"][..]),
        22,
    );
    (1u8..=10, "[0-9]{20}", separators, proptest::collection::vec(any::<bool>(), 22)).prop_map(
        |(area, rest, separators, wide)| {
            let plain = format!("{area:02}{rest}");
            let written = plain.chars().zip(separators).zip(wide).map(|((digit, separator), wide)| {
                let digit = if wide { char::from_u32(digit as u32 + 0xFEE0).unwrap() } else { digit };
                format!("{digit}{separator}")
            });
            (written.collect(), plain)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn comparison_is_symmetric_and_minimal((a, b) in pair()) {
        for (ab, ba, allowed) in [
            (compare(&a, &b), compare(&b, &a), FoldingSteps::NAME),
            (compare_address(&a, &b), compare_address(&b, &a), FoldingSteps::ADDRESS),
        ] {
            prop_assert_eq!(ab, ba);
            prop_assert_eq!(ab == Comparison::Equal, a == b);
            let Some(steps) = needed(ab) else { continue };
            prop_assert_eq!(folded(&a, steps), folded(&b, steps));
            prop_assert!(steps.iter().all(|step| allowed.contains(step)));
            for step in steps.iter() {
                let fewer = steps.without(step);
                prop_assert!(folded(&a, fewer) != folded(&b, fewer), "a step is not needed");
            }
        }
    }

    #[test]
    fn comparison_is_reflexive(a in text()) {
        prop_assert_eq!(compare(&a, &a), Comparison::Equal);
        prop_assert_eq!(compare_address(&a, &a), Comparison::Equal);
    }

    #[test]
    fn one_step_is_enough_for_what_one_step_made(a in text()) {
        for step in FoldingSteps::ADDRESS.iter() {
            let other = folded(&a, FoldingSteps::NONE.with(step));
            prop_assert!(needed(compare_address(&a, &other)).is_some(), "{:?}: {:?} and {:?}", step, a, other);
        }
    }

    #[test]
    fn any_text_can_be_compared(a in any::<String>(), b in any::<String>()) {
        prop_assert_eq!(compare_address(&a, &b), compare_address(&b, &a));
        let _ = risks(&a);
    }

    #[test]
    fn an_id_reads_back_as_it_is_printed((written, plain) in separated()) {
        let id = SupplyPointId::parse(&written).unwrap();
        prop_assert_eq!(id.as_str(), &plain);
        prop_assert_eq!(SupplyPointId::parse(&plain), Ok(id));
        prop_assert_eq!(SupplyPointId::parse(&id.grouped().to_string()), Ok(id));
        prop_assert_eq!(id.packed().to_string(), plain.trim_start_matches('0'));
    }

    #[test]
    fn ids_are_ordered_as_their_numbers((_, a) in separated(), (_, b) in separated()) {
        let (a, b) = (SupplyPointId::parse(&a).unwrap(), SupplyPointId::parse(&b).unwrap());
        prop_assert_eq!(a.cmp(&b), a.packed().cmp(&b.packed()));
    }

    #[test]
    fn energy_reads_back_as_it_is_printed(count in -9_999_999_999_999_999i64..=9_999_999_999_999_999) {
        let energy = Energy::from_ten_thousandths(count);
        prop_assert_eq!(Energy::parse(&energy.to_string()), Ok(energy));
    }

    #[test]
    fn an_amount_reads_back_as_it_is_printed(milli in 0u32..1_000_000_000) {
        let number = AmountNumber::from_milli(milli).unwrap();
        prop_assert_eq!(AmountNumber::parse(&number.to_string()), Ok(number));
    }

    #[test]
    fn a_sum_exists_exactly_without_a_gap(values in proptest::collection::vec(proptest::option::weighted(0.98, 0i64..1_000_000), 48)) {
        let mut day = HalfHours::MISSING;
        for (slot, value) in Slot::all().zip(&values) {
            day.set(slot, value.map(Energy::from_ten_thousandths));
        }
        let gap = values.iter().position(Option::is_none).and_then(|index| Slot::new(index as u8 + 1));
        let expected = gap.map_or_else(
            || Ok(Energy::from_ten_thousandths(values.iter().flatten().sum())),
            |slot| Err(NoSum::Gap(slot)),
        );
        prop_assert_eq!(day.sum(), expected);
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "[0-9０-９ー\\-/:.年月日時分TEe+()（）　 \\PC]{0,30}") {
        let _ = SupplyPointId::parse(&text);
        let _ = (Energy::parse(&text), AmountNumber::parse(&text), BusinessCode::parse(&text));
        let _ = (parse_date(&text), parse_date_time(&text), Telephone::parse(&text));
        prop_assert_eq!(CustomerName::parse(&text).is_ok(), !text.is_empty() && occto::items::cp932_len(&text) <= 80);
    }

    #[test]
    fn an_error_never_shows_the_whole_value(text in "[0-9山田a]{8,30}") {
        for error in [SupplyPointId::parse(&text).err(), Telephone::parse(&text).err(), Address::parse(&text).err()] {
            let Some(error) = error else { continue };
            let shown = [error.ja(), error.en(), format!("{:?}", error.kind)];
            prop_assert!(shown.iter().all(|shown| !shown.contains(&text)));
        }
    }
}

#[test]
fn every_area_has_ids_and_business_codes() {
    for number in 1..=10 {
        let area = Area::from_number(number).unwrap();
        let id = SupplyPointId::parse(&format!("{number:02}00111234567890123456")).unwrap();
        let code = BusinessCode::parse(&format!("4011{}", area.digit())).unwrap();
        assert_eq!((id.area(), code.area()), (area, area));
    }
}

//! 精算: what a reduction counts for, each programme with its own rounding rule. Source: facts/baseline.md §1.5.

use super::Fraction;

/// 小売の節電プログラム: the sum over the slots of a day, cut after two decimals of kWh; zero or less counts as zero.
///
/// Takes baseline less use of every slot. Unit: kWh. Source: facts/baseline.md §1.5 (D).
#[must_use]
pub fn retail(differences: &[Fraction]) -> Option<Fraction> {
    sum(differences)?.or_zero().truncated(2)
}

/// 法人DR: kWh of one slot from baseline and use in kW; below zero it stays. Source: facts/baseline.md §1.5 (D).
#[must_use]
pub fn slot_power(baseline_kw: Fraction, use_kw: Fraction) -> Option<Fraction> {
    baseline_kw.checked_sub(use_kw)?.checked_div(Fraction::whole(2))
}

/// 託送の方式: who bears the imbalance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WheelingMethod {
    /// 方式1: retailer and 需要抑制契約者 both.
    One,
    /// 方式2: 需要抑制契約者 alone.
    Two,
}

/// 託送の精算: one slot. Unit: kWh, exact; nothing is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wheeling {
    /// The use at the generating end: use ÷ (1 − loss factor).
    pub gross: Fraction,
    /// 受電電力量: the received reduction; never below zero.
    pub reduction: Fraction,
    /// 余剰
    pub surplus: Fraction,
    /// 補給
    pub shortage: Fraction,
}

/// 一般送配電の託送: settles one slot. Nothing where the loss factor is not below one or below zero.
///
/// 余剰 = 受電電力量 − 計画, 補給 = 計画 − 受電電力量. Under method 2, where nothing is received, use above the baseline is
/// made up, too: 補給 = 計画 + use ÷ (1 − loss factor) − baseline. Source: facts/baseline.md §1.5 (terms D, gross-up I).
#[must_use]
pub fn wheeling(
    plan: Fraction,
    baseline: Fraction,
    metered: Fraction,
    loss: Fraction,
    method: WheelingMethod,
) -> Option<Wheeling> {
    if loss.is_negative() || loss >= Fraction::ONE {
        return None;
    }
    let gross = metered.checked_div(Fraction::ONE.checked_sub(loss)?)?;
    let reduction = baseline.checked_sub(gross)?.or_zero();
    let shortage = match method {
        WheelingMethod::Two if reduction == Fraction::ZERO => plan.checked_add(gross)?.checked_sub(baseline)?,
        _ => plan.checked_sub(reduction)?.or_zero(),
    };
    Some(Wheeling { gross, reduction, surplus: reduction.checked_sub(plan)?.or_zero(), shortage })
}

/// APIによる値の登録: the baseline of an event and what was delivered. Unit: kWh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiSettlement {
    /// The sum of baseline kW × 0.5.
    pub baseline: Fraction,
    /// Baseline less import over the whole event; never below zero.
    pub delivered: Fraction,
}

/// Settles an event on baselines in kW, one for each slot, and the imported kWh of the whole event: zero is the floor of
/// the total, not of a slot.
///
/// Nothing where a baseline has more than one decimal or is outside 0 to the contract. Source: facts/baseline.md §1.5,
/// §2.5 (D).
#[must_use]
pub fn api(baselines_kw: &[Fraction], contract_kw: Fraction, import: Fraction) -> Option<ApiSettlement> {
    let fits = |kw: &Fraction| !kw.is_negative() && *kw <= contract_kw && kw.truncated(1) == Some(*kw);
    if !baselines_kw.iter().all(fits) {
        return None;
    }
    let baseline = sum(baselines_kw)?.checked_div(Fraction::whole(2))?;
    Some(ApiSettlement { baseline, delivered: baseline.checked_sub(import)?.or_zero() })
}

fn sum(parts: &[Fraction]) -> Option<Fraction> {
    parts.iter().try_fold(Fraction::ZERO, |sum, part| sum.checked_add(*part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Fraction {
        Fraction::parse(text).unwrap()
    }

    #[test]
    fn retail_cuts_the_third_decimal_and_knows_no_debt() {
        for (differences, counted) in [
            (&["0.125", "-0.031", "0.4079"][..], "0.5"),
            (&["-0.2", "0.1"], "0"),
            (&["0.3336", "0.3333"], "0.66"),
            (&[], "0"),
        ] {
            let differences: Vec<_> = differences.iter().map(|text| of(text)).collect();
            assert_eq!(retail(&differences), Some(of(counted)));
        }
    }

    #[test]
    fn wheeling_by_the_numbers_of_the_facts() {
        let settle = |used: &str, loss: &str, method| {
            let settled = wheeling(of("20"), of("100"), of(used), of(loss), method).unwrap();
            [settled.gross, settled.reduction, settled.surplus, settled.shortage]
                .map(|number| number.rounded(4).unwrap().to_string())
        };
        use WheelingMethod::{One, Two};
        assert_eq!(settle("85", "0", One), ["85", "15", "0", "5"]);
        assert_eq!(settle("80", "0.042", One), ["83.5073", "16.4927", "0", "3.5073"]);
        assert_eq!(settle("80", "0.042", Two), ["83.5073", "16.4927", "0", "3.5073"]);
        assert_eq!(settle("97", "0.042", One), ["101.2526", "0", "0", "20"]);
        assert_eq!(settle("97", "0.042", Two), ["101.2526", "0", "0", "21.2526"]);
        assert_eq!(settle("70", "0", Two), ["70", "30", "10", "0"]);
        for loss in ["1", "1.5", "-0.1"] {
            assert_eq!(wheeling(of("1"), of("1"), of("1"), of(loss), One), None, "{loss}");
        }
    }

    #[test]
    fn an_api_settles_the_whole_event() {
        let settle = |kw: &[&str], import: &str| {
            let kw: Vec<_> = kw.iter().map(|text| of(text)).collect();
            api(&kw, of("2000"), of(import)).map(|s| (s.baseline.to_string(), s.delivered.to_string()))
        };
        let gives = |baseline: &str, delivered: &str| Some((baseline.to_owned(), delivered.to_owned()));
        assert_eq!(settle(&["1000.0", "1000.0"], "850.2"), gives("1000", "149.8"));
        assert_eq!(settle(&["1000.0", "1000.0"], "825.5"), gives("1000", "174.5"));
        assert_eq!(settle(&["1000.0", "1000.0"], "808.0"), gives("1000", "192"));
        assert_eq!(settle(&["1000.0"], "808"), gives("500", "0"));
        assert_eq!((settle(&["0.05"], "0"), settle(&["-1"], "0"), settle(&["2000.1"], "0")), (None, None, None));
    }

    #[test]
    fn a_slot_below_zero_stays_below_zero() {
        assert_eq!(slot_power(of("100"), of("85.5")), Some(of("7.25")));
        assert_eq!(slot_power(of("85.5"), of("100")), Some(of("-7.25")));
    }
}

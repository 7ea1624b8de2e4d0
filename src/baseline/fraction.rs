//! 分数: exact numbers. Nothing is rounded before the rule that says so.

use std::cmp::Ordering;
use std::fmt;

/// 分数: an exact number in lowest terms. Shown as a decimal where that ends, else as `p/q`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fraction {
    num: i128,
    /// Above zero, without a common factor with `num`.
    den: i128,
}

impl Fraction {
    /// 0.
    pub const ZERO: Fraction = Fraction { num: 0, den: 1 };
    /// 1.
    pub const ONE: Fraction = Fraction { num: 1, den: 1 };

    /// `num / den`; nothing where `den` is zero.
    #[must_use]
    pub fn new(num: i128, den: i128) -> Option<Fraction> {
        if den == 0 {
            return None;
        }
        let common = i128::try_from(gcd(num.unsigned_abs(), den.unsigned_abs())).ok()?;
        let (num, den) = (num / common, den / common);
        if den < 0 {
            Some(Fraction { num: num.checked_neg()?, den: den.checked_neg()? })
        } else {
            Some(Fraction { num, den })
        }
    }

    /// A whole number.
    #[must_use]
    pub const fn whole(number: i64) -> Fraction {
        Fraction { num: number as i128, den: 1 }
    }

    /// kWh of a count of 0.0001 kWh that is divided by `den`.
    pub(super) fn kwh(count: i128, den: i128) -> Option<Fraction> {
        Fraction::new(count, den.checked_mul(10_000)?)
    }

    /// Reads `12`, `-0.042` or `-359/8`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Fraction> {
        if let Some((num, den)) = text.split_once('/') {
            return digits(den).then(|| Fraction::new(integer(num)?, den.parse().ok()?)).flatten();
        }
        let (whole, decimals) = text.split_once('.').map_or((text, "0"), |(whole, decimals)| (whole, decimals));
        let scale = 10i128.checked_pow(u32::try_from(decimals.len()).ok()?)?;
        let part: i128 = digits(decimals).then(|| decimals.parse().ok()).flatten()?;
        let part = if whole.starts_with('-') { -part } else { part };
        Fraction::new(integer(whole)?.checked_mul(scale)?.checked_add(part)?, scale)
    }

    /// The numerator, in lowest terms.
    #[must_use]
    pub const fn numerator(self) -> i128 {
        self.num
    }
    /// The denominator, in lowest terms; above zero.
    #[must_use]
    pub const fn denominator(self) -> i128 {
        self.den
    }
    /// Whether it is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.num < 0
    }
    /// The sum, unless it is beyond what the type holds.
    #[must_use]
    pub fn checked_add(self, other: Fraction) -> Option<Fraction> {
        let common = i128::try_from(gcd(self.den.unsigned_abs(), other.den.unsigned_abs())).ok()?;
        let (own, theirs) = (self.den / common, other.den / common);
        let num = self.num.checked_mul(theirs)?.checked_add(other.num.checked_mul(own)?)?;
        Fraction::new(num, self.den.checked_mul(theirs)?)
    }
    /// The difference, unless it is beyond what the type holds.
    #[must_use]
    pub fn checked_sub(self, other: Fraction) -> Option<Fraction> {
        self.checked_add(Fraction { num: other.num.checked_neg()?, den: other.den })
    }
    /// The product, unless it is beyond what the type holds.
    #[must_use]
    pub fn checked_mul(self, other: Fraction) -> Option<Fraction> {
        // Cross reduction keeps the factors small.
        let (one, two) = (Fraction::new(self.num, other.den)?, Fraction::new(other.num, self.den)?);
        Fraction::new(one.num.checked_mul(two.num)?, one.den.checked_mul(two.den)?)
    }
    /// The quotient; nothing for a division by zero or beyond what the type holds.
    #[must_use]
    pub fn checked_div(self, other: Fraction) -> Option<Fraction> {
        self.checked_mul(Fraction::new(other.den, other.num)?)
    }
    /// 0 where it is below zero.
    #[must_use]
    pub const fn or_zero(self) -> Fraction {
        if self.num < 0 { Fraction::ZERO } else { self }
    }
    /// 切捨て: towards zero, to this many decimals.
    #[must_use]
    pub fn truncated(self, decimals: u32) -> Option<Fraction> {
        let scale = 10i128.checked_pow(decimals)?;
        Fraction::new(self.num.checked_mul(scale)? / self.den, scale)
    }
    /// 四捨五入: to the nearest with this many decimals, a half away from zero.
    #[must_use]
    pub fn rounded(self, decimals: u32) -> Option<Fraction> {
        let scale = 10i128.checked_pow(decimals)?;
        let twice = self.num.checked_mul(scale)?.checked_mul(2)?;
        let half = if self.num < 0 { -self.den } else { self.den };
        Fraction::new(twice.checked_add(half)? / self.den.checked_mul(2)?, scale)
    }
}

/// Compares exactly, without products that could be too great.
impl Ord for Fraction {
    fn cmp(&self, other: &Fraction) -> Ordering {
        let (mut one, mut two) = ((self.num, self.den), (other.num, other.den));
        loop {
            let whole = one.0.div_euclid(one.1).cmp(&two.0.div_euclid(two.1));
            let (left, right) = (one.0.rem_euclid(one.1), two.0.rem_euclid(two.1));
            match (whole, left, right) {
                (Ordering::Equal, 0, 0) => return Ordering::Equal,
                (Ordering::Equal, 0, _) => return Ordering::Less,
                (Ordering::Equal, _, 0) => return Ordering::Greater,
                // left/den < right/den exactly when den/right < den/left.
                (Ordering::Equal, ..) => (one, two) = ((two.1, right), (one.1, left)),
                (other, ..) => return other,
            }
        }
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Fraction) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.den;
        for factor in [2, 5] {
            while left % factor == 0 {
                left /= factor;
            }
        }
        if left != 1 {
            return write!(f, "{}/{}", self.num, self.den);
        }
        let (num, den) = (self.num.unsigned_abs(), self.den.unsigned_abs());
        write!(f, "{}{}", if self.num < 0 { "-" } else { "" }, num / den)?;
        let mut rest = num % den;
        if rest > 0 {
            f.write_str(".")?;
        }
        while rest > 0 {
            let Some(ten) = rest.checked_mul(10) else { return Err(fmt::Error) };
            write!(f, "{}", ten / den)?;
            rest = ten % den;
        }
        Ok(())
    }
}

impl fmt::Debug for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn gcd(mut one: u128, mut two: u128) -> u128 {
    while two > 0 {
        // Mostly both are of one word, or soon are: a division of two words takes several times as long.
        if let (Ok(mut small), Ok(mut rest)) = (u64::try_from(one), u64::try_from(two)) {
            while rest > 0 {
                (small, rest) = (rest, small % rest);
            }
            return small.max(1).into();
        }
        (one, two) = (two, one % two);
    }
    one.max(1)
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn integer(text: &str) -> Option<i128> {
    digits(text.strip_prefix('-').unwrap_or(text)).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str) -> Fraction {
        Fraction::parse(text).unwrap()
    }

    #[test]
    fn a_decimal_that_ends_is_shown_as_one() {
        for (text, shown) in [
            ("-359/8", "-44.875"),
            ("1/3", "1/3"),
            ("-2/6", "-1/3"),
            ("0/7", "0"),
            ("0.50", "0.5"),
            ("-0.042", "-0.042"),
            ("10228/5", "2045.6"),
            ("7", "7"),
        ] {
            assert_eq!(of(text).to_string(), shown, "{text}");
        }
        for text in ["", "-", "1/", "/2", "1/0", "1/-2", "1.", ".5", "+1", "1e3", "--1", "1.-5", "1 "] {
            assert_eq!(Fraction::parse(text), None, "{text}");
        }
    }

    #[test]
    fn rounding_is_named() {
        assert_eq!(of("0.6669").truncated(2), Some(of("0.66")));
        assert_eq!(of("-0.6669").truncated(2), Some(of("-0.66")));
        assert_eq!(of("0.6669").rounded(2), Some(of("0.67")));
        assert_eq!((of("0.005").rounded(2), of("-0.005").rounded(2)), (Some(of("0.01")), Some(of("-0.01"))));
        assert_eq!(of("2/3").rounded(4), Some(of("0.6667")));
    }

    #[test]
    fn what_is_too_great_is_nothing() {
        let great = Fraction::new(i128::MAX, 1).unwrap();
        assert_eq!((great.checked_add(Fraction::ONE), great.checked_mul(great)), (None, None));
        assert_eq!((Fraction::new(1, 0), Fraction::ONE.checked_div(Fraction::ZERO)), (None, None));
        assert_eq!(Fraction::new(i128::MIN, -1), None);
        assert_eq!(Fraction::new(1, i128::MIN), None);
    }

    proptest! {
        #[test]
        fn it_counts_as_integers_do(a in -999i64..999, b in 1i64..99, c in -999i64..999, d in 1i64..99) {
            let (one, two) = (
                Fraction::new(a.into(), b.into()).unwrap(),
                Fraction::new(c.into(), d.into()).unwrap(),
            );
            prop_assert_eq!(one.cmp(&two), (a * d).cmp(&(c * b)));
            prop_assert_eq!(one.checked_add(two), Fraction::new((a * d + c * b).into(), (b * d).into()));
            prop_assert_eq!(one.checked_sub(two), Fraction::new((a * d - c * b).into(), (b * d).into()));
            prop_assert_eq!(one.checked_mul(two), Fraction::new((a * c).into(), (b * d).into()));
            prop_assert_eq!(Fraction::parse(&one.to_string()), Some(one));
            if c != 0 {
                prop_assert_eq!(one.checked_div(two), Fraction::new((a * d).into(), (b * c).into()));
            }
        }
    }
}

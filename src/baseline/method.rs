//! 算定方法: the methods as rows of a table, `schemas/baseline/methods.toml`.

use super::Fraction;
use super::event::DayType;
use serde::Deserialize;
use std::fmt;

crate::code_set! {
    /// 需要制御の向き: what counts as the delivered quantity.
    pub enum Direction = "direction" {
        Down = "down", "下げDR", "baseline less use";
        Up = "up", "上げDR", "use less baseline";
        Output = "output", "発電機等", "output less usual output";
    }
}

crate::code_set! {
    /// 計量の対象: which meter the readings are of.
    pub enum Measured = "measured" {
        Point = "point", "受電点", "supply point";
        Device = "device", "機器点", "device";
        Generator = "generator", "発電機等", "generator or battery";
    }
}

crate::code_set! {
    /// 当日調整: how the level of the day itself moves the baseline.
    pub enum AdjustmentRule = "adjustment" {
        None = "none", "なし", "none";
        Additive = "additive", "加算", "additive";
        Scaling = "scaling", "比例", "scaling";
    }
}

/// 区間: half-hours before or after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// How many.
    pub slots: u8,
    /// How many lie between them and the event.
    pub skip: u8,
}

/// 区間の組: half-hours before an event, and perhaps after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spans {
    /// Before the event.
    pub before: Span,
    /// After the event.
    pub after: Option<Span>,
}

impl Spans {
    /// Its half-hours for an event of `len` slots, counted from the first slot of the event, in order.
    pub(super) fn offsets(&self, len: usize) -> impl Iterator<Item = i64> + use<> {
        let end = i64::from(self.before.skip);
        let before = -end - i64::from(self.before.slots)..-end;
        let after = self.after.map_or(0..0, |span| {
            let start = i64::try_from(len).unwrap_or(48) + i64::from(span.skip);
            start..start + i64::from(span.slots)
        });
        before.chain(after)
    }
}

/// X of Y: of the last `days` days the highest `keep` are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Of {
    /// Y
    pub days: u8,
    /// X
    pub keep: u8,
}

/// High X of Y: what a row of the family says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HighOf {
    /// On weekdays.
    pub weekday: Of,
    /// On weekends and holidays.
    pub holiday: Of,
    /// How many days it looks back.
    pub lookback: u16,
    /// 低使用日: a day below this share of the mean is left out.
    pub low_use: Option<Share>,
    /// 当日調整
    pub adjustment: AdjustmentRule,
    /// The window of the adjustment.
    pub window: Option<Spans>,
}

impl HighOf {
    /// X of Y for a kind of day.
    #[must_use]
    pub const fn of(&self, day: DayType) -> Of {
        match day {
            DayType::Weekday => self.weekday,
            DayType::Holiday => self.holiday,
        }
    }
}

/// A share of a mean, for example 1/4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Above.
    pub num: i64,
    /// Below.
    pub den: i64,
}

/// 同等日採用法: what a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// How many days are averaged.
    pub days: u8,
    /// How many days it looks back.
    pub lookback: u16,
    /// How many slots beside the event are left out of the comparison.
    pub margin: u8,
}

/// How a method comes to a baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// High X of Y
    HighOf(HighOf),
    /// 同等日採用法
    Nearest(Nearest),
    /// 事前・事後計測
    Around(Spans),
    /// 基準値計画
    Submitted,
}

/// 算定方法: one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// Its key, for example `high-4-of-5`.
    pub key: String,
    /// Its name, in Japanese.
    pub ja: String,
    /// Its name, in English.
    pub en: String,
    /// Where it comes from.
    pub source: String,
    /// Whether every detail is confirmed.
    pub verified: bool,
    /// What counts as delivered.
    pub direction: Direction,
    /// Which meter it reads.
    pub measured: Measured,
    /// How it comes to a baseline.
    pub kind: Kind,
}

/// 算定方法の表: every method, in the order of the table.
#[derive(Clone, Debug)]
pub struct Methods(Vec<Method>);

/// 表の誤り: why a table of methods cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodError {
    /// The row, by its key; empty where the file is no table.
    pub key: String,
    /// What is wrong, in English.
    pub en: String,
}

impl Methods {
    /// The methods that ship: `schemas/baseline/methods.toml`.
    pub fn published() -> Result<Methods, MethodError> {
        Methods::read(include_str!("../../schemas/baseline/methods.toml"))
    }

    /// Methods of a table in the same form.
    pub fn read(text: &str) -> Result<Methods, MethodError> {
        let file: File =
            toml::from_str(text).map_err(|error| MethodError { key: String::new(), en: error.message().to_owned() })?;
        let mut methods: Vec<Method> = Vec::with_capacity(file.method.len());
        for row in file.method {
            let key = row.key.clone();
            let fail = |en: &str| MethodError { key: key.clone(), en: en.to_owned() };
            if methods.iter().any(|method| method.key == key) {
                return Err(fail("the key stands twice"));
            }
            methods.push(row.method().map_err(|en| fail(&en))?);
        }
        Ok(Methods(methods))
    }

    /// The method of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Method> {
        self.0.iter().find(|method| method.key == key)
    }

    /// Every method, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = &Method> {
        self.0.iter()
    }
}

impl fmt::Display for MethodError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "methods.toml `{}`: 算定方法を読み込めません / {}", self.key, self.en)
    }
}

impl std::error::Error for MethodError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    method: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    key: String,
    ja: String,
    en: String,
    source: String,
    verified: bool,
    direction: Option<String>,
    measured: Option<String>,
    kind: String,
    weekday: Option<Of>,
    holiday: Option<Of>,
    lookback: Option<u16>,
    low_use: Option<String>,
    adjustment: Option<String>,
    window: Option<Spans>,
    days: Option<u8>,
    margin: Option<u8>,
    before: Option<Span>,
    after: Option<Span>,
}

/// The furthest a row may look back: what the engine's columns of days hold.
const MOST_LOOKBACK: u16 = 366;

impl Row {
    fn method(self) -> Result<Method, String> {
        let kind = self.kind()?;
        Ok(Method {
            direction: code(self.direction.as_deref(), Direction::Down)?,
            measured: code(self.measured.as_deref(), Measured::Point)?,
            key: self.key,
            ja: self.ja,
            en: self.en,
            source: self.source,
            verified: self.verified,
            kind,
        })
    }

    fn kind(&self) -> Result<Kind, String> {
        let lookback = |this: &Row| match this.lookback {
            Some(days @ 1..=MOST_LOOKBACK) => Ok(days),
            _ => Err(format!("`lookback` is 1 to {MOST_LOOKBACK}")),
        };
        match self.kind.as_str() {
            "high-of" => self.high_of(lookback(self)?).map(Kind::HighOf),
            "nearest" => match (self.days, self.margin) {
                (Some(days @ 1..=30), Some(margin @ 0..=24)) => {
                    Ok(Kind::Nearest(Nearest { days, lookback: lookback(self)?, margin }))
                }
                _ => Err("`days` is 1 to 30 and `margin` 0 to 24".to_owned()),
            },
            "around" => match self.before {
                Some(before) => Ok(Kind::Around(spans(Spans { before, after: self.after })?)),
                None => Err("`before` is missing".to_owned()),
            },
            "submitted" => Ok(Kind::Submitted),
            other => Err(format!("`{other}` is no kind")),
        }
    }

    fn high_of(&self, lookback: u16) -> Result<HighOf, String> {
        let of = |of: Option<Of>| match of {
            Some(of) if of.keep >= 1 && of.keep <= of.days && of.days <= 30 => Ok(of),
            _ => Err("`weekday` and `holiday` are `{ days, keep }`, 1 ≤ keep ≤ days ≤ 30".to_owned()),
        };
        let adjustment = code(self.adjustment.as_deref(), AdjustmentRule::None)?;
        if (adjustment == AdjustmentRule::None) != self.window.is_none() {
            return Err("an adjustment has a `window`, and a window an `adjustment`".to_owned());
        }
        Ok(HighOf {
            weekday: of(self.weekday)?,
            holiday: of(self.holiday)?,
            lookback,
            low_use: self.low_use.as_deref().map(share).transpose()?,
            adjustment,
            window: self.window.map(spans).transpose()?,
        })
    }
}

fn code<C: crate::items::Code>(key: Option<&str>, usual: C) -> Result<C, String> {
    match key {
        None => Ok(usual),
        Some(key) => C::from_key(key).ok_or_else(|| format!("`{key}` is no {}", C::TABLE)),
    }
}

fn share(text: &str) -> Result<Share, String> {
    let share = Fraction::parse(text).filter(|share| !share.is_negative() && share.denominator() <= 1000);
    let parts = share.and_then(|share| {
        let (num, den) = (i64::try_from(share.numerator()).ok()?, i64::try_from(share.denominator()).ok()?);
        (num <= den).then_some(Share { num, den })
    });
    parts.ok_or_else(|| format!("`{text}` is no share such as `1/4`"))
}

fn spans(spans: Spans) -> Result<Spans, String> {
    let fits = |span: &Span| (1..=48).contains(&span.slots) && span.skip <= 48;
    if fits(&spans.before) && spans.after.as_ref().is_none_or(fits) {
        Ok(spans)
    } else {
        Err("a span has 1 to 48 `slots` and skips 0 to 48".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_that_ships_is_read() {
        let methods = Methods::published().unwrap();
        let standard = methods.get("high-4-of-5").unwrap();
        let Kind::HighOf(rule) = standard.kind else { panic!("not of the family") };
        assert_eq!(rule.of(DayType::Weekday), Of { days: 5, keep: 4 });
        assert_eq!(rule.of(DayType::Holiday), Of { days: 3, keep: 2 });
        assert_eq!(rule.low_use, Some(Share { num: 1, den: 4 }));
        assert_eq!(rule.window.unwrap().offsets(4).collect::<Vec<_>>(), [-10, -9, -8, -7, -6, -5]);
        assert_eq!(methods.iter().count(), 13);
    }

    #[test]
    fn the_spans_of_the_published_example() {
        // Event HE13–17 is slots 24..34; HE9–11 is 16..22, HE19–20 is 36..40 (facts/baseline.md §1.7).
        let methods = Methods::published().unwrap();
        let Kind::Around(spans) = methods.get("before-after-metering").unwrap().kind else { panic!("no spans") };
        let slots: Vec<_> = spans.offsets(10).map(|offset| offset + 24).collect();
        assert_eq!(slots, (16..22).chain(36..40).collect::<Vec<_>>());
    }

    #[test]
    fn a_wrong_row_is_named() {
        let row = |more: &str| {
            let head = "[[method]]\nkey = \"x\"\nja = \"x\"\nen = \"x\"\nsource = \"x\"\nverified = false\n";
            Methods::read(&format!("{head}{more}")).unwrap_err()
        };
        for more in [
            "kind = \"highest\"",
            "kind = \"nearest\"\nlookback = 30\ndays = 0\nmargin = 2",
            "kind = \"around\"",
            "kind = \"around\"\nbefore = { slots = 0, skip = 0 }",
            "kind = \"submitted\"\ndirection = \"left\"",
            "kind = \"high-of\"\nlookback = 0",
            "kind = \"high-of\"\nlookback = 30\nweekday = { days = 3, keep = 4 }",
        ] {
            assert_eq!(row(more).key, "x", "{more}");
        }
    }
}

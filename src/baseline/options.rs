//! 選択肢: what the published rule leaves open, each point a named option with its default (facts/baseline.md §1.4).

use crate::items::Code;
use crate::rules::{Finding, codes};

crate::code_set! {
    /// U1 低使用日の総平均: which days the overall mean of the low-use test is taken over.
    pub enum LowUseMean = "low-use-mean" {
        Repeat = "repeat", "選択中の日（安定するまで繰返し）", "the selected days, repeated after every refill until stable";
        Once = "once", "選択中の日（1回のみ）", "the selected days once; days that refill are not tested";
        Pool = "pool", "期間内の全候補日", "every usable day of the period";
    }
}

crate::code_set! {
    /// U2 低使用日の総平均に当日を含むか: whether the mean includes the day that is tested.
    pub enum LowUseSelf = "low-use-self" {
        Included = "included", "判定する日を含む", "the tested day is included";
        Excluded = "excluded", "判定する日を除く", "the tested day is left out";
    }
}

crate::code_set! {
    /// U3 遡る日数の数え方: what the days of the period are.
    pub enum Lookback = "lookback" {
        CalendarDays = "calendar-days", "暦日", "calendar days";
        DaysOfType = "days-of-type", "同じ種類の日", "days of the same kind";
    }
}

crate::code_set! {
    /// U4 下限: what happens to a baseline below zero.
    pub enum Floor = "floor" {
        PerSlot = "per-slot", "コマごとに0", "zero, slot by slot, after the adjustment";
        None = "none", "なし", "it stays";
    }
}

crate::code_set! {
    /// U5 同じ日の2回目の発動: the adjustment window of a second event.
    pub enum SecondEvent = "second-event" {
        AsIs = "as-is", "そのまま", "its own window, even where the first event lies in it";
        FirstWindow = "first-window", "1回目の基準時間帯", "the window of the first event of the day";
    }
}

crate::code_set! {
    /// U6 日をまたぐ発動: an event that crosses midnight.
    pub enum Midnight = "midnight" {
        One = "one", "1回として扱う", "one event of the day it begins on; every past day is taken the same way";
        Two = "two", "日ごとに分ける", "two events, one of each day";
    }
}

crate::code_set! {
    /// U7 応動しなかった日: a day that was called but not answered.
    pub enum Unanswered = "unanswered" {
        Exclude = "exclude", "DR実施日として除く", "a past day of demand response: left out";
        Keep = "keep", "候補日とする", "a candidate as any other";
    }
}

crate::code_set! {
    /// U8 負の計量値: a reading below zero (reverse flow).
    pub enum Export = "export" {
        Refuse = "refuse", "欠測として扱う", "as if it were missing";
        Signed = "signed", "そのまま使う", "used as it is";
    }
}

crate::code_set! {
    /// 日数不足: what happens where fewer days are left than are kept (facts/baseline.md §1.4, R).
    pub enum TooFew = "too-few" {
        DrDays = "dr-days", "期間内のDR実施日を需要の多い順に加える", "past days of demand response are added, the greatest first";
        Stop = "stop", "算定しない", "no baseline";
    }
}

macro_rules! options {
    ($($(#[$doc:meta])* $field:ident: $type:ident = $usual:ident, $alias:literal;)*) => {
        /// 選択肢の組: every option of a computation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Options { $($(#[$doc])* pub $field: $type,)* }

        impl Default for Options {
            fn default() -> Options {
                Options { $($field: $type::$usual),* }
            }
        }

        impl Options {
            /// Sets an option by its name (or `U1`…`U8`) to a value by its key.
            pub fn set(&mut self, name: &str, value: &str) -> Result<(), Box<Finding>> {
                $(if name == $type::TABLE || name.eq_ignore_ascii_case($alias) {
                    self.$field = $type::from_key(value).ok_or_else(|| unknown_value::<$type>(value))?;
                    return Ok(());
                })*
                Err(unknown_name(name))
            }

            /// Every option: name, value, and the value in Japanese and English.
            pub fn each(&self) -> impl Iterator<Item = (&'static str, &'static str, &'static str, &'static str)> {
                [$(($type::TABLE, self.$field.key(), self.$field.ja(), self.$field.en())),*].into_iter()
            }
        }
    };
}

options! {
    /// U1
    low_use_mean: LowUseMean = Repeat, "U1";
    /// U2
    low_use_self: LowUseSelf = Included, "U2";
    /// U3
    lookback: Lookback = CalendarDays, "U3";
    /// U4
    floor: Floor = PerSlot, "U4";
    /// U5
    second_event: SecondEvent = AsIs, "U5";
    /// U6
    midnight: Midnight = One, "U6";
    /// U7
    unanswered: Unanswered = Exclude, "U7";
    /// U8
    export: Export = Refuse, "U8";
    /// 日数不足
    too_few: TooFew = DrDays, "too-few";
}

fn unknown_name(name: &str) -> Box<Finding> {
    let known: Vec<_> = Options::default().each().map(|(name, ..)| name).collect();
    let ja = format!("選択肢「{name}」はありません（使える名前: {}）", known.join("、"));
    Box::new(
        codes::BASELINE_SETTING
            .finding(ja, format!("there is no option `{name}`, expected one of {}", known.join(", "))),
    )
}

fn unknown_value<C: Code>(value: &str) -> Box<Finding> {
    let known: Vec<_> = C::ALL.iter().map(|value| value.key()).collect();
    let ja = format!("選択肢「{}」に値「{value}」はありません（使える値: {}）", C::TABLE, known.join("、"));
    let en = format!("option `{}` has no value `{value}`, expected one of {}", C::TABLE, known.join(", "));
    Box::new(codes::BASELINE_SETTING.finding(ja, en))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_set_by_name_or_number() {
        let mut options = Options::default();
        options.set("low-use-mean", "pool").unwrap();
        options.set("u4", "none").unwrap();
        assert_eq!((options.low_use_mean, options.floor), (LowUseMean::Pool, Floor::None));
        assert_eq!(options.set("U9", "none").unwrap_err().code, "OC1115");
        let wrong = options.set("U1", "none").unwrap_err();
        assert!(wrong.ja.contains("repeat、once、pool"), "{}", wrong.ja);
        assert_eq!(options.each().count(), 9);
    }
}

//! 保存期間: how long something is kept after its end, from the data of the notice.

use super::file::KeepFile;
use super::{Notice, NoticeErrorKind, Purpose};
use crate::items::{Code as _, Date};
use jiff::Span;
use toml::Spanned;

crate::code_set! {
    /// 保存の起点: what ended, so that keeping begins to count.
    pub enum Ending = "ending" {
        Completed = "completed", "手続の完了", "completed";
        Refused = "refused", "申込の不成立（NG・却下・期限切れ・未送信）", "application refused, expired or never sent";
        Withdrawn = "withdrawn", "申込・問い合わせの取下げ", "application or inquiry withdrawn";
        Judged = "judged", "受信した廃止取次の切替日", "switch date of a received cancellation agency";
    }
}

/// 保存の規則: how long after which end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepRule {
    /// After which end.
    pub after: Ending,
    /// How long.
    pub years: i16,
    /// And so many months.
    pub months: i32,
    /// And so many days; all three 0: without delay.
    pub days: i32,
    /// Where it comes from, in Japanese.
    pub ja: String,
    /// Where it comes from, in English.
    pub en: String,
}

impl KeepRule {
    /// Takes in the rules of a file: one takes the place of that of the base. Of two for one end the second is refused.
    pub(super) fn take(file: Vec<Spanned<KeepFile>>, kept: &mut Vec<KeepRule>) -> Result<(), (usize, NoticeErrorKind)> {
        let mut seen = Vec::new();
        for one in file {
            let (place, one) = (one.span().start, one.into_inner());
            let (after, years, months, days) = (one.after.0, one.years.into(), one.months.into(), one.days.into());
            if seen.contains(&after) {
                return Err((place, NoticeErrorKind::Twice(after.key().to_owned())));
            }
            seen.push(after);
            kept.retain(|known| known.after != after);
            kept.push(KeepRule { after, years, months, days, ja: one.ja, en: one.en });
        }
        Ok(())
    }

    /// The last day on which it is kept.
    #[must_use]
    pub fn last_day(&self, ended: Date) -> Option<Date> {
        ended
            .checked_add(
                Span::new().try_years(self.years).ok()?.try_months(self.months).ok()?.try_days(self.days).ok()?,
            )
            .ok()
    }
}

/// 法令による保存: an order to keep that beats every retention limit and every erasure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalHold {
    /// The law that is named.
    pub law: String,
    /// The last day, where the law names one.
    pub until: Option<Date>,
}

impl LegalHold {
    /// Whether it holds on a day.
    #[must_use]
    pub fn holds(&self, today: Date) -> bool {
        !self.law.trim().is_empty() && self.until.is_none_or(|until| today <= until)
    }
}

/// 保存期限の判断: what is due for a dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// 手続中: it has not ended.
    Open,
    /// 保存中: kept up to a day, by a rule.
    Kept(Date),
    /// 消去対象: past its last day.
    Erase(Date),
    /// 法令による保存: past its last day, but a law requires that it is kept.
    Held(Date, String),
    /// The notice says nothing about it.
    NoRule,
}

impl Notice {
    /// What is to be done on a day with something that ended on another.
    #[must_use]
    pub fn due(&self, ended: Option<(Ending, Date)>, hold: Option<&LegalHold>, today: Date) -> Due {
        let Some((ending, on)) = ended else { return Due::Open };
        let Some(last) = self.keep_rule(ending).and_then(|rule| rule.last_day(on)) else { return Due::NoRule };
        match hold.filter(|hold| hold.holds(today)) {
            _ if today <= last => Due::Kept(last),
            Some(hold) => Due::Held(last, hold.law.clone()),
            None => Due::Erase(last),
        }
    }

    /// 保存期間 of what was used for a purpose, for the letter to a customer.
    #[must_use]
    pub fn keep_rule_of(&self, purpose: Purpose) -> Option<&KeepRule> {
        self.keep_rule(if purpose == Purpose::CancellationAgency { Ending::Judged } else { Ending::Completed })
    }
}

//! 保存期間: how long something is kept after its end, from the data of the notice.

use super::file::{KeepFile, SettingsFile, union};
use super::{Notice, NoticeError, NoticeErrorKind, Purpose};
use crate::items::{Code as _, Date, Item, ItemSet};
use jiff::Span;
use toml::Spanned;

crate::code_set! {
    /// 保存の起点: what ended, so that keeping begins to count.
    pub enum Ending = "ending" {
        Completed = "completed", "手続の完了", "completed";
        Refused = "refused", "申込の不成立（NG・却下・期限切れ・未送信）", "application refused, expired or never sent";
        Withdrawn = "withdrawn", "申込・問い合わせの取下げ", "application or inquiry withdrawn";
        Judged = "judged", "受信した廃止取次の切替日", "switch date of a received cancellation agency";
        Metered = "metered", "計量日（30分値）", "day of the half-hourly readings";
    }
}

/// 保存の規則: how long after which end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepRule {
    /// After which end.
    pub after: Ending,
    /// The items that go earlier than the rest; none: everything.
    pub items: ItemSet,
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
    /// Takes in the rules of a file: one takes the place of that of the base, item by item. Of two for one end and item the
    /// second is refused, and so is a period of single items that is longer than that of everything.
    pub(super) fn take(
        file: Vec<Spanned<KeepFile>>,
        listed: ItemSet,
        kept: &mut Vec<KeepRule>,
    ) -> Result<(), (usize, NoticeErrorKind)> {
        let mut seen: Vec<(Ending, ItemSet)> = Vec::new();
        for one in file {
            let (place, one) = (one.span().start, one.into_inner());
            let (after, years, months, days) = (one.after.0, one.years.into(), one.months.into(), one.days.into());
            let items = union(&one.items);
            if let Some(item) = items.difference(listed).iter().next() {
                return Err((place, NoticeErrorKind::NotListed(item.key())));
            }
            if after == Ending::Metered && !items.is_empty() {
                let form = "readings are kept by their day: `items` has no place after `metered`";
                return Err((place, NoticeErrorKind::Form(form.to_owned())));
            }
            let both = |(of, known): &(Ending, ItemSet)| {
                *of == after && (known.is_empty() && items.is_empty() || !known.intersection(items).is_empty())
            };
            if seen.iter().any(both) {
                return Err((place, NoticeErrorKind::Twice(after.key().to_owned())));
            }
            seen.push((after, items));
            kept.retain_mut(|known| {
                let whole = known.items.is_empty();
                if known.after != after || whole != items.is_empty() {
                    return true;
                }
                known.items = known.items.difference(items);
                !whole && !known.items.is_empty()
            });
            kept.push(KeepRule { after, items, years, months, days, ja: one.ja, en: one.en });
            if let Some(item) = KeepRule::longer(kept, after) {
                return Err((place, NoticeErrorKind::KeptLonger(item.key())));
            }
        }
        Ok(())
    }

    /// An item that would be kept longer than everything else: it goes with the rest all the same.
    fn longer(kept: &[KeepRule], after: Ending) -> Option<Item> {
        let of = || kept.iter().filter(move |rule| rule.after == after);
        let whole = of().find(|rule| rule.items.is_empty())?;
        let from = [Date::constant(2001, 1, 31), Date::constant(2004, 2, 28)];
        let single = |rule: &&KeepRule| from.iter().any(|on| rule.last_day(*on) > whole.last_day(*on));
        of().filter(|rule| !rule.items.is_empty()).find(single).and_then(|rule| rule.items.iter().next())
    }

    /// 期間 as it acts, in Japanese and in English.
    #[must_use]
    pub fn period(&self) -> (String, String) {
        let (mut ja, mut en) = (String::new(), Vec::new());
        let parts =
            [(i32::from(self.years), "年", "years"), (self.months, "か月", "months"), (self.days, "日", "days")];
        for (count, unit, english) in parts.into_iter().filter(|(count, ..)| *count > 0) {
            ja.push_str(&format!("{count}{unit}"));
            en.push(format!("{count} {english}"));
        }
        match en.is_empty() {
            true => ("遅滞なく消去".to_owned(), "erased without delay".to_owned()),
            false => (ja, en.join(", ")),
        }
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

    /// 項目ごとの期限: the items whose own period is over on a day, each with its rule and its last day; a law that requires
    /// that everything is kept holds for them, too.
    pub fn due_items(
        &self,
        ended: Option<(Ending, Date)>,
        hold: Option<&LegalHold>,
        today: Date,
    ) -> impl Iterator<Item = (&KeepRule, Date)> {
        let held = hold.is_some_and(|hold| hold.holds(today));
        let rules = ended.filter(|_| !held).into_iter().flat_map(|(ending, on)| {
            let single = self.keep.iter().filter(move |rule| rule.after == ending && !rule.items.is_empty());
            single.filter_map(move |rule| Some((rule, rule.last_day(on)?)))
        });
        rules.filter(move |(_, last)| today > *last)
    }

    /// 保存期間の設定: this notice with the periods of a file of settings (`[[keep]]` alone) in the place of its own.
    pub fn with_periods(&self, toml: &str) -> Result<Notice, NoticeError> {
        let file: SettingsFile = toml::from_str(toml).map_err(|error| {
            let byte = error.span().map_or(0, |span| span.start);
            NoticeError::at(toml, byte, NoticeErrorKind::Form(error.message().to_owned()))
        })?;
        let mut notice = self.clone();
        let taken = KeepRule::take(file.keep, self.items, &mut notice.keep);
        taken.map(|()| notice).map_err(|(byte, kind)| NoticeError::at(toml, byte, kind))
    }

    /// 保存期間 of what was used for a purpose, for the letter to a customer.
    #[must_use]
    pub fn keep_rule_of(&self, purpose: Purpose) -> Option<&KeepRule> {
        self.keep_rule(if purpose == Purpose::CancellationAgency { Ending::Judged } else { Ending::Completed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(periods: &str) -> Result<Notice, NoticeError> {
        Notice::embedded("common-core").unwrap().with_periods(periods)
    }

    fn rule(after: &str, items: &str, period: &str) -> String {
        format!("[[keep]]\nafter = \"{after}\"\n{items}{period}\nja = \"x\"\nen = \"x\"\n")
    }

    #[test]
    fn an_item_goes_earlier_than_the_rest_and_a_law_keeps_it() {
        let telephone = rule("completed", "items = [\"telephone\"]\n", "months = 6");
        let notice = with(&telephone).unwrap();
        let ended = Some((Ending::Completed, "2026-05-31".parse().unwrap()));
        let items = |hold: Option<&LegalHold>, today: &str| -> Vec<Item> {
            let today = today.parse().unwrap();
            notice.due_items(ended, hold, today).flat_map(|(rule, _)| rule.items.iter()).collect()
        };
        assert!(items(None, "2026-11-30").is_empty());
        assert_eq!(items(None, "2026-12-01"), [Item::Telephone]);
        let hold = LegalHold { law: "法".to_owned(), until: None };
        assert!(items(Some(&hold), "2026-12-01").is_empty());
        assert_eq!(notice.due(ended, None, "2026-12-01".parse().unwrap()), Due::Kept("2031-05-31".parse().unwrap()));
        let core = Notice::embedded("common-core").unwrap();
        let [change] = &core.changes_to(&notice)[..] else { panic!("one change") };
        assert!(change.added && change.ja == "保存期間: 手続の完了の電話番号 6か月", "{}", change.ja);
        // Settings on top of settings: item by item.
        let again = notice.with_periods(&rule("completed", "items = [\"telephone\"]\n", "")).unwrap();
        assert_eq!(again.due_items(ended, None, "2026-06-01".parse().unwrap()).count(), 1);
    }

    #[test]
    fn periods_that_cannot_hold_are_refused_with_their_place() {
        let telephone = "items = [\"telephone\"]\n";
        for (text, line, kind) in [
            (rule("completed", telephone, "years = 6"), 1, NoticeErrorKind::KeptLonger("telephone")),
            (rule("judged", "items = [\"@basic\"]\n", "days = 93"), 1, NoticeErrorKind::KeptLonger("name")),
            (rule("completed", "items = [\"consumption\"]\n", ""), 1, NoticeErrorKind::NotListed("consumption")),
            (rule("completed", telephone, "").repeat(2), 7, NoticeErrorKind::Twice("completed".to_owned())),
        ] {
            let error = with(&text).unwrap_err();
            assert_eq!((error.line, error.kind), (line, kind));
        }
        assert!(matches!(with(&rule("metered", telephone, "")).unwrap_err().kind, NoticeErrorKind::Form(_)));
        assert!(matches!(with("key = \"x\"").unwrap_err().kind, NoticeErrorKind::Form(_)));
    }
}

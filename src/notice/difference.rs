//! 通知の差分: what one notice says and another does not, as it acts: parties, purposes, items and their managers, what goes
//! to whom for what, limits, prohibitions, further bases, retention.

use super::published::{ManagerRule, Notice, Participant};
use super::{Purpose, Role};
use crate::items::{Code, Item, ItemSet};
use std::collections::BTreeMap;

/// 差分の1行: one line that only one of two notices has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeChange {
    /// Whether the second notice has it; else the first.
    pub added: bool,
    /// What it says, in Japanese.
    pub ja: String,
    /// What it says, in English.
    pub en: String,
}

impl Notice {
    /// What the other notice adds to this one and takes away from it.
    #[must_use]
    pub fn changes_to(&self, other: &Notice) -> Vec<NoticeChange> {
        let (before, after) = (self.lines(), other.lines());
        let only = |of: &Lines, than: &Lines, added: bool| {
            let only = of.iter().filter(|(key, line)| than.get(*key) != Some(line));
            only.map(|(key, (ja, en))| (key.clone(), NoticeChange { added, ja: ja.clone(), en: en.clone() }))
                .collect::<Vec<_>>()
        };
        let mut changes = only(&before, &after, false);
        changes.extend(only(&after, &before, true));
        // What was and what is stand together.
        changes.sort_by(|(one, first), (two, second)| one.cmp(two).then(first.added.cmp(&second.added)));
        changes.into_iter().map(|(_, change)| change).collect()
    }

    /// Everything the notice does, one line for each thing, by a key that is the same in another notice.
    fn lines(&self) -> Lines {
        let mut lines = Lines::new();
        let mut put = |key: String, ja: String, en: String| drop(lines.insert(key, (ja, en)));
        for one in &self.participants {
            let (key, ja, en) = told(one);
            put(format!("1 {key}"), format!("共同利用する者: {ja}"), format!("participant: {en}"));
        }
        for one in &self.purposes {
            let key = one.purpose.key();
            put(format!("2 {key}"), format!("利用目的: {} [{key}]", one.ja), format!("purpose: {} [{key}]", one.en));
        }
        let [ordinary, special] = &self.managers;
        for (item, rules) in Item::ALL.iter().zip(ordinary.iter().zip(special)) {
            if self.items.contains(*item) {
                let (key, label) = (item.key(), self.label(*item));
                let (own, other) = (manager(*rules.0), manager(*rules.1));
                let (ja, en) = match rules.0 == rules.1 {
                    true => (own.0.to_owned(), own.1.to_owned()),
                    false => (
                        format!("{}、離島供給・最終保障供給は{}", own.0, other.0),
                        format!("{}, {} under island or last-resort supply", own.1, other.1),
                    ),
                };
                put(
                    format!("3 {key}"),
                    format!("情報項目: {label} [{key}]（管理責任者: {ja}）"),
                    format!("item: {key} (manager: {en})"),
                );
            }
        }
        for purpose in Purpose::ALL {
            for (from, to) in Role::ALL.iter().flat_map(|from| Role::ALL.iter().map(move |to| (from, to))) {
                for item in self.table.get(*from, *to, *purpose).iter() {
                    let (way, key) = (format!("{} → {}", from.key(), to.key()), purpose.key());
                    put(
                        format!("4 {key} {way} {}", item.key()),
                        format!("必要性: [{key}] {way}: {}", item.ja()),
                        format!("necessity: [{key}] {way}: {}", item.key()),
                    );
                }
            }
            let everything: ItemSet = Item::ALL.iter().copied().collect();
            for item in everything.difference(self.permitted(*purpose)).iter() {
                let (key, item_key) = (purpose.key(), item.key());
                put(
                    format!("5 {key} {item_key}"),
                    format!("制限: [{key}] では{}を提供しない", item.ja()),
                    format!("limit: never {item_key} for [{key}]"),
                );
            }
            let key = purpose.key();
            let mut flag = |has: bool, order: &str, ja: &str, en: &str| {
                if has {
                    put(format!("{order} {key}"), format!("{ja}: {} [{key}]", purpose.ja()), format!("{en}: {key}"));
                }
            };
            flag(self.prohibited.has(*purpose), "6", "禁止", "prohibited");
            flag(self.excepted.has(*purpose), "7", "列挙された例外", "listed exception");
            flag(self.exception_orders.has(*purpose), "7 order", "命令を要する例外", "exception that needs an order");
            flag(self.own_purposes.has(*purpose), "8", "自社の利用目的", "own purpose");
            if let Some(outsourcing) = self.outsourcing.filter(|one| one.purposes.has(*purpose)) {
                let (ja, en) = (outsourcing.role.ja(), outsourcing.role.key());
                flag(true, "9", &format!("委託（{ja}）"), &format!("outsourcing to {en}"));
            }
        }
        if let Some((purpose, items)) = self.aggregate {
            for item in items.iter() {
                let (key, of) = (item.key(), purpose.key());
                put(
                    format!("a {of} {key}"),
                    format!("集計値: [{of}] {}", item.ja()),
                    format!("aggregate: [{of}] {key}"),
                );
            }
        }
        if let Some(years) = self.retention_years {
            put("b".to_owned(), format!("保存期間: {years}年"), format!("retention: {years} years"));
        }
        for rule in &self.keep {
            let (after, (ja, en)) = (rule.after, rule.period());
            let items: Vec<_> = rule.items.iter().map(Some).collect();
            for item in if items.is_empty() { vec![None] } else { items } {
                let (key, label) = item.map_or(("", ""), |item| (item.key(), item.ja()));
                let (of_ja, of_en) = match item {
                    Some(_) => (format!("の{label}"), format!(" of {key}")),
                    None => Default::default(),
                };
                put(
                    format!("c {} {key}", after.key()),
                    format!("保存期間: {}{of_ja} {ja}", after.ja()),
                    format!("kept after `{}`{of_en}: {en}", after.key()),
                );
            }
        }
        if let Some(age) = self.minors {
            let en = format!("under {age}: the consent of a parent or guardian is needed, too");
            put("d".to_owned(), format!("{age}歳未満の同意には保護者の同意を要する"), en);
        }
        lines
    }
}

type Lines = BTreeMap<String, (String, String)>;

fn told(one: &Participant) -> (String, String, String) {
    let name = one.name.map(|name| format!(":{}", name.as_str())).unwrap_or_default();
    let needs = one.needs.map(|kind| format!(" + {}", kind.key())).unwrap_or_default();
    let areas: Vec<_> = one.areas.iter().map(|area| area.key()).collect();
    let areas = if areas.is_empty() { String::new() } else { format!(" 区域/areas {}", areas.join(",")) };
    let key = format!("{}{name}", one.role.key());
    let members = if one.members.is_empty() { String::new() } else { format!("（{}）", one.members.join("、")) };
    let (ja, en) =
        (format!("{}{members} [{key}{needs}]{areas}", one.ja), format!("{}{members} [{key}{needs}]{areas}", one.en));
    (key, ja, en)
}

const fn manager(rule: ManagerRule) -> (&'static str, &'static str) {
    super::describe::manager_text(rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_differs_from_its_base_in_what_it_adds_and_takes_away() {
        let of = |key| Notice::embedded(key).unwrap();
        let changes = of("common-core").changes_to(of("terras"));
        let told = |added: bool, part: &str| changes.iter().any(|one| one.added == added && one.ja.contains(part));
        assert!(told(true, "媒介業者") && told(true, "必要性: [cancellation-agency] retailer → broker: 氏名"));
        assert!(told(true, "需要抑制利用") && told(false, "需要抑制量"), "the printed label is another one");
        assert!(told(false, "沖縄電力") && !told(true, "沖縄電力）"));
        for key in Notice::KEYS {
            assert_eq!(of(key).changes_to(of(key)), []);
            for other in Notice::KEYS.iter().filter(|other| *other != key) {
                let (there, back) = (of(key).changes_to(of(other)), of(other).changes_to(of(key)));
                assert_eq!(there.len(), back.len());
                assert!(
                    !there.is_empty()
                        && there.iter().all(|one| back.iter().any(|two| one.ja == two.ja && one.added != two.added))
                );
            }
        }
    }
}

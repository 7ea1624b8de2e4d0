//! 通知の内容: what a notice says, for people; from the same data that decides.

use super::published::{ManagerRule, Notice, PURPOSES, Participant, Printed};
use super::{NoticeKind, Purpose, Role};
use crate::items::{Code, Group, Item, ItemSet};
use std::fmt::Write as _;

/// One of the two languages a notice is described in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lang {
    Ja,
    En,
}

impl Lang {
    fn of<'a>(self, ja: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::Ja => ja,
            Lang::En => en,
        }
    }
}

impl Notice {
    /// 通知の説明: participants, purposes, items with their managers, bases, necessity, prohibitions, retention, promises
    /// and what is not verified, in Japanese.
    #[must_use]
    pub fn describe_ja(&self) -> String {
        self.describe(Lang::Ja)
    }
    /// The same in English.
    #[must_use]
    pub fn describe_en(&self) -> String {
        self.describe(Lang::En)
    }

    fn describe(&self, lang: Lang) -> String {
        let mut page = Page { text: String::new(), lang };
        let title = lang.of(&self.title_ja, &self.title_en);
        let kind = lang.of(self.kind.ja(), self.kind.en());
        page.line(&format!("{title} [{}]", self.key));
        page.line(&format!("{}: {kind}", lang.of("型", "kind")));
        if let Some(document) = &self.document {
            page.line(&format!("{}: {document}", lang.of("原文書番号", "source document")));
        }
        let shared = self.kind == NoticeKind::SharedUse;
        page.head(if shared { "共同利用する者の範囲" } else { "通知の主体" }, "participants");
        self.participants.iter().for_each(|one| page.participant(one));
        page.head("利用目的", "purposes");
        self.purposes.iter().for_each(|one| page.printed(one));
        page.head("情報項目と管理責任者", "items and their managers");
        self.describe_items(&mut page);
        page.head("提供の根拠", "bases");
        self.describe_bases(&mut page);
        page.head("制限", "limits");
        self.describe_limits(&mut page);
        page.head("禁止", "prohibitions");
        self.prohibitions.iter().for_each(|one| page.printed(one));
        page.head("保存期間", "retention");
        if let Some(retention) = &self.retention {
            page.entry(&retention.ja, &retention.en);
        }
        for rule in &self.keep {
            page.entry(&rule.ja, &rule.en);
            if !rule.items.is_empty() {
                let items = self.labels_of(rule.items, page.lang);
                page.indented(&items);
            }
        }
        page.head("約束", "promises");
        self.promises.iter().for_each(|one| page.entry(&one.ja, &one.en));
        page.head("当方の解釈・未確認 (verified = false)", "our readings, not verified (verified = false)");
        self.readings.iter().for_each(|one| page.entry(&one.ja, &one.en));
        page.text
    }

    /// Items with one manager stand together.
    fn describe_items(&self, page: &mut Page) {
        let [ordinary, special] = &self.managers;
        let managers = || ordinary.iter().copied().zip(special.iter().copied());
        let of =
            |pair| Item::ALL.iter().zip(managers()).filter(move |(_, rules)| *rules == pair).map(|(item, _)| *item);
        let mut told = Vec::new();
        for pair in managers() {
            let items = of(pair).collect::<ItemSet>().intersection(self.items);
            if items.is_empty() || told.contains(&pair) {
                continue;
            }
            told.push(pair);
            let ((ja, en), (special_ja, special_en)) = (manager_text(pair.0), manager_text(pair.1));
            let (mut ja, mut en) = (format!("管理責任者: {ja}"), format!("manager: {en}"));
            if pair.0 != pair.1 {
                let _ = write!(ja, "（離島供給・最終保障供給は{special_ja}）");
                let _ = write!(en, " ({special_en} under island or last-resort supply)");
            }
            page.entry(&ja, &en);
            page.indented(&self.labels_of(items, page.lang));
        }
    }

    fn describe_bases(&self, page: &mut Page) {
        page.entry("本人への開示: 本人確認済みの請求（verified-request）", "customer-self: a verified request");
        page.entry("法令に基づく提供: 官公署・命令（order）", "statutory: an authority's order");
        if let Some((purpose, items)) = self.aggregate {
            let items = self.labels_of(items, page.lang);
            page.entry(
                &format!("集計値: {}（{items}）", purpose.ja()),
                &format!("aggregate: {} ({items})", purpose.key()),
            );
        }
        let own = self.keys_of(self.own_purposes.iter());
        page.entry(&format!("自社利用: 公表した目的と {own}"), &format!("own-use: the published purposes and {own}"));
        if self.kind == NoticeKind::SharedUse {
            page.entry("共同利用: 次の必要性の表による", "shared-use: by this necessity table");
            self.describe_necessity(page);
        }
        if !self.exceptions.is_empty() {
            page.entry(
                "列挙された例外（次の目的のために合理的に必要な場合）",
                "listed exceptions, where reasonably necessary:",
            );
        }
        for one in &self.exceptions {
            page.indented(&format!("({}) {} [{}]", one.mark, page.lang.of(&one.ja, &one.en), one.purpose.key()));
        }
        if let Some(outsourcing) = self.outsourcing {
            let (role, purposes) = (outsourcing.role, self.keys_of(outsourcing.purposes.iter()));
            page.entry(
                &format!("委託: {}、契約（contract）を示すこと: {purposes}", role.ja()),
                &format!("consignment: {} with a `contract`: {purposes}", role.en()),
            );
        }
        page.entry(
            "本人の同意（consent）: 制限・禁止・供給区域に反しない限り",
            "consent: within limits, prohibitions and area",
        );
    }

    /// Ways with the same items stand together; whole groups are named as such.
    fn describe_necessity(&self, page: &mut Page) {
        for purpose in self.purposes() {
            let mut rows: Vec<(ItemSet, Vec<String>)> = Vec::new();
            for (from, to) in Role::ALL.iter().flat_map(|from| Role::ALL.iter().map(move |to| (from, to))) {
                let items = self.table.get(*from, *to, purpose);
                let way = format!("{} → {}", from.key(), to.key());
                match rows.iter_mut().find(|(of, _)| *of == items) {
                    _ if items.is_empty() => {}
                    Some((_, ways)) => ways.push(way),
                    None => rows.push((items, vec![way])),
                }
            }
            for (items, ways) in rows {
                page.indented(&format!("[{}] {}", purpose.key(), ways.join(", ")));
                let labels = self.labels_of(items, page.lang);
                page.indented(&format!("    {labels}"));
            }
        }
        let ends: Vec<_> = self.relay.iter().map(|role| page.lang.of(role.ja(), role.en())).collect();
        if !ends.is_empty() {
            let ends = ends.join(", ");
            page.indented(&match page.lang {
                Lang::Ja => format!("電力広域的運営推進機関は次の者の間を取り次ぐ: {ends}"),
                Lang::En => format!("OCCTO relays between: {ends}"),
            });
        }
    }

    /// Limits as they act: per purpose what may never go. Purposes of the notice only.
    fn describe_limits(&self, page: &mut Page) {
        for purpose in self.purposes().chain(self.own_purposes.iter()).take(PURPOSES) {
            let permitted = self.limits.get(purpose as usize).copied().unwrap_or_default();
            let held = self.items.difference(permitted);
            if !held.is_empty() {
                let labels = self.labels_of(held, page.lang);
                page.entry(
                    &format!("{}では提供しない: {labels}", purpose.ja()),
                    &format!("never for {}: {labels}", purpose.key()),
                );
            }
        }
    }

    /// The labels of the items; a group that is only a part of them is told by its name.
    fn labels_of(&self, items: ItemSet, lang: Lang) -> String {
        let groups = [
            (Group::Basic, "①基本情報の全項目", "all of the basic information"),
            (Group::Point, "②供給(受電)地点の全項目", "all of the supply point"),
        ];
        let whole = |group| items != ItemSet::group(group) && ItemSet::group(group).is_subset(items);
        let mut rest = items;
        let mut labels = Vec::new();
        for (group, ja, en) in groups.into_iter().filter(|(group, _, _)| whole(*group)) {
            rest = rest.difference(ItemSet::group(group));
            labels.push(lang.of(ja, en));
        }
        labels.extend(rest.iter().map(|item| lang.of(self.label(item), item.en())));
        labels.join(lang.of("、", ", "))
    }

    fn keys_of(&self, purposes: impl Iterator<Item = Purpose>) -> String {
        purposes.map(Code::key).collect::<Vec<_>>().join(", ")
    }
}

/// The text under way.
struct Page {
    text: String,
    lang: Lang,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
    fn head(&mut self, ja: &str, en: &str) {
        let head = self.lang.of(ja, en).to_owned();
        self.line(&format!("\n■ {head}"));
    }
    fn entry(&mut self, ja: &str, en: &str) {
        let entry = format!("  ・{}", self.lang.of(ja, en));
        self.line(&entry);
    }
    fn indented(&mut self, row: &str) {
        self.line(&format!("      {row}"));
    }
    fn printed(&mut self, one: &Printed) {
        let mark = if one.mark.is_empty() { String::new() } else { format!("{} ", one.mark) };
        let key = one.purpose.key();
        self.entry(&format!("{mark}{} [{key}]", one.ja), &format!("{mark}{} [{key}]", one.en));
    }
    fn participant(&mut self, one: &Participant) {
        let name = one.name.map(|name| format!(":{}", name.as_str())).unwrap_or_default();
        let role = one.role.key();
        let needs = one.needs.map(|kind| format!(" + {}", kind.key())).unwrap_or_default();
        self.entry(&format!("{} [{role}{name}{needs}]", one.ja), &format!("{} [{role}{name}{needs}]", one.en));
        if !one.members.is_empty() {
            self.indented(&one.members.join("、"));
        }
    }
}

pub(super) const fn manager_text(rule: ManagerRule) -> (&'static str, &'static str) {
    match rule {
        ManagerRule::ContractRetailer => {
            ("小売供給等契約を締結している小売電気事業者", "the retailer that has the retail supply contract")
        }
        ManagerRule::AreaOperator => ("供給区域の一般送配電事業者", "the operator whose supply area the point is in"),
        ManagerRule::SuppressionContractor => ("需要抑制契約者", "the suppression contractor"),
        ManagerRule::Company => ("通知の主体", "the company whose notice it is"),
        ManagerRule::Sender => ("提供する者", "the sender"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_notice_is_described_in_full_in_both_languages() {
        for key in Notice::KEYS {
            let notice = Notice::embedded(key).unwrap();
            let (ja, en) = (notice.describe_ja(), notice.describe_en());
            for item in notice.items().iter() {
                assert!(ja.contains(notice.label(item)) && en.contains(item.en()), "{key} {item:?}");
            }
            for part in notice.purposes.iter().chain(&notice.prohibitions).chain(&notice.exceptions) {
                assert!(ja.contains(&part.ja) && en.contains(&part.en), "{key} {}", part.ja);
            }
            assert!(ja.contains("verified = false") && !notice.readings.is_empty(), "{key}");
        }
    }

    #[test]
    fn the_printed_label_of_the_notice_is_kept() {
        assert!(Notice::embedded("terras").unwrap().describe_ja().contains("需要抑制利用"));
        assert!(!Notice::embedded("common-core").unwrap().describe_ja().contains("需要抑制利用"));
    }
}

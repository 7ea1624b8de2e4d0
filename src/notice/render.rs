//! 通知の公表文: the text to publish, from the data that decides — so that what is published and what is enforced are one.

use super::describe::manager_text;
use super::published::{Notice, Participant};
use super::{NoticeKind, Purpose};
use crate::items::{Group, Item, ItemSet};

/// 項目: a line, and what may stand below it.
pub type TextEntry = (String, Option<String>);

/// 公表文: a title, an introduction and sections with their entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedText {
    /// 名称
    pub title: String,
    /// 前文
    pub introduction: String,
    /// Headings with their entries; an entry may have a line of its own below.
    pub sections: Vec<(String, Vec<TextEntry>)>,
    /// 注記
    pub footnotes: Vec<String>,
}

impl Notice {
    /// 公表文: of a notice of shared use under the four headings 利用目的, 共同利用する者の範囲, 共同利用する情報項目 and
    /// 管理責任者; of a list of exceptions what it lists.
    #[must_use]
    pub fn published_text(&self) -> PublishedText {
        match self.kind {
            NoticeKind::SharedUse => self.shared_use_text(),
            NoticeKind::Exceptions => self.exceptions_text(),
        }
    }

    fn shared_use_text(&self) -> PublishedText {
        let purposes = self.purposes.iter().map(|one| entry(format!("{}{}", one.mark, one.ja))).collect();
        let participants = self.participants.iter().map(participant).collect();
        let sections = vec![
            ("1. 共同利用の目的（利用目的）".to_owned(), purposes),
            ("2. 共同利用する者の範囲（※1）".to_owned(), participants),
            ("3. 共同利用する情報項目".to_owned(), self.item_entries()),
            ("4. 共同利用の管理責任者".to_owned(), self.manager_entries()),
        ];
        let mut footnotes = vec![
            "※1 目的の達成に必要な範囲の者にのみ提供し、上記のすべての者に提供するものではありません。".to_owned(),
        ];
        footnotes.extend(self.purpose_limits());
        footnotes.extend(self.prohibitions.iter().map(|one| format!("・{}", one.ja)));
        self.closing(&mut footnotes);
        PublishedText {
            title: self.title_ja.clone(),
            introduction:
                "個人情報の保護に関する法律第27条第5項第3号に基づき、次のとおり個人情報を共同して利用します。"
                    .to_owned(),
            sections,
            footnotes,
        }
    }

    fn exceptions_text(&self) -> PublishedText {
        let listed = self.exceptions.iter().map(|one| entry(format!("({}) {}", one.mark, one.ja)));
        let mut sections = vec![
            ("1. 対象となる情報項目".to_owned(), self.item_entries()),
            ("2. 利用目的".to_owned(), self.purposes.iter().map(|one| entry(one.ja.clone())).collect()),
            ("3. 管理責任者".to_owned(), self.manager_entries()),
        ];
        if !self.exceptions.is_empty() {
            sections.push(("4. 同意なしに開示する場合（合理的に必要な場合に限ります）".to_owned(), listed.collect()));
        }
        let mut footnotes: Vec<_> = self.prohibitions.iter().map(|one| format!("・{}", one.ja)).collect();
        self.closing(&mut footnotes);
        PublishedText {
            title: self.title_ja.clone(),
            introduction: "お客さまの情報を次のとおり取り扱います。".to_owned(),
            sections,
            footnotes,
        }
    }

    fn closing(&self, footnotes: &mut Vec<String>) {
        // Without a number of years nothing is said that was not published.
        let retention = self.retention.as_ref().filter(|_| self.retention_years.is_some());
        footnotes.extend(retention.map(|one| format!("・保存期間: {}", one.ja)));
        footnotes.extend(self.promises.iter().map(|one| format!("・{}", one.ja)));
    }

    fn item_entries(&self) -> Vec<TextEntry> {
        let groups = [
            (Group::Basic, "①基本情報"),
            (Group::Point, "②供給(受電)地点に関する情報"),
            (Group::Negawatt, "③ネガワット取引に関する情報"),
            (Group::California, "そのほかの情報"),
        ];
        let shared = self.kind == NoticeKind::SharedUse;
        let of = |(group, head): (Group, &str)| {
            let items = self.items.intersection(ItemSet::group(group));
            let head = if shared { head } else { "お客さまの情報" };
            (!items.is_empty()).then(|| (head.to_owned(), Some(self.labels(items))))
        };
        if shared {
            return groups.into_iter().filter_map(of).collect();
        }
        vec![("お客さまの情報".to_owned(), Some(self.labels(self.items)))]
    }

    /// Items with one manager stand together, by their group where they are a whole one.
    fn manager_entries(&self) -> Vec<TextEntry> {
        let [ordinary, special] = &self.managers;
        let rules = || ordinary.iter().copied().zip(special.iter().copied());
        let mut told = Vec::new();
        let mut entries = Vec::new();
        for pair in rules() {
            let same = Item::ALL.iter().zip(rules()).filter(|(_, rules)| *rules == pair).map(|(item, _)| *item);
            let items = same.collect::<ItemSet>().intersection(self.items);
            if items.is_empty() || told.contains(&pair) {
                continue;
            }
            told.push(pair);
            let own = manager_text(pair.0).0;
            let line = match pair.0 == pair.1 {
                true => own.to_owned(),
                false => format!(
                    "{own}。ただし、離島供給または最終保障供給を受けるお客さまについては{}",
                    manager_text(pair.1).0
                ),
            };
            let whole = [
                (Group::Basic, "①基本情報"),
                (Group::Point, "②供給(受電)地点に関する情報"),
                (Group::Negawatt, "③ネガワット取引に関する情報"),
            ]
            .into_iter()
            .find(|(group, _)| ItemSet::group(*group) == items);
            let head = whole.map_or_else(|| self.labels(items), |(_, name)| name.to_owned());
            entries.push((head, Some(line)));
        }
        entries
    }

    /// What never goes for a published purpose, as far as the notice lists it and it is not a group bound to another.
    fn purpose_limits(&self) -> Vec<String> {
        let bound = ItemSet::group(Group::Negawatt);
        let held = |purpose: Purpose| self.items.difference(self.permitted(purpose)).difference(bound);
        let limits = self.purposes.iter().map(|one| (one, held(one.purpose))).filter(|(_, held)| !held.is_empty());
        limits
            .map(|(one, held)| format!("・{}{}のためには、{}を提供しません。", one.mark, one.ja, self.labels(held)))
            .collect()
    }

    fn labels(&self, items: ItemSet) -> String {
        items.iter().map(|item| self.label(item)).collect::<Vec<_>>().join("、")
    }
}

impl PublishedText {
    /// The text alone.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n\n{}\n", self.title, self.introduction);
        for (heading, entries) in &self.sections {
            text.push_str(&format!("\n{heading}\n"));
            for (line, below) in entries {
                text.push_str(&format!("  {line}\n"));
                if let Some(below) = below {
                    text.push_str(&format!("    {below}\n"));
                }
            }
        }
        if !self.footnotes.is_empty() {
            text.push('\n');
        }
        self.footnotes.iter().for_each(|line| text.push_str(&format!("{line}\n")));
        text
    }
}

fn entry(line: String) -> (String, Option<String>) {
    (line, None)
}

fn participant(one: &Participant) -> (String, Option<String>) {
    (format!("・{}", one.ja), (!one.members.is_empty()).then(|| one.members.join("、")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_enforced_is_published() {
        for key in Notice::KEYS {
            let notice = Notice::embedded(key).unwrap();
            let text = notice.published_text().to_text();
            for item in notice.items().iter() {
                assert!(text.contains(notice.label(item)), "{key} {item:?}");
            }
            let printed = notice.purposes.iter().chain(&notice.prohibitions).chain(&notice.exceptions);
            assert!(printed.map(|one| one.ja.as_str()).all(|one| text.contains(one)), "{key}");
            let parties = notice.participants.iter().filter(|_| notice.kind == NoticeKind::SharedUse);
            assert!(
                parties.flat_map(|one| one.members.iter().chain([&one.ja])).all(|one| text.contains(one.as_str())),
                "{key}"
            );
        }
        let core = Notice::embedded("common-core").unwrap().published_text();
        let heads: Vec<_> = core.sections.iter().map(|(head, _)| head.as_str()).collect();
        let wanted = ["利用目的", "共同利用する者の範囲", "共同利用する情報項目", "管理責任者"];
        assert!(heads.len() == 4 && heads.iter().zip(wanted).all(|(head, wanted)| head.contains(wanted)));
    }
}

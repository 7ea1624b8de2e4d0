//! 通知の点検: what a notice that holds together says to no purpose — parties nobody reaches, items nobody answers for or
//! that go nowhere, rows that a limit takes back. What does not hold together is refused on reading ([`NoticeError`]).

use super::published::{ManagerRule, Notice};
use super::{NoticeError, NoticeKind, Purpose, Role};
use crate::items::{Code, Item, ItemSet};

/// 点検の指摘: one thing in a notice that has no effect, or not the one it seems to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeLint {
    /// The stable key of the kind of finding.
    pub key: &'static str,
    /// Line in the file, from 1, where what it is about stands in it.
    pub line: Option<usize>,
    /// Column in it, from 1, in characters.
    pub column: Option<usize>,
    /// What it is, in Japanese.
    pub ja: String,
    /// What it is, in English.
    pub en: String,
}

impl Notice {
    /// Reads a notice file and finds what has no effect in it.
    pub fn lint(toml: &str) -> Result<Vec<NoticeLint>, NoticeError> {
        let notice = Notice::parse(toml)?;
        let mut found = Vec::new();
        notice.unreached(&mut found);
        notice.unanswered(&mut found);
        notice.going_nowhere(&mut found);
        notice.taken_back(&mut found);
        for (lint, about) in &mut found {
            (lint.line, lint.column) = place(toml, lint.key, about).unzip();
        }
        Ok(found.into_iter().map(|(lint, _)| lint).collect())
    }

    fn pairs() -> impl Iterator<Item = (Role, Role)> {
        Role::ALL.iter().flat_map(|from| Role::ALL.iter().map(move |to| (*from, *to)))
    }

    /// Participants to whom no row lets anything go: no message can reach them.
    fn unreached(&self, found: &mut Vec<(NoticeLint, &'static str)>) {
        if self.kind != NoticeKind::SharedUse {
            return;
        }
        let reached = |role| {
            let mut rows = Role::ALL.iter().flat_map(|from| Purpose::ALL.iter().map(move |purpose| (*from, *purpose)));
            rows.any(|(from, purpose)| {
                let row = self.table.get(from, role, purpose);
                !row.intersection(self.permitted(purpose)).intersection(self.items).is_empty()
            })
        };
        for participant in self.participants.iter().filter(|one| !reached(one.role)) {
            let (key, name) = (participant.role.key(), participant.role.ja());
            found.push((
                lint(
                    "unreached-participant",
                    format!("共同利用する者「{name}」（{key}）に提供できる情報項目がどの目的にもありません。必要性の表に行を加えるか、範囲から除いてください"),
                    format!("no message can reach the participant `{key}`: no row of the necessity table lets anything go to it"),
                ),
                key,
            ));
        }
    }

    /// Items whose manager is no participant: nobody answers for them.
    fn unanswered(&self, found: &mut Vec<(NoticeLint, &'static str)>) {
        let [ordinary, special] = &self.managers;
        for (item, rules) in Item::ALL.iter().zip(ordinary.iter().zip(special)) {
            let of = |rule: ManagerRule| match rule {
                ManagerRule::ContractRetailer => Some(Role::Retailer),
                ManagerRule::AreaOperator => Some(Role::Operator),
                ManagerRule::SuppressionContractor => Some(Role::SuppressionContractor),
                ManagerRule::Company => Some(self.company),
                ManagerRule::Sender => None,
            };
            let missing = [of(*rules.0), of(*rules.1)]
                .into_iter()
                .flatten()
                .find(|role| !self.participants.iter().any(|one| one.role == *role));
            if let Some(role) = missing.filter(|_| self.items.contains(*item)) {
                let (label, key, role) = (self.label(*item), item.key(), role.ja());
                found.push((
                    lint(
                        "unmanaged-item",
                        format!("情報項目「{label}」（{key}）の管理責任者「{role}」が共同利用する者の範囲にありません"),
                        format!("nobody answers for the item `{key}`: its manager is no participant"),
                    ),
                    key,
                ));
            }
        }
    }

    /// Items that the notice lists and no purpose lets go.
    fn going_nowhere(&self, found: &mut Vec<(NoticeLint, &'static str)>) {
        if self.kind != NoticeKind::SharedUse {
            return;
        }
        let goes = Notice::pairs().flat_map(|(from, to)| Purpose::ALL.iter().map(move |purpose| (from, to, *purpose)));
        let goes = goes.fold(ItemSet::EMPTY, |all, (from, to, purpose)| {
            all.union(self.table.get(from, to, purpose).intersection(self.permitted(purpose)))
        });
        for item in self.items.difference(goes).iter() {
            let (label, key) = (self.label(item), item.key());
            found.push((
                lint(
                    "unused-item",
                    format!("情報項目「{label}」（{key}）は、どの目的でも提供されません"),
                    format!("the item `{key}` goes for no purpose"),
                ),
                key,
            ));
        }
    }

    /// Rows of the necessity table that a limit takes back.
    fn taken_back(&self, found: &mut Vec<(NoticeLint, &'static str)>) {
        for purpose in self.purposes() {
            let rows =
                Notice::pairs().fold(ItemSet::EMPTY, |all, (from, to)| all.union(self.table.get(from, to, purpose)));
            for item in rows.difference(self.permitted(purpose)).iter() {
                let (label, key) = (self.label(item), item.key());
                found.push((
                    lint(
                        "limited-row",
                        format!(
                            "必要性の表は「{}」のために「{label}」（{key}）を認めていますが、制限（limit）により提供されません",
                            purpose.ja()
                        ),
                        format!("the necessity table allows `{key}` for `{}`, but a limit takes it back", purpose.key()),
                    ),
                    purpose.key(),
                ));
            }
        }
    }
}

fn lint(key: &'static str, ja: String, en: String) -> NoticeLint {
    NoticeLint { key, line: None, column: None, ja, en }
}

/// Where a key stands: in a line that is no comment, for a participant in the line of its role.
fn place(toml: &str, lint: &str, about: &str) -> Option<(usize, usize)> {
    let quoted = format!("\"{about}\"");
    let mut lines = toml.lines().zip(1..).filter(|(line, _)| !line.trim_start().starts_with('#'));
    let of_kind = |line: &str| lint != "unreached-participant" || line.trim_start().starts_with("role");
    lines.find_map(|(line, number)| {
        let before = line.get(..line.find(&quoted).filter(|_| of_kind(line))?)?;
        Some((number, before.chars().count() + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ships_has_nothing_without_effect() {
        for key in Notice::KEYS {
            assert_eq!(Notice::lint(Notice::embedded_source(key).unwrap()), Ok(Vec::new()), "{key}");
        }
    }
}

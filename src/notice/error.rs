//! Why a text is not a notice.

use super::file::EMPTY;
use std::fmt;

/// 通知を読めない理由: why a TOML text is not a notice, with line and column from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeError {
    /// Line from 1.
    pub line: usize,
    /// Column from 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub kind: NoticeErrorKind,
}

/// The kind of wrongness.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoticeErrorKind {
    /// Not TOML, a key that a notice does not have, or a value of another form.
    Form(String),
    /// Something that a notice needs is missing.
    Missing(&'static str),
    /// `base` names a notice that does not ship, or one that has a base itself.
    Base(String),
    /// A purpose for which no necessity row, exception or aggregate lets any item go.
    PurposeWithoutItems(&'static str),
    /// The necessity table allows what the notice does not publish.
    Wider(&'static str),
    /// A second manager for an item.
    TwoManagers(&'static str),
    /// An item without a manager.
    NoManager(&'static str),
    /// A rule names an item that the notice does not list.
    NotListed(&'static str),
    /// A single item would be kept longer than everything else.
    KeptLonger(&'static str),
    /// Listed twice.
    Twice(String),
    /// Both published and prohibited.
    Prohibited(&'static str),
}

impl NoticeErrorKind {
    fn ja(&self) -> String {
        match self {
            NoticeErrorKind::Form(message) if message.starts_with(EMPTY) => "表示する文が空です".to_owned(),
            NoticeErrorKind::Form(message) => match unknown(message) {
                Some(key) => format!("通知にない項目 `{key}` があります"),
                None => "通知の書式を読めません".to_owned(),
            },
            NoticeErrorKind::Missing(what) => format!("`{what}` がありません"),
            NoticeErrorKind::Base(key) => format!("`base` の `{key}` は土台にできる通知ではありません"),
            NoticeErrorKind::PurposeWithoutItems(purpose) => {
                format!("利用目的 `{purpose}` で提供できる情報項目が一つもありません")
            }
            NoticeErrorKind::Wider(what) => {
                format!("必要性の表が通知の公表範囲を超えています（`{what}` は通知に記載されていません）")
            }
            NoticeErrorKind::TwoManagers(item) => format!("情報項目 `{item}` の管理責任者が二つあります"),
            NoticeErrorKind::NoManager(item) => format!("情報項目 `{item}` の管理責任者がありません"),
            NoticeErrorKind::NotListed(item) => format!("情報項目 `{item}` は通知に記載されていません"),
            NoticeErrorKind::KeptLonger(item) => {
                format!("情報項目 `{item}` の保存期間が全体の保存期間より長くなっています")
            }
            NoticeErrorKind::Twice(what) => format!("`{what}` が二度書かれています"),
            NoticeErrorKind::Prohibited(purpose) => format!("`{purpose}` は利用目的であると同時に禁止されています"),
        }
    }

    fn en(&self) -> String {
        match self {
            NoticeErrorKind::Form(message) => message.clone(),
            NoticeErrorKind::Missing(what) => format!("`{what}` is missing"),
            NoticeErrorKind::Base(key) => format!("`{key}` is not a notice that can be a base"),
            NoticeErrorKind::PurposeWithoutItems(purpose) => format!("no item may go for the purpose `{purpose}`"),
            NoticeErrorKind::Wider(what) => {
                format!("the necessity table is wider than the notice, which does not list `{what}`")
            }
            NoticeErrorKind::TwoManagers(item) => format!("the item `{item}` has two managers"),
            NoticeErrorKind::NoManager(item) => format!("the item `{item}` has no manager"),
            NoticeErrorKind::NotListed(item) => format!("the notice does not list the item `{item}`"),
            NoticeErrorKind::KeptLonger(item) => {
                format!("the item `{item}` would be kept longer than everything else")
            }
            NoticeErrorKind::Twice(what) => format!("`{what}` is listed twice"),
            NoticeErrorKind::Prohibited(purpose) => format!("`{purpose}` is both a purpose and prohibited"),
        }
    }
}

/// The key that a notice does not have, where that is what the message is about.
fn unknown(message: &str) -> Option<&str> {
    message.strip_prefix("unknown field `")?.split('`').next()
}

impl NoticeError {
    pub(super) fn at(text: &str, byte: usize, kind: NoticeErrorKind) -> NoticeError {
        let before = text.get(..byte).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        NoticeError { line, column, kind }
    }

    /// 日本語の説明: what is wrong, in Japanese.
    #[must_use]
    pub fn ja(&self) -> String {
        format!("{}（{}行{}列）", self.kind.ja(), self.line, self.column)
    }
    /// What is wrong, in English.
    #[must_use]
    pub fn en(&self) -> String {
        format!("{} at line {}, column {}", self.kind.en(), self.line, self.column)
    }
}

impl fmt::Display for NoticeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.ja(), self.en())
    }
}

impl std::error::Error for NoticeError {}

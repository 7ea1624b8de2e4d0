//! Why a binding is refused.

use std::fmt;

/// 接続定義の誤り: what is wrong with a binding, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindingError {
    /// Line from 1.
    pub line: usize,
    /// Column from 1, in characters.
    pub column: usize,
    /// The key it concerns, for example `messages.switch-start.code`.
    pub key: String,
    /// What is wrong.
    pub kind: BindingErrorKind,
}

/// What is wrong with a binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BindingErrorKind {
    /// Not TOML; what the TOML reader says.
    Syntax(String),
    /// A key, field, message, code table or code that does not exist.
    Unknown,
    /// Something required is not there.
    Missing,
    /// A value of another shape or outside the permitted ones.
    Expected(&'static str),
    /// A name, code or column that stands for two things; the other one.
    Duplicate(String),
    /// A field that every such message has cannot be made optional.
    AlwaysRequired,
    /// A field list that does not name every field.
    Incomplete(&'static str),
    /// A message with repeated groups has no CSV form.
    NoCsvForm,
}

impl BindingError {
    /// 日本語の説明: what is wrong, in Japanese.
    #[must_use]
    pub fn ja(&self) -> String {
        let key = &self.key;
        match &self.kind {
            BindingErrorKind::Syntax(what) => format!("接続定義がTOMLとして読めません（{what}）"),
            BindingErrorKind::Unknown => format!("接続定義のキー `{key}` は知られていません"),
            BindingErrorKind::Missing => format!("接続定義に `{key}` がありません"),
            BindingErrorKind::Expected(what) => format!("接続定義の `{key}` は {what} で指定してください"),
            BindingErrorKind::Duplicate(other) => format!("接続定義の `{key}` は `{other}` と重複しています"),
            BindingErrorKind::AlwaysRequired => format!("`{key}` は必須項目のため任意にはできません"),
            BindingErrorKind::Incomplete(field) => format!("`{key}` に項目 `{field}` がありません"),
            BindingErrorKind::NoCsvForm => format!("`{key}`: 繰返し項目のある電文はCSVにできません"),
        }
    }
    /// What is wrong, in English.
    #[must_use]
    pub fn en(&self) -> String {
        let key = &self.key;
        match &self.kind {
            BindingErrorKind::Syntax(what) => format!("the binding is not TOML: {what}"),
            BindingErrorKind::Unknown => format!("key `{key}` of the binding is not known"),
            BindingErrorKind::Missing => format!("the binding lacks `{key}`"),
            BindingErrorKind::Expected(what) => format!("`{key}` of the binding must be {what}"),
            BindingErrorKind::Duplicate(other) => format!("`{key}` of the binding is the same as `{other}`"),
            BindingErrorKind::AlwaysRequired => format!("`{key}` is in every such message and cannot be optional"),
            BindingErrorKind::Incomplete(field) => format!("`{key}` does not name field `{field}`"),
            BindingErrorKind::NoCsvForm => format!("`{key}`: a message with repeated groups has no CSV form"),
        }
    }
}

impl fmt::Display for BindingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BindingError { line, column, .. } = self;
        let (ja, en) = (self.ja(), self.en());
        write!(f, "{ja}（{line}行目{column}文字目） / {en} (line {line}, column {column})")
    }
}

impl std::error::Error for BindingError {}

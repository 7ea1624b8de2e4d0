//! 指摘: a finding of a rule.

use super::Rule;
use crate::items::{Code, Item};
use crate::messages::Field;
use std::borrow::Cow;
use std::fmt;

crate::code_set! {
    /// 重大度: how grave a finding is.
    pub enum Severity = "severity" {
        Error = "error", "エラー", "error";
        Warning = "warning", "警告", "warning";
        Notice = "notice", "参考", "notice";
    }
}

/// 場所: where in its source a finding lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file as the user named it, if it has a name. Never contains personal data.
    pub file: Option<String>,
    /// Line from 1 (for a spreadsheet: row).
    pub line: Option<u64>,
    /// The column label or field label, for example 供給地点特定番号.
    pub column: Option<Cow<'static, str>>,
    /// Byte offset in the source.
    pub byte: Option<u64>,
    /// XML path, for example `/Message/Body/Point`.
    pub path: Option<String>,
}

/// 指摘: what a rule found. Findings are for the person whose file it is: they may quote what that person wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable code, for example `OC0123`.
    pub code: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// Where it lies.
    pub place: Place,
    /// The item it concerns.
    pub item: Option<Item>,
    /// What is wrong, in polite Japanese.
    pub ja: String,
    /// What is wrong, in English.
    pub en: String,
    /// What to do, in Japanese.
    pub way_out_ja: Cow<'static, str>,
    /// What to do, in English.
    pub way_out_en: Cow<'static, str>,
}

impl Finding {
    /// Whether this finding stops what was asked for.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The finding as JSON; a place that is not known is `null`.
    ///
    /// `{"code","severity","file","line","column","path","byte","item","ja","en","way_out_ja","way_out_en"}`
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "code": self.code,
            "severity": self.severity.key(),
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "path": self.place.path,
            "byte": self.place.byte,
            "item": self.item.map(Item::key),
            "ja": self.ja,
            "en": self.en,
            "way_out_ja": self.way_out_ja,
            "way_out_en": self.way_out_en,
        })
    }
}

impl Finding {
    /// The finding that [`Finding::to_json`] wrote; nothing where it is not one, or its code is not known.
    #[must_use]
    pub fn from_json(value: &serde_json::Value) -> Option<Finding> {
        let text = |key: &str| value.get(key).and_then(serde_json::Value::as_str).map(str::to_owned);
        let number = |key: &str| value.get(key).and_then(serde_json::Value::as_u64);
        Some(Finding {
            code: Rule::of(&text("code")?)?.code,
            severity: Severity::from_key(&text("severity")?)?,
            place: Place {
                file: text("file"),
                line: number("line"),
                column: text("column").map(Cow::Owned),
                byte: number("byte"),
                path: text("path"),
            },
            item: text("item").as_deref().and_then(Item::from_key),
            ja: text("ja")?,
            en: text("en")?,
            way_out_ja: Cow::Owned(text("way_out_ja")?),
            way_out_en: Cow::Owned(text("way_out_en")?),
        })
    }
}

/// `OC0123 供給地点特定番号は22桁です（3行目「供給地点特定番号」列） / …`
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.code, self.ja, self.place)?;
        if !self.way_out_ja.is_empty() {
            write!(f, " → {}", self.way_out_ja)?;
        }
        write!(f, " / {}", self.en)?;
        if !self.way_out_en.is_empty() {
            write!(f, "; {}", self.way_out_en)?;
        }
        Ok(())
    }
}

/// `（F 3行目「供給地点特定番号」列）`, or nothing where no place is known.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.file.clone());
        parts.extend(self.line.map(|line| format!("{line}行目")));
        parts.extend(self.byte.map(|byte| format!("{byte}バイト目")));
        parts.extend(self.column.as_ref().map(|column| format!("「{column}」列")));
        parts.extend(self.path.clone().filter(|path| !path.is_empty()));
        if parts.is_empty() { Ok(()) } else { write!(f, "（{}）", parts.join(" ")) }
    }
}

/// Where it lies, said step by step.
impl Finding {
    /// Names the field: its label as the column, and its item.
    #[must_use]
    pub fn on(mut self, field: &Field) -> Finding {
        self.place.column = Some(Cow::Borrowed(field.ja));
        self.item = field.item;
        self
    }
    /// Names the field of a record by its key; a key the record does not have names nothing.
    #[must_use]
    pub fn on_key(self, fields: &[Field], key: &str) -> Finding {
        match fields.iter().find(|field| field.key == key) {
            Some(field) => self.on(field),
            None => self,
        }
    }
    /// Names the line.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Finding {
        self.place.line = Some(line);
        self
    }
    /// Names the file.
    #[must_use]
    pub fn in_file(mut self, file: &str) -> Finding {
        self.place.file = Some(file.to_owned());
        self
    }
    /// Says the way out more exactly than the rule does.
    #[must_use]
    pub fn way_out(mut self, ja: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Finding {
        (self.way_out_ja, self.way_out_en) = (ja.into(), en.into());
        self
    }
}

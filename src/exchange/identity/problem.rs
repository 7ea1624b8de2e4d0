//! 読めない理由: why a file of keys cannot be read. Its words are ours: those of a library could quote what is in the file.

use super::wrong;
use crate::exchange::ConfigError;
use crate::rules::codes;
use std::path::Path;

/// 読めない理由.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// It is something else, or damaged.
    Form,
    /// It does not open with this password.
    Password,
    /// Its encryption, check sum or content is of a kind that is not read: the number of the kind, or its name.
    Scheme(String),
    /// To open it would take more time or memory than any tool asks for.
    Costly,
}

impl Problem {
    /// The same of a file; `given` where there was a password.
    pub(super) fn of(self, file: &Path, given: bool) -> ConfigError {
        let ja_en = |rule, ja: &str, en: &str| wrong(rule, file, ja, en);
        match self {
            Problem::Form => ja_en(&codes::CERT_FORM, "壊れているか、別の形式です", "damaged, or of another form"),
            Problem::Password if given => ja_en(&codes::CERT_PASSWORD, "パスワードが違います", "wrong password"),
            Problem::Password => ja_en(&codes::CERT_PASSWORD, "パスワードが必要です", "it needs a password"),
            Problem::Scheme(what) => {
                let (ja, en) = (format!("対応していない暗号方式です（{what}）"), format!("not supported: {what}"));
                ja_en(&codes::CERT_SCHEME, &ja, &en)
            }
            Problem::Costly => ja_en(
                &codes::CERT_SCHEME,
                "鍵の計算に指定された反復回数またはメモリが大きすぎます",
                "the rounds or the memory that it asks for are beyond the limit",
            ),
        }
    }
}

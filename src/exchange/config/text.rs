//! 設定の文面: the text of a configuration with the environment put in, and where in it something stands.

use super::ConfigError;
use crate::rules::{Rule, codes};

/// The text, `${NAME}` replaced by the variable of the environment. Lines keep their numbers.
#[derive(Debug)]
pub(super) struct Text(pub(super) String);

impl Text {
    /// Puts the environment in. What stands in a line that is a comment is left alone.
    pub(super) fn expanded(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Text, ConfigError> {
        let mut out = String::with_capacity(text.len());
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let mut rest = line;
            while let Some((before, after)) = rest.split_once("${").filter(|_| !line.trim_start().starts_with('#')) {
                let fail = |ja: String, en: String| {
                    let column = line.chars().count() - after.chars().count() - 1;
                    let error = ConfigError::coded(&codes::CONFIG_VARIABLE, ja, en);
                    ConfigError { line: Some(index as u64 + 1), column: Some(column as u64), ..error }
                };
                let name = after.split_once('}').map(|(name, _)| name).filter(|name| {
                    !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'_')
                });
                let name = name.ok_or_else(|| {
                    fail("${名前} の形で書いてください".to_owned(), "a variable is written `${NAME}`".to_owned())
                })?;
                let value = variable(name).ok_or_else(|| {
                    fail(format!("環境変数 {name} が設定されていません"), format!("the variable {name} is not set"))
                })?;
                // It goes into a text of TOML: it must not end it, nor go on in another line.
                if value.contains(|c: char| c.is_control() || matches!(c, '"' | '\'' | '\\')) {
                    let ja = format!("環境変数 {name} に引用符・改行などが含まれています");
                    return Err(fail(ja, format!("the variable {name} holds quotes or control characters")));
                }
                out.push_str(before);
                out.push_str(&value);
                rest = after.get(name.len() + 1..).unwrap_or_default();
            }
            out.push_str(rest);
        }
        Ok(Text(out))
    }

    /// An error at a place.
    pub(super) fn at(
        &self,
        byte: usize,
        rule: &'static Rule,
        ja: impl Into<String>,
        en: impl Into<String>,
    ) -> ConfigError {
        let before = self.0.get(..byte).unwrap_or(&self.0);
        let line = before.matches('\n').count() as u64 + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1;
        ConfigError { line: Some(line), column: Some(column), ..ConfigError::coded(rule, ja, en) }
    }

    /// An error of a value at a place.
    pub(super) fn complain(&self, byte: usize, ja: &str, en: &str) -> ConfigError {
        self.at(byte, &codes::CONFIG_VALUE, ja, en)
    }

    /// An error of the reader of TOML.
    pub(super) fn unreadable(&self, error: &toml::de::Error, otherwise: usize) -> ConfigError {
        let start = error.span().map_or(otherwise, |span| span.start);
        let ja = "TOMLとして正しくないか、項目の値が違います";
        self.at(start, &codes::CONFIG_VALUE, ja, super::sections::said(&error.message()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> Result<String, ConfigError> {
        let variable = |name: &str| match name {
            "HOST" => Some("x.example".to_owned()),
            "BAD" => Some("x\"\nretailer = \"9".to_owned()),
            _ => None,
        };
        Text::expanded(text, &variable).map(|text| text.0)
    }

    #[test]
    fn the_environment_is_put_in() {
        assert_eq!(
            expanded("# ${GONE}\nurl = \"https://${HOST}/${HOST}\"\n").unwrap(),
            "# ${GONE}\nurl = \"https://x.example/x.example\"\n"
        );
        assert_eq!(expanded("a = \"$HOST {}\"").unwrap(), "a = \"$HOST {}\"");
        for (text, part) in [
            ("\na = \"${GONE}\"", "GONE"),
            ("\na = \"${BAD}\"", "BAD"),
            ("\na = \"${x y}\"", "NAME"),
            ("\na = \"${", "NAME"),
        ] {
            let error = expanded(text).unwrap_err();
            assert_eq!((error.line, error.rule.code), (Some(2), "OC1382"), "{error}");
            assert!(error.en.contains(part) && !error.to_string().contains("retailer ="), "{error}");
        }
    }
}

//! 契約番号の形 per retailer, from data.

use super::SettingsError;
use crate::items::{BusinessCode, RetailContractNumber};
use serde::Deserialize;
use std::collections::HashMap;

const FILE: &str = "retailer-patterns.toml";

/// 契約番号の形: what the contract numbers of retailers look like. A retailer that is not listed is not checked.
#[derive(Clone, Debug)]
pub struct Patterns(HashMap<BusinessCode, Vec<String>>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    retailer: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    code: String,
    #[serde(rename = "name")]
    _name: String,
    patterns: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

impl Patterns {
    pub(super) fn read(text: &str) -> Result<Patterns, SettingsError> {
        let file: File = toml::from_str(text).map_err(|error| SettingsError::toml(FILE, text, &error))?;
        let mut patterns = HashMap::new();
        for row in file.retailer {
            let fail = |en: String| SettingsError { file: FILE, line: None, en };
            let code = BusinessCode::parse(&row.code).map_err(|error| fail(format!("{}: {}", row.code, error.en())))?;
            if row.patterns.iter().any(String::is_empty) || row.patterns.is_empty() {
                return Err(fail(format!("{}: a pattern is empty", row.code)));
            }
            if patterns.insert(code, row.patterns).is_some() {
                return Err(fail(format!("{} stands twice", row.code)));
            }
        }
        Ok(Patterns(patterns))
    }

    /// The patterns of a retailer, none of which the number fits; `None` where it fits one or the retailer is not listed.
    #[must_use]
    pub fn misfit(&self, retailer: BusinessCode, number: &RetailContractNumber) -> Option<&[String]> {
        let patterns = self.0.get(&retailer)?;
        (!patterns.iter().any(|pattern| fits(pattern, number.as_str()))).then_some(patterns)
    }
}

/// `9` a digit, `A` a capital letter, any other character itself.
fn fits(pattern: &str, text: &str) -> bool {
    let mut found = text.chars();
    let all = pattern.chars().all(|wanted| match (wanted, found.next()) {
        ('9', Some(c)) => c.is_ascii_digit(),
        ('A', Some(c)) => c.is_ascii_uppercase(),
        (wanted, Some(c)) => wanted == c,
        (_, None) => false,
    });
    all && found.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_the_whole_number() {
        assert!(fits("AA-99", "XY-12"));
        for other in ["XY-123", "XY-1", "xY-12", "XY12", "XY-1２", ""] {
            assert!(!fits("AA-99", other), "{other}");
        }
    }

    #[test]
    fn broken_tables_are_refused() {
        assert!(Patterns::read("").is_ok());
        let row = |code: &str, pattern: &str| {
            format!("[[retailer]]\ncode = \"{code}\"\nname = \"\"\npatterns = [\"{pattern}\"]\nsource = \"\"\n")
        };
        assert!(Patterns::read(&row("40013", "9")).is_ok());
        assert!(Patterns::read(&row("4001", "9")).is_err());
        assert!(Patterns::read(&row("40013", "")).is_err());
        assert!(Patterns::read(&(row("40013", "9") + &row("40013", "9"))).unwrap_err().en.contains("twice"));
        assert_eq!(Patterns::read("[[retailer]]\ncode = 4\n").unwrap_err().line, Some(2));
    }
}

//! 値の読み方: a held value as a person reads it, codes by their names.

use super::HeldValue;
use crate::items::{Area, Code as _, ContractStatus, DecisionMethod, DecommissioningMethod};

impl HeldValue {
    /// Its fields as a person reads them: codes by their names, yes and no in words, a number with its unit.
    #[must_use]
    pub fn plain(&self) -> String {
        self.parts.iter().map(|part| read(&part.field, &part.text)).collect::<Vec<_>>().join(" ")
    }
}

fn read<'t>(field: &str, text: &'t str) -> &'t str {
    let known = match field {
        "supply-area" => Area::from_key(text).map(Area::ja),
        "decision-method" => DecisionMethod::from_key(text).map(DecisionMethod::ja),
        "contract-status" => ContractStatus::from_key(text).map(ContractStatus::ja),
        "decommissioning-method" => DecommissioningMethod::from_key(text).map(DecommissioningMethod::ja),
        "isolated-island-terms" | "half-hourly-collectable" | "automatic-reading" | "grid-interconnection" => {
            match text {
                "1" => Some("あり（可）"),
                "0" => Some("なし（不可）"),
                _ => None,
            }
        }
        _ => None,
    };
    known.unwrap_or(text)
}

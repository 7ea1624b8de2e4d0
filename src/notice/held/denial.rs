//! 不一致の回答: what another party said does not match, without saying what it holds itself.

use super::HeldValue;
use crate::items::{DateTime, Item};
use crate::notice::Party;
use serde_json::{Value, json};

/// 不一致の回答: an item of ours that another party's answer calls different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The item.
    pub item: Item,
    /// Who says so.
    pub by: Party,
    /// The reason it gave, in Japanese: never a value.
    pub reason: String,
    /// Under which reference of ours.
    pub reference: String,
    /// When, JST.
    pub at: DateTime,
}

impl Denial {
    /// The form it is kept in.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "item": self.item.key(), "by": self.by.to_string(), "reason": self.reason, "reference": self.reference,
            "at": self.at.to_string(),
        })
    }

    /// Reads that form.
    #[must_use]
    pub fn from_json(value: &Value) -> Option<Denial> {
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        Some(Denial {
            item: Item::from_key(text("item")?)?,
            by: Party::parse(text("by")?).ok()?,
            reason: text("reason")?.to_owned(),
            reference: text("reference")?.to_owned(),
            at: text("at")?.parse().ok()?,
        })
    }

    /// The value that was called different, as long as it is what we would say again: nothing once it was corrected, or
    /// once the party named its own value.
    pub(super) fn denied<'h>(&self, values: &'h [HeldValue]) -> Option<&'h HeldValue> {
        let of_item = || values.iter().filter(|held| held.item == self.item);
        if of_item().any(|held| held.source == self.by && held.at >= self.at) {
            return None;
        }
        let said = of_item().rfind(|held| held.source != self.by && held.at <= self.at)?;
        of_item().rfind(|held| held.current && held.source != self.by && held.parts == said.parts)
    }
}

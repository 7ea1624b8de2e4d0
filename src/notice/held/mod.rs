//! 保有情報: what is held of a customer — from whom, by which message, who manages it — and what an arriving value does.
//!
//! Only the manager of an item (管理責任者) corrects it. A value from its manager replaces the copy that was held; a value
//! from anybody else stands beside it as a claim, and where it differs the manager is asked. Nothing is ever overwritten.

mod denial;
mod history;
mod plain;
mod request;
mod standing;

pub use denial::Denial;
pub use history::{ManagerChange, ManagerHistory};
pub use request::{About, correction_request};
pub use standing::{Against, Discrepancy, HeldValue, Holdings};

use super::{Basis, Party, Purpose};
use crate::items::{Code as _, Comparison, DateTime, Item, compare, compare_address};
use serde_json::{Value, json};

/// 訂正の請求: the message by which a customer's request to correct an item arrives.
pub const CORRECTION: &str = "correction";

crate::code_set! {
    /// 値の権威: what a held value is worth.
    pub enum Authority = "authority" {
        Managed = "managed", "自社管理", "managed by us";
        Copy = "copy", "管理責任者からの写し", "copy of its manager's";
        Former = "former", "管理責任者の変更前の値", "of the time before its manager changed";
        Claim = "claim", "申出（管理責任者以外）", "claim of another than its manager";
    }
}

crate::code_set! {
    /// 到着の結果: what an arriving value did.
    pub enum Effect = "arrival-effect" {
        First = "first", "初めての値", "the first value";
        Replaces = "replaces", "置換", "replaces what was held";
        Same = "same", "同じ値", "the same value again";
        Late = "late", "古い値（履歴のみ）", "older than what is held: history only";
        Beside = "beside", "併記", "stands beside as a claim";
        Differs = "differs", "相違", "stands beside as a claim and differs: the manager is asked";
    }
}

/// 受領した項目: one field of what arrived.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// The key of the field.
    pub field: String,
    /// Its item.
    pub item: Item,
    /// Its text, as it was received.
    pub text: String,
}

/// The field only: the text is personal data.
impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Part({})", self.field)
    }
}

/// 到着: values as they came in, at one moment from one party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// From whom.
    pub source: Party,
    /// By which message: its key.
    pub message: String,
    /// Under which reference.
    pub reference: String,
    /// When it came, JST.
    pub at: DateTime,
    /// The moment the values are of, JST.
    pub as_of: DateTime,
    /// On which basis it is held.
    pub basis: Basis,
    /// For which purpose it was received.
    pub purpose: Purpose,
    /// What was in it.
    pub parts: Vec<Part>,
}

impl Arrival {
    /// The form it is kept in.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let parts: Vec<_> = self.parts.iter().map(|part| json!([part.field, part.item.key(), part.text])).collect();
        json!({
            "source": self.source.to_string(), "message": self.message, "reference": self.reference,
            "at": self.at.to_string(), "as-of": self.as_of.to_string(), "basis": self.basis.key(),
            "purpose": self.purpose.key(), "parts": parts,
        })
    }

    /// Reads that form.
    #[must_use]
    pub fn from_json(value: &Value) -> Option<Arrival> {
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let part = |part: &Value| {
            let text = |index: usize| part.get(index).and_then(Value::as_str);
            Some(Part { field: text(0)?.to_owned(), item: Item::from_key(text(1)?)?, text: text(2)?.to_owned() })
        };
        Some(Arrival {
            source: Party::parse(text("source")?).ok()?,
            message: text("message")?.to_owned(),
            reference: text("reference")?.to_owned(),
            at: text("at")?.parse().ok()?,
            as_of: text("as-of")?.parse().ok()?,
            basis: Basis::from_key(text("basis")?)?,
            purpose: Purpose::from_key(text("purpose")?)?,
            parts: value.get("parts")?.as_array()?.iter().map(part).collect::<Option<_>>()?,
        })
    }

    /// The items in it, each once, in the order of the items.
    pub fn items(&self) -> impl Iterator<Item = Item> + '_ {
        Item::ALL.iter().copied().filter(|item| self.parts.iter().any(|part| part.item == *item))
    }

    /// The fields of an item in it.
    #[must_use]
    pub fn parts_of(&self, item: Item) -> Vec<Part> {
        self.parts.iter().filter(|part| part.item == item).cloned().collect()
    }
}

/// 値の比較: the fields that both have, each as written. Fields that only one has say nothing.
#[must_use]
pub fn difference(one: &[Part], other: &[Part]) -> Comparison {
    let mut nearly = Comparison::Equal;
    for part in one {
        let Some(same) = other.iter().find(|same| same.field == part.field) else { continue };
        let compared = match part.item {
            Item::Name => compare(&part.text, &same.text),
            Item::Address => compare_address(&part.text, &same.text),
            _ if part.text == same.text => Comparison::Equal,
            _ => Comparison::Different,
        };
        match compared {
            Comparison::Different => return Comparison::Different,
            Comparison::EqualAfter(_) => nearly = compared,
            Comparison::Equal => {}
        }
    }
    nearly
}

/// 値の到着: what happens when a value arrives. The whole rule, and nothing else than the rule.
///
/// `standing` is the value that counts for the item now, if there is one. `from_manager` says whether it comes from who
/// manages the item at its moment, or from the customer where we manage it ourselves.
#[must_use]
pub fn arrive(
    us: Party,
    manager: Party,
    source: Party,
    as_of: DateTime,
    parts: &[Part],
    standing: Option<&HeldValue>,
) -> (Authority, Effect) {
    let ours = manager == us;
    // Of its own data the customer is the origin: what we manage, the customer corrects through us.
    let from_manager = source == manager || ours && matches!(source.role, super::Role::Customer);
    if !from_manager {
        let differs = standing
            .filter(|held| held.authority != Authority::Claim)
            .is_some_and(|held| !difference(parts, &held.parts).is_equal());
        return (Authority::Claim, if differs { Effect::Differs } else { Effect::Beside });
    }
    let authority = if ours { Authority::Managed } else { Authority::Copy };
    let effect = match standing.filter(|held| held.authority != Authority::Claim) {
        None => Effect::First,
        Some(held) if held.manager == manager && held.as_of > as_of => Effect::Late,
        Some(held) if held.parts == parts => Effect::Same,
        Some(_) => Effect::Replaces,
    };
    (authority, effect)
}

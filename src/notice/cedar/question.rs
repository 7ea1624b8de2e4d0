//! How a question of this crate is put to Cedar.

use crate::items::{Code, Date, Item};
use crate::notice::question::EvidenceSet;
use crate::notice::{EvidenceKind, Party, PartyCode, Question};
use serde_json::{Value, json};

/// Cedar への問い: the parts of a request about one item of a question.
#[derive(Clone, Debug, PartialEq)]
pub struct CedarQuestion {
    /// The sender: `Party::"…"`.
    pub principal: String,
    /// The purpose: `Action::"…"`.
    pub action: String,
    /// The item: `Item::"…"`.
    pub resource: String,
    /// Everything else, as the schema's `Disclosure`.
    pub context: Value,
    /// The entities of the two parties, for those that the notice's entities do not hold.
    pub parties: [Value; 2],
}

impl CedarQuestion {
    /// Puts a question about one item.
    #[must_use]
    pub fn new(question: &Question<'_>, item: Item) -> CedarQuestion {
        let Question { sender, recipient, purpose, area, as_of, today, legal_hold, source, .. } = *question;
        let evidence = EvidenceSet::of(question.evidence, 1);
        let evidence: Vec<_> =
            EvidenceKind::ALL.iter().filter(|kind| evidence.has(**kind)).map(|kind| kind.key()).collect();
        let mut context = json!({
            "recipient": {"__entity": {"type": "Party", "id": recipient.to_string()}},
            "evidence": evidence,
            "legalHold": legal_hold.is_some_and(|law| !law.trim().is_empty()),
        });
        let further = [
            ("area", area.map(|area| area.key().into())),
            ("asOf", as_of.map(day)),
            ("today", today.map(day)),
            ("source", source.map(|source| source.key().into())),
        ];
        if let Value::Object(fields) = &mut context {
            fields.extend(further.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
        }
        CedarQuestion {
            principal: format!("Party::\"{sender}\""),
            action: format!("Action::\"{}\"", purpose.key()),
            resource: format!("Item::\"{}\"", item.key()),
            context,
            parties: [sender, recipient].map(party_entity),
        }
    }
}

/// A day as a number: 20260401.
fn day(date: Date) -> Value {
    let (year, month, day) = (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
    (year * 10_000 + month * 100 + day).into()
}

pub(super) fn party_entity(party: Party) -> Value {
    let coded = party.code.is_some();
    let attrs = match party.code {
        Some(PartyCode::Area(area)) => json!({"coded": coded, "area": area.key()}),
        Some(PartyCode::Name(name)) => json!({"coded": coded, "name": name.as_str()}),
        Some(PartyCode::Business(_)) | None => json!({"coded": coded}),
    };
    json!({
        "uid": {"type": "Party", "id": party.to_string()},
        "attrs": attrs,
        "parents": [{"type": "Role", "id": party.role.key()}],
    })
}

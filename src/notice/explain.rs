//! `occto explain`: a question as a person types it.

use super::{Decision, Evidence, EvidenceError, Notice, Party, PartyError, Purpose, Question, SupplyKind};
use crate::items::{Code, Item, ItemError, ItemSet, SupplyPointId};

/// 質問の入力: the arguments of `occto explain`, as typed.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// `ROLE[:CODE]` of the sender.
    pub from: &'a str,
    /// `ROLE[:CODE]` of the recipient.
    pub to: &'a str,
    /// The key of a purpose.
    pub purpose: &'a str,
    /// Keys of items, separated by commas.
    pub items: &'a str,
    /// 供給地点特定番号: only its area counts.
    pub point: Option<&'a str>,
    /// The key of a supply kind; ordinary where nothing is said.
    pub supply: Option<&'a str>,
    /// `KIND:REF`, each.
    pub evidence: &'a [&'a str],
}

/// Why a question cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The sender.
    #[error("提供元（--from）: {0}")]
    From(PartyError),
    /// The recipient.
    #[error("提供先（--to）: {0}")]
    To(PartyError),
    /// The purpose is not one of the keys.
    #[error("利用目的 `{0}` は不明です（使える値: {known}） / unknown purpose `{0}`", known = known_keys::<Purpose>())]
    Purpose(String),
    /// An item is not one of the keys.
    #[error("情報項目 `{0}` は不明です（使える値: {known}） / unknown item `{0}`", known = known_items())]
    Item(String),
    /// No item was named.
    #[error("情報項目（--items）を一つ以上指定してください / name at least one item")]
    NoItem,
    /// The supply kind is not one of the keys.
    #[error("供給の種類 `{0}` は不明です（使える値: {known}） / unknown kind of supply `{0}`", known = known_keys::<SupplyKind>())]
    Supply(String),
    /// The point.
    #[error("{} / {}", .0.ja(), .0.en())]
    Point(ItemError),
    /// A piece of evidence.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
}

impl Notice {
    /// Decides a question as a person types it.
    pub fn explain(&self, ask: &Ask<'_>) -> Result<Decision, AskError> {
        let sender = Party::parse(ask.from).map_err(AskError::From)?;
        let recipient = Party::parse(ask.to).map_err(AskError::To)?;
        let purpose = Purpose::from_key(ask.purpose).ok_or_else(|| AskError::Purpose(ask.purpose.to_owned()))?;
        let mut question = Question::new(sender, recipient, purpose, read_items(ask.items)?);
        if let Some(point) = ask.point {
            question.area = Some(SupplyPointId::parse(point).map_err(AskError::Point)?.area());
        }
        if let Some(supply) = ask.supply {
            question.supply = SupplyKind::from_key(supply).ok_or_else(|| AskError::Supply(supply.to_owned()))?;
        }
        let evidence = ask.evidence.iter().map(|text| Evidence::parse(text)).collect::<Result<Vec<_>, _>>()?;
        question.evidence = &evidence;
        Ok(self.decide(&question))
    }
}

fn read_items(text: &str) -> Result<ItemSet, AskError> {
    let keys = text.split(',').map(str::trim).filter(|key| !key.is_empty());
    let items: ItemSet =
        keys.map(|key| Item::from_key(key).ok_or_else(|| AskError::Item(key.to_owned()))).collect::<Result<_, _>>()?;
    if items.is_empty() { Err(AskError::NoItem) } else { Ok(items) }
}

fn known_keys<T: Code>() -> String {
    T::ALL.iter().map(|value| value.key()).collect::<Vec<_>>().join(", ")
}

fn known_items() -> String {
    Item::ALL.iter().map(|item| item.key()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASK: Ask<'static> = Ask {
        from: "retailer:40113",
        to: "operator:03",
        purpose: "point-confirmation",
        items: "supply-point-id, name",
        point: Some("0300111122223333444455"),
        supply: None,
        evidence: &[],
    };

    fn explain(ask: &Ask<'_>) -> Result<Decision, AskError> {
        Notice::embedded("common-core").unwrap().explain(ask)
    }

    #[test]
    fn the_json_has_the_published_shape() {
        let json = explain(&ASK).unwrap().to_json();
        let expected = serde_json::json!({"verdict": "granted", "items": [
            {"item": "name", "granted": true, "basis": "shared-use", "manager": "retailer:40113", "clause": null, "change": null},
            {"item": "supply-point-id", "granted": true, "basis": "shared-use", "manager": "operator:03", "clause": null, "change": null},
        ]});
        assert_eq!(json, expected);

        let refused = explain(&Ask { to: "operator:04", items: "name", ..ASK }).unwrap().to_json();
        assert_eq!(refused["verdict"], "refused");
        assert_eq!(refused["items"][0]["clause"], "rule-3-area");
        assert_eq!(refused["items"][0]["change"]["kind"], "recipient");
        assert_eq!(refused["items"][0]["change"]["value"], "operator:03");
        assert_eq!(refused["items"][0]["basis"], serde_json::Value::Null);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        assert_eq!(explain(&Ask { from: "king", ..ASK }), Err(AskError::From(PartyError::Role)));
        assert_eq!(explain(&Ask { to: "operator:11", ..ASK }), Err(AskError::To(PartyError::Area)));
        assert_eq!(explain(&Ask { purpose: "fun", ..ASK }), Err(AskError::Purpose("fun".into())));
        assert_eq!(explain(&Ask { items: "name,shoe", ..ASK }), Err(AskError::Item("shoe".into())));
        assert_eq!(explain(&Ask { items: " , ", ..ASK }), Err(AskError::NoItem));
        assert_eq!(explain(&Ask { supply: Some("solar"), ..ASK }), Err(AskError::Supply("solar".into())));
        assert!(matches!(explain(&Ask { point: Some("03"), ..ASK }), Err(AskError::Point(_))));
        for (text, error) in [("consent:", EvidenceError::Reference), ("oath:1", EvidenceError::Kind)] {
            assert_eq!(explain(&Ask { evidence: &[text], ..ASK }), Err(AskError::Evidence(error)));
        }
    }

    #[test]
    fn text_names_label_basis_manager_and_way_out() {
        let terras = Notice::embedded("terras").unwrap();
        let ask =
            Ask { purpose: "negawatt-trading", from: "suppression-contractor", items: "demand-suppression", ..ASK };
        assert!(terras.explain(&ask).unwrap().to_text_ja(terras).contains("需要抑制利用: 共同利用"));
        let refused = terras.explain(&Ask { items: "telephone", ..ask }).unwrap();
        assert!(refused.to_text_en().contains("rule-8-limit"));
        assert!(refused.to_text_ja(terras).starts_with("提供できません"));
    }
}

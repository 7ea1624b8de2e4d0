//! 訂正の依頼: the request to the manager of an item, drafted from what differs.

use super::{Against, Discrepancy};
use crate::items::{Area, Code as _, Date, SupplyPointId};
use crate::notice::{Notice, Party, Role};

/// 対象: by what the manager finds whom a request is about.
#[derive(Clone, PartialEq, Eq)]
pub enum About {
    /// 供給地点特定番号
    Point(SupplyPointId),
    /// 契約番号 of a customer without a supply point.
    Contract(String),
    /// Neither is held any more.
    Unnumbered,
}

/// The kind only: the numbers are personal data.
impl std::fmt::Debug for About {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            About::Point(_) => "Point",
            About::Contract(_) => "Contract",
            About::Unnumbered => "Unnumbered",
        })
    }
}

impl From<&SupplyPointId> for About {
    fn from(point: &SupplyPointId) -> About {
        About::Point(*point)
    }
}

impl From<&About> for About {
    fn from(whom: &About) -> About {
        whom.clone()
    }
}

impl About {
    /// 供給区域 of the point, where there is one.
    #[must_use]
    pub fn area(&self) -> Option<Area> {
        match self {
            About::Point(point) => Some(point.area()),
            About::Contract(_) | About::Unnumbered => None,
        }
    }

    fn line(&self) -> String {
        match self {
            About::Point(point) => format!("供給地点特定番号　{}", point.grouped()),
            About::Contract(number) => format!("契約番号　　　　　{number}"),
            About::Unnumbered => "お客さまの番号　　保有していません（当社へお問い合わせください）".to_owned(),
        }
    }
}

fn party_ja(us: Party, party: Party) -> String {
    match party {
        party if party == us => "当社".to_owned(),
        Party { role: Role::Customer, .. } => Role::Customer.ja().to_owned(),
        party => party.ja(),
    }
}

/// 訂正依頼の下書き: asks the manager of an item to correct it, or to say that it is right. It leaves the house only by a
/// person's hand. `named` gives the Japanese name of a message.
#[must_use]
pub fn correction_request(
    notice: &Notice,
    us: Party,
    whom: impl Into<About>,
    found: &Discrepancy,
    today: Date,
    named: impl Fn(&str) -> String,
) -> String {
    let label = notice.label(found.claim.item);
    let near = if found.nearly { "（表記の違いのみ）" } else { "" };
    let (about, theirs) = match &found.against {
        Against::Value(held) => {
            let (on, by, text) = (held.as_of.date(), named(&held.message), held.plain());
            if held.source == found.manager {
                ("当社が受領した内容と相違があります", format!("貴社からの値　　　{text}（{on}、{by}）"))
            } else {
                // What was held before the manager changed: this manager never said it.
                (
                    "当社が保有する値（貴社から受領したものではありません）と異なる内容を受領しました",
                    format!("保有している値　　{text}（{on}、{}からの{by}）", party_ja(us, held.source)),
                )
            }
        }
        Against::Denial(denial) => {
            let by = if denial.by == found.manager { "貴社".to_owned() } else { denial.by.ja() };
            let (on, reference) = (denial.at.date(), &denial.reference);
            (
                "お客さまからのお申し出と一致しないとの回答がありました",
                format!("回答　　　　　　　{}（{on}、{by}、申込参照番号 {reference}）", denial.reason),
            )
        }
        Against::Unheard => ("お客さまから訂正のお申し出がありました", "貴社からの値　　　受領していません".to_owned()),
    };
    let claimed =
        if found.against == Against::Unheard { "お申し出の値　　　" } else { "相違する値　　　　" };
    format!(
        "{manager} 御中\n\n{us}\n{today}\n\n共同利用情報の訂正のお願い\n\n\
         貴社が管理責任者である次の項目について、{about}{near}。ご確認のうえ、訂正が必要な場合は\
         訂正をお願いいたします。訂正が不要な場合はその旨をお知らせください。\n\n\
         {whom}\n項目　　　　　　　{label}\n\
         {theirs}\n\
         {claimed}{claim}（{claimed_on}、{source}からの{claim_by}）\n",
        manager = found.manager.ja(),
        us = us.ja(),
        whom = whom.into().line(),
        claim = found.claim.plain(),
        claimed_on = found.claim.as_of.date(),
        source = party_ja(us, found.claim.source),
        claim_by = named(&found.claim.message),
    )
}

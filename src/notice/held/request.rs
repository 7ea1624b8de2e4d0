//! 訂正の依頼: the request to the manager of an item, drafted from what differs.

use super::{Against, Discrepancy};
use crate::items::{Code as _, Date, SupplyPointId};
use crate::notice::{Notice, Party};

/// 訂正依頼の下書き: asks the manager of an item to correct it, or to say that it is right. It leaves the house only by a
/// person's hand. `named` gives the Japanese name of a message.
#[must_use]
pub fn correction_request(
    notice: &Notice,
    us: Party,
    point: &SupplyPointId,
    found: &Discrepancy,
    today: Date,
    named: impl Fn(&str) -> String,
) -> String {
    let label = notice.label(found.claim.item);
    let near = if found.nearly { "（表記の違いのみ）" } else { "" };
    let (about, theirs) = match &found.against {
        Against::Value(managed) => {
            let (on, by) = (managed.as_of.date(), named(&managed.message));
            ("当社が受領した内容と相違があります", format!("貴社からの値　　　{}（{on}、{by}）", managed.text()))
        }
        Against::Denial(denial) => {
            let by = if denial.by == found.manager { "貴社".to_owned() } else { denial.by.ja() };
            let (on, reference) = (denial.at.date(), &denial.reference);
            (
                "お客さまからのお申し出と一致しないとの回答がありました",
                format!("回答　　　　　　　{}（{on}、{by}、申込参照番号 {reference}）", denial.reason),
            )
        }
    };
    format!(
        "{manager} 御中\n\n{us}\n{today}\n\n共同利用情報の訂正のお願い\n\n\
         貴社が管理責任者である次の項目について、{about}{near}。ご確認のうえ、訂正が必要な場合は\
         訂正をお願いいたします。訂正が不要な場合はその旨をお知らせください。\n\n\
         供給地点特定番号　{point}\n項目　　　　　　　{label}\n\
         {theirs}\n\
         相違する値　　　　{claim}（{claimed_on}、{source}からの{claim_by}）\n",
        manager = found.manager.ja(),
        us = us.ja(),
        point = point.grouped(),
        claim = found.claim.text(),
        claimed_on = found.claim.as_of.date(),
        source = match found.claim.source.role {
            crate::notice::Role::Customer => crate::notice::Role::Customer.ja().to_owned(),
            _ => found.claim.source.ja(),
        },
        claim_by = named(&found.claim.message),
    )
}

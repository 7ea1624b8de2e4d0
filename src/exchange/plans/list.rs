//! 計画一覧: the list of FIT plans (FIT_INFO).

use crate::rules::{Finding, codes};
use quick_xml::Reader;
use quick_xml::events::Event;

/// FIT計画: one line of the list.
///
/// Source: facts/wire.md §2.8 (C).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FitPlan {
    /// FIT_ID: at most 23 characters.
    pub id: String,
    /// LAST_UPD_DAYTIME: 17 digits.
    pub updated: String,
    /// STAT: 1 発電計画詳細登録済, 2 供給力（発電合計）登録済, 3 販売計画登録済・計画提出済
    pub status: String,
    /// STAT_NM
    pub status_name: String,
    /// FIT_RECPT_STAT: 03 and 04 received, 07 and 08 to be confirmed again, 11 submitted
    pub receipt: String,
}

/// Why a list cannot be read.
pub type PlanListError = Box<Finding>;

/// Reads the list.
pub fn fit_plans(octets: &[u8]) -> Result<Vec<FitPlan>, PlanListError> {
    let wrong = || Box::new(codes::PLAN_ANSWER.finding("一覧を読めません", "the list cannot be read"));
    let text = std::str::from_utf8(octets).map_err(|_| wrong())?;
    let mut reader = Reader::from_str(text);
    let (mut plans, mut field, mut seen) = (Vec::new(), String::new(), false);
    loop {
        match reader.read_event().map_err(|_| wrong())? {
            Event::Start(tag) => {
                field = tag.local_name().as_ref().to_owned();
                seen |= field == "SBD-MSG";
                if field == "FIT_INFO" {
                    plans.push(FitPlan::default());
                }
            }
            Event::End(_) => field.clear(),
            Event::Text(value) => {
                let Some(plan) = plans.last_mut() else { continue };
                let place = match field.as_str() {
                    "FIT_ID" => &mut plan.id,
                    "LAST_UPD_DAYTIME" => &mut plan.updated,
                    "STAT" => &mut plan.status,
                    "STAT_NM" => &mut plan.status_name,
                    "FIT_RECPT_STAT" => &mut plan.receipt,
                    _ => continue,
                };
                place.push_str(value.trim());
            }
            Event::DocType(_) => return Err(wrong()),
            Event::Eof if seen => return Ok(plans),
            Event::Eof => return Err(wrong()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read() {
        let text = "<SBD-MSG>\n<FIT_INFO><FIT_ID>F1</FIT_ID><STAT>3</STAT><STAT_NM>計画提出済</STAT_NM></FIT_INFO><FIT_INFO><FIT_ID>F2</FIT_ID></FIT_INFO></SBD-MSG>";
        let plans = fit_plans(text.as_bytes()).unwrap();
        assert_eq!(
            (plans.len(), plans[0].id.as_str(), plans[0].status.as_str(), plans[1].id.as_str()),
            (2, "F1", "3", "F2")
        );
        assert_eq!(fit_plans(b"<SBD-MSG></SBD-MSG>").unwrap(), []);
        for wrong in [&b"<html></html>"[..], b"<SBD-MSG><a></SBD-MSG>", b"\xFF", b""] {
            assert_eq!(fit_plans(wrong).unwrap_err().code, "OC1253");
        }
    }
}

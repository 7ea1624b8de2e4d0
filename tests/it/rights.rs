//! What becomes of the customer's data after something went wrong or is asked twice: refused applications, plans of
//! retention, readings.

use crate::steward::{House, core};
use occto::desk::subject::{Answered, Wish, discrepancies, letter};
use occto::items::{CustomerName, Item};
use occto::notice::Party;
use occto::notice::held::Against;

#[test]
fn a_name_that_the_current_retailer_calls_different_is_asked_about_and_told_to_the_customer() {
    let house = House::run_with(4, true, |rows| rows[1].name = CustomerName::parse("別名　花子").unwrap());
    let found = discrepancies(&mut house.store(), house.us, core(), house.now.date()).unwrap();
    let denied: Vec<_> = found.iter().filter(|one| matches!(one.found.against, Against::Denial(_))).collect();
    let [one] = &denied[..] else { panic!("{} denials", denied.len()) };
    let current = Party::retailer(house.rows[1].current_retailer);
    assert_eq!((one.found.claim.item, one.found.manager), (Item::Name, current));
    assert!(one.sendable.is_ok(), "{:?}", one.sendable);
    let point = house.rows[1].point.grouped().to_string();
    for part in ["御中", "契約名義不一致", "別名　花子", &point] {
        assert!(one.draft.contains(part), "{part}");
    }
    let Ok(Answered::Report(report)) = house.ask(1, "別名　花子", &Wish::Report) else { panic!("no report") };
    let told = report.to_json()["discrepancies"].as_array().cloned().unwrap();
    assert!(told.iter().any(|told| told["item"] == "name" && told["denied"]["by"] == current.to_string()), "{told:?}");
    assert!(letter(&report).contains("契約名義不一致"));
    // A second look finds the same: nothing was settled by looking.
    let again = discrepancies(&mut house.store(), house.us, core(), house.now.date()).unwrap();
    assert_eq!(again.len(), found.len());
}

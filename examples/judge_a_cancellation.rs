//! For the current retailer: judge incoming cancellation agencies (廃止取次) by strict equality, explain near matches.
//!
//! `cargo run --example judge_a_cancellation`; the same is done with a real register by
//! `occto switch judge --customers FILE --config FILE`.

use occto::desk::{Contract, Register, Verdict, judge};
use occto::items::{
    Address, Building, BusinessCode, CancellationNumber, Code as _, CustomerName, RetailContractNumber, SupplyPointId,
};
use occto::messages::switching::CancellationEntry;
use std::error::Error;

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    // What our own register says of the supply point.
    let point = SupplyPointId::parse("0300110000000000000001")?;
    let contract = Contract {
        number: RetailContractNumber::parse("12-3456-7890-123")?,
        name: CustomerName::parse("有限会社髙田商店")?,
        address: "東京都千代田区見本町一丁目2-3".to_owned(),
        building: "見本ビル4階".to_owned(),
    };
    let register = Register::from([(point, contract)]);

    // What the new retailer says the customer said. Nobody's text is ever corrected: not theirs, not ours.
    let applied = |number: &str, name: &str| -> Result<CancellationEntry, Box<dyn Error>> {
        Ok(CancellationEntry {
            number: CancellationNumber::parse("H000000001")?,
            new_retailer: BusinessCode::parse("40113")?,
            point,
            contract_number: RetailContractNumber::parse(number)?,
            name: CustomerName::parse(name)?,
            kana: None,
            address: Address::parse("東京都千代田区見本町一丁目2-3")?,
            building: Some(Building::parse("見本ビル4階")?),
            requested_on: "2026-04-28".parse()?,
            received_on: "2026-04-01".parse()?,
            judge_by: None,
        })
    };

    let mut verdicts = Vec::new();
    for (number, name) in [
        ("12-3456-7890-123", "有限会社髙田商店"), // equal, character by character
        ("12-3456-7890-123", "（有）高田商店"),   // the same to a person: width, legal form, variant character
        ("12-3456-7890-999", "有限会社髙田商店"), // another contract number
    ] {
        let verdict = judge(&applied(number, name)?, &register);
        match &verdict {
            // Strict equality: told to the new retailer at once, and the switch stop is filed.
            Verdict::Ok => println!("OK"),
            // Different whatever is folded: told with the reasons.
            Verdict::Ng(reasons) => {
                println!("NG: {}", reasons.iter().map(|reason| reason.ja()).collect::<Vec<_>>().join("、"));
            }
            // Nearly equal: never decided by the machine. A person reads the difference and says
            // `occto switch judge --number H000000001 --verdict ok` or `--verdict name-mismatch`.
            Verdict::Doubt(differences) => {
                for (ja, _en) in differences {
                    println!("要判断: {ja}");
                }
            }
        }
        verdicts.push(verdict);
    }
    assert!(matches!(verdicts.as_slice(), [Verdict::Ok, Verdict::Doubt(_), Verdict::Ng(_)]));
    Ok(())
}

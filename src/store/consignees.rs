//! 委託先・媒介業者の台帳: with whom there is a contract, for what, and until when. Nothing goes to one without.

use super::case::{day, moment};
use super::db::{Row, bind};
use super::{StoreError, Tx};
use crate::items::{Code as _, Date, DateTime};
use crate::notice::{Party, Purpose, StewardClause};
use serde_json::{Value, json};

/// 委託先・媒介業者: one contract of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consignee {
    /// Its number; 0 before it is kept.
    pub id: i64,
    /// Who it is: `consignee:NAME`, `broker:NAME`, `contractor:NAME`.
    pub party: Party,
    /// Our reference of the contract.
    pub contract: String,
    /// What the contract lets it do.
    pub purposes: Vec<Purpose>,
    /// The last day of the contract.
    pub until: Date,
    /// When it was registered, JST.
    pub registered: DateTime,
    /// Who registered it.
    pub by: String,
}

impl Consignee {
    /// The entry as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let purposes: Vec<_> = self.purposes.iter().map(|purpose| purpose.key()).collect();
        json!({
            "entry": self.id, "party": self.party.to_string(), "contract": self.contract, "purposes": purposes,
            "until": self.until.to_string(), "registered": self.registered.to_string(), "by": self.by,
        })
    }
}

/// 契約の確認: the contract on which something may go to a party for a purpose on a day, or why none does.
pub fn contract_for(
    register: &[Consignee],
    party: Party,
    purpose: Purpose,
    today: Date,
) -> Result<&Consignee, StewardClause> {
    let mut why = StewardClause::ContractUnknown;
    for entry in register.iter().filter(|entry| entry.party == party) {
        // Of several contracts any one may permit it; of several reasons the one of a running contract is told.
        if today > entry.until {
            if why == StewardClause::ContractUnknown {
                why = StewardClause::ContractEnded;
            }
        } else if entry.purposes.contains(&purpose) {
            return Ok(entry);
        } else {
            why = StewardClause::ContractPurpose;
        }
    }
    Err(why)
}

fn consignee(row: &Row<'_>) -> Result<Consignee, StoreError> {
    let damaged = || StoreError::Damaged("consignees");
    let purposes: &str = row.get(3)?;
    Ok(Consignee {
        id: row.get(0)?,
        party: Party::parse(row.get(1)?).map_err(|_| damaged())?,
        contract: row.get(2)?,
        purposes: purposes
            .split(',')
            .map(|key| Purpose::from_key(key).ok_or_else(damaged))
            .collect::<Result<_, _>>()?,
        until: day(row.get(4)?)?.ok_or_else(damaged)?,
        registered: moment(row.get(5)?)?,
        by: row.get(6)?,
    })
}

impl Tx<'_> {
    /// Registers a contract and gives its number.
    pub fn add_consignee(&self, entry: &Consignee) -> Result<i64, StoreError> {
        let purposes: Vec<_> = entry.purposes.iter().map(|purpose| purpose.key()).collect();
        self.0.insert(
            "INSERT INTO consignees (party, contract, purposes, until, registered, by_whom) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            bind![
                entry.party.to_string(),
                &entry.contract,
                purposes.join(","),
                entry.until.to_string(),
                entry.registered.to_string(),
                &entry.by,
            ],
        )
    }

    /// Ends a contract on a day; says whether there is such an entry.
    pub fn end_consignee(&self, id: i64, on: Date) -> Result<bool, StoreError> {
        Ok(self.0.execute("UPDATE consignees SET until = ?2 WHERE id = ?1", bind![id, on.to_string()])? == 1)
    }

    /// Every contract, the newest first.
    pub fn consignees(&self) -> Result<Vec<Consignee>, StoreError> {
        let all = "SELECT id, party, contract, purposes, until, registered, by_whom FROM consignees ORDER BY id DESC";
        self.0.all(all, &[], consignee)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_without_a_contract_that_runs_and_covers_it() {
        let party = Party::parse("broker:smile").unwrap();
        let entry = |until: &str, purposes: &[Purpose]| Consignee {
            id: 1,
            party,
            contract: "B-1".to_owned(),
            purposes: purposes.to_vec(),
            until: until.parse().unwrap(),
            registered: "2026-04-01T09:00:00".parse().unwrap(),
            by: "tester".to_owned(),
        };
        let ask = |register: &[Consignee], party, purpose| {
            contract_for(register, party, purpose, "2026-05-01".parse().unwrap()).map(|entry| entry.contract.clone())
        };
        let (good, agency) = (Purpose::ConsignmentContract, Purpose::CancellationAgency);
        assert_eq!(ask(&[], party, good), Err(StewardClause::ContractUnknown));
        assert_eq!(ask(&[entry("2026-04-30", &[good])], party, good), Err(StewardClause::ContractEnded));
        let running = [entry("2026-05-01", &[good])];
        assert_eq!(ask(&running, party, good), Ok("B-1".to_owned()));
        assert_eq!(ask(&running, party, agency), Err(StewardClause::ContractPurpose));
        assert_eq!(ask(&running, Party::parse("broker:other").unwrap(), good), Err(StewardClause::ContractUnknown));
        // A contract that follows another one counts.
        assert_eq!(
            ask(&[entry("2026-04-30", &[good]), entry("2027-04-30", &[good])], party, good),
            Ok("B-1".to_owned())
        );
    }
}

//! 管理責任者の変遷: who managed an item of a point on which day.

use crate::items::Code as _;
use crate::items::{Area, Date, DateTime, Item};
use crate::notice::published::{ManagerRule, Notice};
use crate::notice::{Party, Role, SupplyKind};
use serde_json::{Value, json};

/// 管理責任者の変更: from a day on, another retailer, another operator or another kind of supply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ManagerChange {
    /// 小売供給等契約を締結している小売電気事業者, where that changes.
    pub retailer: Option<Party>,
    /// 供給区域, where that changes.
    pub area: Option<Area>,
    /// 供給の種類, where that changes.
    pub supply: Option<SupplyKind>,
}

impl ManagerChange {
    /// The form it is kept in.
    #[must_use]
    pub fn to_json(&self, from: Date) -> Value {
        json!({
            "from": from.to_string(), "retailer": self.retailer.map(|party| party.to_string()),
            "area": self.area.map(Area::key), "supply": self.supply.map(SupplyKind::key),
        })
    }

    /// Reads that form.
    #[must_use]
    pub fn from_json(value: &Value) -> Option<(Date, ManagerChange)> {
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let change = ManagerChange {
            retailer: text("retailer").map(Party::parse).transpose().ok()?,
            area: text("area").map(|key| Area::from_key(key).ok_or(())).transpose().ok()?,
            supply: text("supply").map(|key| SupplyKind::from_key(key).ok_or(())).transpose().ok()?,
        };
        Some((text("from")?.parse().ok()?, change))
    }
}

/// 管理責任者の履歴: the changes of a point, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManagerHistory(Vec<(Date, ManagerChange)>);

impl ManagerHistory {
    /// A change from a day on. Of two on one day the one that came later decides.
    pub fn add(&mut self, from: Date, change: ManagerChange) {
        let place = self.0.partition_point(|(date, _)| *date <= from);
        self.0.insert(place, (from, change));
    }

    /// The days from which on something changed.
    pub fn changes(&self) -> impl Iterator<Item = (Date, ManagerChange)> + '_ {
        self.0.iter().copied()
    }

    fn last<T>(&self, on: Date, pick: impl Fn(&ManagerChange) -> Option<T>) -> Option<T> {
        self.0.iter().take_while(|(from, _)| *from <= on).filter_map(|(_, change)| pick(change)).last()
    }

    /// 管理責任者 of an item at a moment, by a notice.
    #[must_use]
    pub fn manager(&self, notice: &Notice, item: Item, at: DateTime) -> Party {
        let on = at.date();
        let supply = self.last(on, |change| change.supply).unwrap_or(SupplyKind::Ordinary);
        match notice.manager_rule(item, supply) {
            ManagerRule::ContractRetailer | ManagerRule::Company | ManagerRule::Sender => {
                self.last(on, |change| change.retailer).unwrap_or(Party::of(Role::Retailer))
            }
            ManagerRule::AreaOperator => {
                self.last(on, |change| change.area).map_or(Party::of(Role::Operator), Party::operator)
            }
            ManagerRule::SuppressionContractor => Party::of(Role::SuppressionContractor),
        }
    }
}

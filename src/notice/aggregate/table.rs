//! 集計表: cells, margins, and which customers are in them.

use super::{CustomerClass, Owners};
use crate::items::{Area, Code, YearMonth};
use std::collections::BTreeMap;

crate::code_set! {
    /// 集計の軸: by what a table is divided.
    pub enum Dimension = "aggregate-dimension" {
        Area = "area", "供給区域", "supply area";
        Class = "class", "需要家の区分", "customer class";
        Month = "month", "月", "month";
    }
}

/// 需要家: the use of one customer at one supply point. The number is opaque; the months are those whose every half-hour
/// is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Which supply point it is, to the program alone.
    pub id: u64,
    /// 供給区域
    pub area: Area,
    /// 需要家の区分, where it is known.
    pub class: Option<CustomerClass>,
    /// Use by month. Unit: 0.0001 kWh.
    pub months: Vec<(YearMonth, i64)>,
}

/// セルの位置: the value in each dimension; nothing where it is a sum over all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellKey {
    /// 供給区域
    pub area: Option<Area>,
    /// 需要家の区分
    pub class: Option<CustomerClass>,
    /// 月
    pub month: Option<YearMonth>,
}

impl CellKey {
    /// The same without a dimension: the sum over it.
    pub(super) const fn over(mut self, dimension: Dimension) -> CellKey {
        match dimension {
            Dimension::Area => self.area = None,
            Dimension::Class => self.class = None,
            Dimension::Month => self.month = None,
        }
        self
    }

    /// What the cell is called, in Japanese.
    #[must_use]
    pub fn ja(&self) -> String {
        let parts = [
            self.area.map(|area| area.ja().to_owned()),
            self.class.map(|class| class.ja().to_owned()),
            self.month.map(|month| month.to_string()),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "合計".to_owned() } else { parts.join(" ") }
    }
}

/// セル: a cell or a margin, and what is in it.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Where it stands.
    pub key: CellKey,
    /// How many customers.
    pub customers: u64,
    /// Their use. Unit: 0.0001 kWh.
    pub total: i128,
    /// The use of the largest.
    pub(super) largest: i128,
    /// The inner cells it is the sum of.
    pub(super) atoms: Vec<usize>,
}

/// The table: inner cells first, then margins.
#[derive(Debug)]
pub(super) struct Table {
    pub cells: Vec<Cell>,
    pub by: Vec<Dimension>,
    /// For each inner cell its customers with the month and the use.
    pub atoms: Vec<Vec<(u64, YearMonth, i64)>>,
    /// For each inner cell the classes of its customers.
    pub classes: Vec<Vec<Option<CustomerClass>>>,
    /// Whose the supply points are.
    pub owners: Owners,
}

impl Table {
    pub(super) fn of(customers: &[Customer], owners: &Owners, by: &[Dimension], months: &[YearMonth]) -> Table {
        type Inner = (Vec<(u64, YearMonth, i64)>, Vec<Option<CustomerClass>>);
        let mut inner: BTreeMap<CellKey, Inner> = BTreeMap::new();
        for customer in customers {
            for (month, value) in customer.months.iter().filter(|(month, _)| months.contains(month)) {
                let whole = CellKey { area: Some(customer.area), class: customer.class, month: Some(*month) };
                let unused = Dimension::ALL.iter().filter(|dimension| !by.contains(dimension));
                let (members, classes) = inner.entry(unused.fold(whole, |key, over| key.over(*over))).or_default();
                members.push((customer.id, *month, *value));
                if !classes.contains(&customer.class) {
                    classes.push(customer.class);
                }
            }
        }
        let keys: Vec<_> = inner.keys().copied().collect();
        let (atoms, classes): (Vec<_>, Vec<_>) = inner.into_values().unzip();
        let mut places: BTreeMap<CellKey, Vec<usize>> = BTreeMap::new();
        for (place, key) in keys.iter().enumerate() {
            for margin in margins(*key, by) {
                places.entry(margin).or_default().push(place);
            }
        }
        let mut table = Table { cells: Vec::new(), by: by.to_vec(), atoms, classes, owners: owners.clone() };
        let own = keys.iter().enumerate().map(|(place, key)| (*key, vec![place]));
        let sums = places.into_iter().filter(|(key, _)| !keys.contains(key));
        table.cells = own.chain(sums).map(|(key, atoms)| table.cell(key, atoms)).collect();
        table
    }

    fn cell(&self, key: CellKey, atoms: Vec<usize>) -> Cell {
        let (customers, total, largest) = self.figures(&atoms);
        Cell { key, customers, total, largest, atoms }
    }

    /// How many customers inner cells have together, what they use and what the largest of them uses.
    pub(super) fn figures(&self, atoms: &[usize]) -> (u64, i128, i128) {
        let members = atoms.iter().filter_map(|atom| self.atoms.get(*atom)).flatten();
        figures(members.map(|(id, _, value)| (self.owners.of(*id), i128::from(*value))))
    }

    /// The classes of the customers of inner cells.
    pub(super) fn classes_of<'a>(&'a self, atoms: &'a [usize]) -> impl Iterator<Item = Option<CustomerClass>> + 'a {
        atoms.iter().filter_map(|atom| self.classes.get(*atom)).flatten().copied()
    }
}

/// Customers, total and largest of uses; the largest without its sign, so that no feeding-in hides a use.
pub(super) fn figures(uses: impl Iterator<Item = (u64, i128)>) -> (u64, i128, i128) {
    let mut by_customer: BTreeMap<u64, i128> = BTreeMap::new();
    for (id, value) in uses {
        *by_customer.entry(id).or_default() += value;
    }
    let total = by_customer.values().sum();
    let largest = by_customer.values().map(|value| value.abs()).max().unwrap_or_default();
    (by_customer.len() as u64, total, largest)
}

/// The cell and every sum it is in.
fn margins(key: CellKey, by: &[Dimension]) -> Vec<CellKey> {
    by.iter().fold(vec![key], |keys, dimension| {
        let over: Vec<_> = keys.iter().map(|key| key.over(*dimension)).collect();
        [keys, over].concat()
    })
}

//! 需要家の使用量: the use of each customer in each month whose every half-hour is known.

use crate::baseline::{PointReadings, Readings};
use crate::desk::baseline::{each_stored, is_stored, load};
use crate::items::{Code as _, Date, Slot, SlotSet, SupplyPointId, YearMonth};
use crate::notice::aggregate::{Customer, CustomerClass};
use crate::rules::Finding;
use crate::store::StoreError;
use crate::wire::charset;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

const POINT: &str = "供給地点特定番号";
const CLASS: &str = "区分";
const OWNER: &str = "需要家番号";

/// 集計の材料: the customers, and what was left out.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The customers with at least one whole month.
    pub customers: Vec<Customer>,
    /// Months of customers that were left out because half-hours are missing.
    pub incomplete: u64,
    /// Customers that were left out because their class is not known.
    pub unclassed: u64,
    /// Supply points that were left out because their customer is not known.
    pub unowned: u64,
    /// What is wrong with the readings.
    pub findings: Vec<Finding>,
}

/// 地点の属性: what is known of supply points besides their readings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// The class of each, where classes are told.
    pub classes: Option<&'a HashMap<SupplyPointId, CustomerClass>>,
    /// The customer of each, where customers are told.
    pub owners: Option<&'a HashMap<SupplyPointId, String>>,
}

/// 集計できない理由: why there is nothing to aggregate.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// The list of classes cannot be used.
    #[error("区分一覧の{line}行目: {ja} / line {line} of the list of classes: {en}")]
    Classes {
        /// Line in the file.
        line: u64,
        /// What is wrong.
        ja: String,
        /// The same in English.
        en: String,
    },
    /// The list of customers cannot be used.
    #[error("需要家一覧の{line}行目: {ja} / line {line} of the list of customers: {en}")]
    Owners {
        /// Line in the file.
        line: u64,
        /// What is wrong.
        ja: String,
        /// The same in English.
        en: String,
    },
    /// The store failed.
    #[error("{0}")]
    Store(#[from] StoreError),
}

/// The months from one to another, both with it.
#[must_use]
pub fn months_between(from: YearMonth, to: YearMonth) -> Vec<YearMonth> {
    let all = std::iter::successors(Some(from), |month| match month.month() {
        12 => YearMonth::new(month.year() + 1, 1),
        number => YearMonth::new(month.year(), number + 1),
    });
    all.take_while(|month| *month <= to).collect()
}

/// 区分一覧: a CSV in CP932 or UTF-8 with the columns 供給地点特定番号 and 区分 (家庭用, 業務用, 産業用, 農事用 or the English keys).
pub fn read_classes(octets: &[u8]) -> Result<HashMap<SupplyPointId, CustomerClass>, GatherError> {
    let class = |found: &str| {
        CustomerClass::from_key(found).or_else(|| CustomerClass::from_ja(found)).ok_or_else(|| {
            let (ja, en): (Vec<_>, Vec<_>) = CustomerClass::ALL.iter().map(|class| (class.ja(), class.key())).unzip();
            let (ja, en) = (ja.join("、"), en.join(", "));
            (format!("区分は {ja} のいずれかです"), format!("a class is one of {en}"))
        })
    };
    of_points(octets, CLASS, class).map_err(|Wrong { line, ja, en }| GatherError::Classes { line, ja, en })
}

/// 需要家一覧: a CSV in CP932 or UTF-8 with the columns 供給地点特定番号 and 需要家番号: which points are one customer's. The
/// numbers are compared as they are written.
pub fn read_owners(octets: &[u8]) -> Result<HashMap<SupplyPointId, String>, GatherError> {
    let owner = |found: &str| match found {
        "" => Err(("需要家番号がありません".to_owned(), "the customer number is missing".to_owned())),
        found => Ok(found.to_owned()),
    };
    of_points(octets, OWNER, owner).map_err(|Wrong { line, ja, en }| GatherError::Owners { line, ja, en })
}

/// What is wrong with a list of points.
struct Wrong {
    line: u64,
    ja: String,
    en: String,
}

/// A CSV that says one thing of each supply point.
fn of_points<T: PartialEq>(
    octets: &[u8],
    column: &str,
    read: impl Fn(&str) -> Result<T, (String, String)>,
) -> Result<HashMap<SupplyPointId, T>, Wrong> {
    let wrong = |line: u64, ja: String, en: String| Wrong { line, ja, en };
    let (_, text, _) = charset::read(octets).map_err(|error| wrong(1, error.ja(), error.en()))?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let place = |name: &str| {
        let place = header.iter().position(|column| column == name);
        place.ok_or_else(|| wrong(1, format!("列「{name}」がありません"), format!("the column `{name}` is missing")))
    };
    let (point, said) = (place(POINT)?, place(column)?);
    let mut all = HashMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            wrong(line, "CSVとして読めません".to_owned(), "this is not CSV".to_owned())
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        if record.iter().all(str::is_empty) {
            continue;
        }
        let cell = |place: usize| record.get(place).unwrap_or_default();
        let id = SupplyPointId::parse(cell(point)).map_err(|error| wrong(line, error.ja(), error.en()))?;
        let value = read(cell(said)).map_err(|(ja, en)| wrong(line, ja, en))?;
        if all.get(&id).is_some_and(|before| *before != value) {
            let (ja, en) = (format!("同じ供給地点に二つの{column}があります"), "one point has two of them");
            return Err(wrong(line, ja, en.to_owned()));
        }
        all.insert(id, value);
    }
    Ok(all)
}

/// Gathers the customers of months from a CSV, a folder of them or a data folder, and their use in the months `beside`
/// them that earlier releases tell of. Where classes or customers are told, a point of which they are not is left out.
/// `opaque` gives a point the number it is known by.
pub fn gather(
    source: &Path,
    (months, beside): (&[YearMonth], &[YearMonth]),
    known: Known<'_>,
    opaque: impl Fn(SupplyPointId) -> u64,
) -> Result<Gathered, GatherError> {
    let mut gathered = Gathered::default();
    let all = || months.iter().map(|month| (month, true)).chain(beside.iter().map(|month| (month, false)));
    let mut uses: BTreeMap<SupplyPointId, Vec<(YearMonth, i64)>> = BTreeMap::new();
    let mut take = |readings: &Readings, month: YearMonth, asked: bool, incomplete: &mut u64| {
        for point in readings.iter() {
            match month_of(&point, month) {
                Month::Whole(value) => uses.entry(point.point).or_default().push((month, value)),
                Month::Broken => *incomplete += u64::from(asked),
                Month::None => {}
            }
        }
    };
    if is_stored(source) {
        for (month, asked) in all() {
            let Some((first, last)) = days_of(*month) else { continue };
            let incomplete = &mut gathered.incomplete;
            each_stored::<StoreError>(source, None, (first, last), SlotSet::ALL, |readings| {
                take(readings, *month, asked, incomplete);
                Ok(())
            })?;
        }
    } else {
        let loaded = load(source);
        all().for_each(|(month, asked)| take(&loaded.readings, *month, asked, &mut gathered.incomplete));
        gathered.findings = loaded.findings;
    }
    for (point, uses) in uses {
        let asked = u64::from(uses.iter().any(|(month, _)| months.contains(month)));
        let class = known.classes.and_then(|classes| classes.get(&point).copied());
        if known.classes.is_some() && class.is_none() {
            gathered.unclassed += asked;
            continue;
        }
        if known.owners.is_some_and(|owners| !owners.contains_key(&point)) {
            gathered.unowned += asked;
            continue;
        }
        gathered.customers.push(Customer { id: opaque(point), area: point.area(), class, months: uses });
    }
    Ok(gathered)
}

enum Month {
    Whole(i64),
    Broken,
    None,
}

fn days_of(month: YearMonth) -> Option<(Date, Date)> {
    let first = Date::new(month.year(), month.month(), 1).ok()?;
    Some((first, first.last_of_month()))
}

/// The use of a month, where every half-hour of it is known.
fn month_of(point: &PointReadings<'_>, month: YearMonth) -> Month {
    let Some((first, last)) = days_of(month) else { return Month::None };
    let (mut sum, mut known, mut missing) = (0_i64, false, false);
    for day in 0..i32::from(last.day()) {
        let Ok(date) = first.checked_add(jiff::Span::new().days(day)) else { return Month::Broken };
        for slot in Slot::all() {
            match point.get(date, slot) {
                Some(energy) => {
                    known = true;
                    sum = sum.saturating_add(energy.ten_thousandths());
                }
                None => missing = true,
            }
        }
    }
    match (known, missing) {
        (false, _) => Month::None,
        (true, true) => Month::Broken,
        (true, false) => Month::Whole(sum),
    }
}

//! One row to one application: every cell that is not a value of its item is named.

use super::{Cells, Columns};
use crate::items::{
    Address, AmountNumber, AmountUnit, Building, BusinessCode, Code, CustomerKana, CustomerName, Date, DateTime,
    DecisionMethod, Family, ItemError, ItemErrorKind, PostalCode, Reference, RetailContractNumber, ServiceMenu,
    SupplyPointId, Telephone, parse_date, parse_date_time,
};
use crate::messages::switching::{Application, ConsentMethod};
use crate::messages::{Field, Record};
use crate::rules::{Finding, codes, item_finding, serial_date, telephone_finding};

impl Columns {
    /// Reads a row. Every finding of the row is given, each with the line and its column.
    pub fn application(&self, line: u64, cells: Cells<'_>) -> Result<Application, Vec<Finding>> {
        let mut findings = Vec::new();
        self.check_shape(cells, &mut findings);
        let mut row = RowReader { columns: self, cells, field: 0, findings };
        // The order is that of the declaration.
        let receipt = row.required(Reference::parse);
        let point = row.required(SupplyPointId::parse);
        let current_retailer = row.required(BusinessCode::parse);
        let contract_number = row.required(RetailContractNumber::parse);
        let name = row.required_text(CustomerName::parse);
        let kana = row.optional_text(CustomerKana::parse);
        let postal_code = row.optional(PostalCode::parse);
        let address = row.required_text(Address::parse);
        let building = row.optional_text(Building::parse);
        let telephone = row.telephone();
        let switch_on = row.date();
        let family = row.required(family);
        let decision_method = row.required(decision_method);
        let amount = row.optional(AmountNumber::parse);
        let amount_unit = row.optional(amount_unit);
        let service_menu = row.optional(ServiceMenu::parse);
        let consented_at = row.date_time();
        let consent_method = row.optional(consent_method);
        let mut findings = row.findings;
        let application = || {
            Some(Application {
                receipt: receipt?,
                point: point?,
                current_retailer: current_retailer?,
                contract_number: contract_number?,
                name: name?,
                kana: kana?,
                postal_code: postal_code?,
                address: address?,
                building: building?,
                telephone: telephone?,
                switch_on: switch_on?,
                family: family?,
                decision_method: decision_method?,
                amount: amount?,
                amount_unit: amount_unit?,
                service_menu: service_menu?,
                consented_at: consented_at?,
                consent_method: consent_method?,
            })
        };
        if findings.is_empty()
            && let Some(application) = application()
        {
            return Ok(application);
        }
        for finding in &mut findings {
            finding.place.line = Some(line);
        }
        Err(findings)
    }

    /// A row has the cells the header has; empty ones behind them do not matter. No other column holds a NUL.
    fn check_shape(&self, cells: Cells<'_>, findings: &mut Vec<Finding>) {
        let (wanted, got) = (self.names().len(), cells.len());
        if got < wanted || cells.iter().skip(wanted).any(|cell| !cell.is_empty()) {
            let ja = format!("列が{got}個あります（見出し行は{wanted}個）");
            findings.push(codes::RAGGED_ROW.finding(ja, format!("the row has {got} cells, the header {wanted}")));
        }
        if memchr::memchr(0, cells.text.as_bytes()).is_none() {
            return;
        }
        for (index, (name, cell)) in self.names().iter().zip(cells.iter()).enumerate() {
            let own = (0..Application::FIELDS.len()).any(|field| self.place(field) == Some(index));
            if !own && cell.contains('\0') {
                let mut finding = codes::NUL_BYTE.plain();
                finding.place.column = Some(name.clone().into());
                findings.push(finding);
            }
        }
    }
}

/// Reads the fields of a row in the order of their declaration.
struct RowReader<'a> {
    columns: &'a Columns,
    cells: Cells<'a>,
    field: usize,
    findings: Vec<Finding>,
}

impl<'a> RowReader<'a> {
    /// The next field and its cell, exactly as it was read; empty where the file has no such column.
    fn next(&mut self) -> (usize, &'a str) {
        let field = self.field;
        self.field += 1;
        (field, self.columns.place(field).and_then(|place| self.cells.get(place)).unwrap_or_default())
    }

    fn say(&mut self, field: usize, finding: impl FnOnce(&'static Field) -> Finding) {
        self.findings.extend(Application::FIELDS.get(field).map(finding));
    }

    fn keep<T>(&mut self, field: usize, read: Result<T, ItemError>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(error) => {
                self.say(field, |field| item_finding(&error, field));
                None
            }
        }
    }

    /// A value that must be there; blanks around it do not belong to it.
    fn required<T>(&mut self, parse: impl FnOnce(&str) -> Result<T, ItemError>) -> Option<T> {
        let (field, cell) = self.next();
        self.keep(field, parse(trimmed(cell)))
    }

    /// A value that may be absent.
    fn optional<T>(&mut self, parse: impl FnOnce(&str) -> Result<T, ItemError>) -> Option<Option<T>> {
        let (field, cell) = self.next();
        match trimmed(cell) {
            "" => Some(None),
            cell => self.keep(field, parse(cell)).map(Some),
        }
    }

    /// A text that goes out as the customer gave it, blanks included.
    fn required_text<T>(&mut self, parse: impl FnOnce(&str) -> Result<T, ItemError>) -> Option<T> {
        let (field, cell) = self.next();
        self.keep(field, parse(if is_blank(cell) { "" } else { cell }))
    }

    fn optional_text<T>(&mut self, parse: impl FnOnce(&str) -> Result<T, ItemError>) -> Option<Option<T>> {
        let (field, cell) = self.next();
        if is_blank(cell) { Some(None) } else { self.keep(field, parse(cell)).map(Some) }
    }

    fn telephone(&mut self) -> Option<Option<Telephone>> {
        let (field, cell) = self.next();
        match trimmed(cell) {
            "" => Some(None),
            cell => match Telephone::parse(cell) {
                Ok(telephone) => Some(Some(telephone)),
                Err(error) => {
                    self.say(field, |field| telephone_finding(cell, &error, field));
                    None
                }
            },
        }
    }

    /// A date; a date and time at midnight, as spreadsheets export dates, is one too.
    fn date(&mut self) -> Option<Date> {
        let (field, cell) = self.next();
        let cell = trimmed(cell);
        let midnight = || parse_date_time(cell).ok().filter(|at| at.time() == jiff::civil::Time::midnight());
        match parse_date(cell) {
            Ok(date) => Some(date),
            Err(error) => midnight().map(|at| at.date()).or_else(|| self.not_a_date(field, cell, &error)),
        }
    }

    /// A date and time; a date alone is its midnight.
    fn date_time(&mut self) -> Option<Option<DateTime>> {
        let (field, cell) = self.next();
        let cell = trimmed(cell);
        if cell.is_empty() {
            return Some(None);
        }
        match parse_date_time(cell) {
            Ok(at) => Some(Some(at)),
            Err(error) => match parse_date(cell) {
                Ok(date) => Some(Some(date.to_datetime(jiff::civil::Time::midnight()))),
                Err(_) => self.not_a_date(field, cell, &error),
            },
        }
    }

    fn not_a_date<T>(&mut self, field: usize, cell: &str, error: &ItemError) -> Option<T> {
        self.say(field, |field| match serial_date(cell) {
            Some(date) => {
                let ja = format!("{}「{cell}」は表計算ソフトの通し番号のようです（{date}の意味ですか）", field.ja);
                let en = format!("`{cell}` seems to be a serial number of a spreadsheet that means {date}");
                codes::SERIAL_DATE.finding(ja, en).on(field)
            }
            None => item_finding(error, field),
        });
        None
    }
}

/// The cell without blanks around it; most cells have none, which two octets tell.
fn trimmed(cell: &str) -> &str {
    match (cell.as_bytes().first(), cell.as_bytes().last()) {
        (Some(first), Some(last)) if first.is_ascii_graphic() && last.is_ascii_graphic() => cell,
        _ => cell.trim(),
    }
}

fn is_blank(cell: &str) -> bool {
    cell.chars().all(char::is_whitespace)
}

fn unknown(known: &'static str) -> ItemError {
    ItemError { what: "", what_en: "", kind: ItemErrorKind::Unknown { known } }
}

fn empty() -> ItemError {
    ItemError { what: "", what_en: "", kind: ItemErrorKind::Empty }
}

fn family(cell: &str) -> Result<Family, ItemError> {
    match cell {
        "" => Err(empty()),
        "FIT" | "ＦＩＴ" | "低圧ＦＩＴ" | "低圧FIT" => Ok(Family::Fit),
        _ => Family::from_ja(cell).ok_or_else(|| unknown("低圧、高圧、低圧FIT")),
    }
}

/// Source: facts/switching.md §3, 託送契約決定方法: アンペアブレーカー契約 is called SB契約 elsewhere (K).
fn decision_method(cell: &str) -> Result<DecisionMethod, ItemError> {
    const KNOWN: &str =
        "実量契約、アンペアブレーカー契約（SB契約）、主開閉器契約、負荷設備契約、協議契約、システム管理対象外";
    match cell {
        "" => Err(empty()),
        "SB契約" | "ＳＢ契約" => Ok(DecisionMethod::AmpereBreaker),
        _ => DecisionMethod::from_ja(cell).ok_or_else(|| unknown(KNOWN)),
    }
}

fn amount_unit(cell: &str) -> Result<AmountUnit, ItemError> {
    match cell {
        "A" | "a" | "Ａ" => Ok(AmountUnit::Ampere),
        "kVA" | "KVA" | "kva" | "ｋＶＡ" | "ＫＶＡ" => Ok(AmountUnit::KiloVoltAmpere),
        "kW" | "KW" | "kw" | "ｋＷ" | "ＫＷ" => Ok(AmountUnit::KiloWatt),
        _ => Err(unknown("A、kVA、kW")),
    }
}

fn consent_method(cell: &str) -> Result<ConsentMethod, ItemError> {
    ConsentMethod::from_ja(cell).ok_or_else(|| unknown("書面、電磁的方法、口頭"))
}

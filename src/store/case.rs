//! Cases and their events.

use super::db::{Row, bind};
use super::vault::{Dossier, Lookup};
use super::{Outcome, Stage, StoreError, Tx};
use crate::items::{Code, Date, DateTime, SupplyPointId};
use crate::messages::switching::{Application, WithdrawalReason};
use crate::messages::{Record as _, json};
use crate::rules::Finding;
use std::fmt;

/// 案件: one application on its way.
#[derive(Clone)]
pub struct Case {
    /// Its number; 0 before it is kept.
    pub id: i64,
    /// Its batch.
    pub batch: i64,
    /// Line in the file.
    pub line: u64,
    /// 受付番号, as the row has it.
    pub receipt: String,
    /// Stem of the references of its messages.
    pub reference: String,
    /// The supply point as the row has it: plain digits where it could be read, else empty.
    pub point: String,
    /// How far it has come.
    pub stage: Stage,
    /// How it ended, or that it is held; nothing while it goes on.
    pub outcome: Option<Outcome>,
    /// The switch date agreed with the counterparties.
    pub switch_on: Option<Date>,
    /// The earliest possible switch date.
    pub earliest: Option<Date>,
    /// 廃止取次番号.
    pub cancellation_number: Option<String>,
    /// 申込番号.
    pub application_number: Option<String>,
    /// A meter exchange is outstanding.
    pub work_outstanding: bool,
    /// The customer has cancelled, and why.
    pub withdrawal: Option<WithdrawalReason>,
    /// How many messages this case has sent: makes references unique.
    pub attempts: u32,
    /// NG理由 and reasons of rejection: Japanese, English.
    pub reasons: Vec<(String, String)>,
    /// The row of the file; nothing where it was not asked for.
    pub row: Option<CaseRow>,
}

/// 申込の行: what does not change while a case moves, kept apart from what does.
#[derive(Clone, Default)]
pub struct CaseRow {
    /// The application, where the row could be read.
    pub application: Option<Application>,
    /// The cells, as they were read.
    pub cells: Vec<String>,
    /// What the rules found.
    pub findings: Vec<Finding>,
}

impl Case {
    /// A case that has not moved yet: its batch and line, the stem of its references, and where it begins.
    #[must_use]
    pub const fn new(batch: i64, line: u64, reference: String, stage: Stage) -> Case {
        Case {
            id: 0,
            batch,
            line,
            receipt: String::new(),
            reference,
            point: String::new(),
            stage,
            outcome: None,
            switch_on: None,
            earliest: None,
            cancellation_number: None,
            application_number: None,
            work_outstanding: false,
            withdrawal: None,
            attempts: 0,
            reasons: Vec::new(),
            row: None,
        }
    }

    /// The application, where the row was asked for and could be read.
    #[must_use]
    pub fn application(&self) -> Option<&Application> {
        self.row.as_ref()?.application.as_ref()
    }
}

/// How many cells only: they are personal data.
impl fmt::Debug for CaseRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CaseRow({} cells)", self.cells.len())
    }
}

/// Where it stands only: the point is personal data, and reasons may quote some.
impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Case({}, {:?}, {:?})", self.reference, self.stage, self.outcome)
    }
}

pub(super) fn texts<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Damaged("json"))
}

pub(super) fn from_texts<T: serde::de::DeserializeOwned>(text: &str, what: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Damaged(what))
}

pub(super) fn findings_text(findings: &[Finding]) -> String {
    serde_json::Value::Array(findings.iter().map(Finding::to_json).collect()).to_string()
}

pub(super) fn findings_from(text: &str) -> Result<Vec<Finding>, StoreError> {
    let values: Vec<serde_json::Value> = from_texts(text, "findings")?;
    values.iter().map(|value| Finding::from_json(value).ok_or(StoreError::Damaged("findings"))).collect()
}

pub(super) fn code<C: Code>(key: &str) -> Result<C, StoreError> {
    C::from_key(key).ok_or(StoreError::Damaged(C::TABLE))
}

pub(super) fn moment(text: &str) -> Result<DateTime, StoreError> {
    text.parse().map_err(|_| StoreError::Damaged("time"))
}

pub(super) fn day(text: Option<&str>) -> Result<Option<Date>, StoreError> {
    text.map(|text| text.parse().map_err(|_| StoreError::Damaged("date"))).transpose()
}

pub(super) const CASE: &str = "SELECT id, batch, line, reference, stage, outcome, switch_on, earliest, work_outstanding, withdrawal, \
    attempts, dossier, cases.sealed";
const ROW: &str = "rows.sealed, cells_sealed, findings_sealed FROM cases JOIN rows ON case_id = id";

/// What is personal of a case, as it is sealed.
pub(super) fn body(
    receipt: &str,
    point: &str,
    cancellation: Option<&str>,
    number: Option<&str>,
    reasons: &[(String, String)],
) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(&(receipt, point, cancellation, number, reasons)).map_err(|_| StoreError::Damaged("json"))
}

fn body_of(case: &Case) -> Result<Vec<u8>, StoreError> {
    let (cancellation, number) = (case.cancellation_number.as_deref(), case.application_number.as_deref());
    body(&case.receipt, &case.point, cancellation, number, &case.reasons)
}

fn application(text: &[u8]) -> Result<Application, StoreError> {
    let damaged = || StoreError::Damaged("application");
    let value: serde_json::Value = serde_json::from_slice(text).map_err(|_| damaged())?;
    Application::absorb(&json::from_json(Application::FIELDS, &value)).map_err(|_| damaged())
}

pub(super) fn plain_text(plain: Option<Vec<u8>>) -> Result<String, StoreError> {
    String::from_utf8(plain.unwrap_or_default()).map_err(|_| StoreError::Damaged("text"))
}

impl Tx<'_> {
    /// Keeps a new case with its row, sealed with a key of its own, and gives its number.
    pub fn add_case(&self, case: &Case, row: &CaseRow) -> Result<i64, StoreError> {
        let dossier = self.2.new_dossier()?;
        let id = self.0.insert(
            "INSERT INTO cases (batch, line, receipt, reference, point, stage, outcome, switch_on, earliest, reasons, \
             dossier, sealed) VALUES (?1, ?2, ?3, ?4, '', ?5, ?6, ?7, ?8, '', ?9, ?10)",
            bind![
                case.batch,
                case.line,
                self.tag(Lookup::Receipt, &case.receipt),
                &case.reference,
                case.stage.key(),
                case.outcome.map(Code::key),
                case.switch_on.map(|date| date.to_string()),
                case.earliest.map(|date| date.to_string()),
                dossier.0,
                &self.2.seal(dossier, "cases", &body_of(case)?)?,
            ],
        )?;
        self.keep_dossier(dossier, Some(id), None)?;
        self.2.remember(id, dossier);
        self.find_case_by(dossier, &case.receipt, row.application.as_ref())?;
        let application = row.application.as_ref().map(|row| json::to_json(row).to_string());
        let findings = if row.findings.is_empty() { String::new() } else { findings_text(&row.findings) };
        self.put_row(id, dossier, application.as_deref(), &texts(&row.cells)?, &findings)?;
        self.1.borrow_mut().place(id, case);
        Ok(id)
    }

    /// Lets a case be found by its point, contract number and telephone number; one that could not be read by its receipt.
    pub(super) fn find_case_by(
        &self,
        dossier: Dossier,
        receipt: &str,
        application: Option<&Application>,
    ) -> Result<(), StoreError> {
        let Some(row) = application else { return self.look_up_by(dossier, Lookup::Receipt, receipt) };
        self.look_up_by(dossier, Lookup::Point, row.point.as_str())?;
        self.look_up_by(dossier, Lookup::Contract, row.contract_number.as_str())?;
        match &row.telephone {
            Some(telephone) => self.look_up_by(dossier, Lookup::Telephone, telephone.as_str()),
            None => Ok(()),
        }
    }

    /// Seals the row of a case.
    pub(super) fn put_row(
        &self,
        case: i64,
        dossier: Dossier,
        application: Option<&str>,
        cells: &str,
        findings: &str,
    ) -> Result<(), StoreError> {
        let sealed = |column: &str, text: &str| match text {
            "" => Ok(Vec::new()),
            text => self.2.seal(dossier, column, text.as_bytes()),
        };
        self.0.run(
            "INSERT INTO rows (case_id, cells, findings, sealed, cells_sealed, findings_sealed) \
             VALUES (?1, '', '', ?2, ?3, ?4) ON CONFLICT (case_id) DO UPDATE SET application = NULL, cells = '', \
             findings = '', sealed = excluded.sealed, cells_sealed = excluded.cells_sealed, \
             findings_sealed = excluded.findings_sealed",
            bind![
                case,
                &sealed("application", application.unwrap_or_default())?,
                &sealed("cells", cells)?,
                &sealed("findings", findings)?,
            ],
        )
    }

    pub(super) fn opened(&self, row: &Row<'_>) -> Result<Case, StoreError> {
        let outcome: Option<&str> = row.get(5)?;
        let withdrawal: Option<&str> = row.get(9)?;
        let (id, dossier) = (row.get(0)?, Dossier(row.get(11)?));
        self.2.remember(id, dossier);
        let plain = self.2.unseal(dossier, "cases", row.get(12)?)?;
        let read = plain.map(|plain| serde_json::from_slice(&plain).map_err(|_| StoreError::Damaged("cases")));
        let (receipt, point, cancellation_number, application_number, reasons) = read.transpose()?.unwrap_or_default();
        Ok(Case {
            id,
            batch: row.get(1)?,
            line: row.get(2)?,
            receipt,
            reference: row.get(3)?,
            point,
            stage: code(row.get(4)?)?,
            outcome: outcome.map(code).transpose()?,
            switch_on: day(row.get(6)?)?,
            earliest: day(row.get(7)?)?,
            cancellation_number,
            application_number,
            work_outstanding: row.get(8)?,
            withdrawal: withdrawal.map(code).transpose()?,
            attempts: row.get(10)?,
            reasons,
            row: None,
        })
    }

    fn opened_whole(&self, row: &Row<'_>) -> Result<Case, StoreError> {
        let case = self.opened(row)?;
        let dossier = Dossier(row.get(11)?);
        let of_row = |column, index: usize| self.2.unseal(dossier, column, row.get(index)?);
        let application = of_row("application", 13)?.map(|plain| application(&plain)).transpose()?;
        let cells = plain_text(of_row("cells", 14)?)?;
        let findings = plain_text(of_row("findings", 15)?)?;
        let row = CaseRow {
            application,
            cells: if cells.is_empty() { Vec::new() } else { from_texts(&cells, "cells")? },
            findings: if findings.is_empty() { Vec::new() } else { findings_from(&findings)? },
        };
        Ok(Case { row: Some(row), ..case })
    }

    /// Keeps what may change of a case.
    pub fn save_case(&self, case: &Case) -> Result<(), StoreError> {
        let dossier = self.dossier_of_case(case.id)?;
        self.0.run(
            "UPDATE cases SET stage = ?2, outcome = ?3, switch_on = ?4, earliest = ?5, work_outstanding = ?6, \
             withdrawal = ?7, attempts = ?8, sealed = ?9 WHERE id = ?1",
            bind![
                case.id,
                case.stage.key(),
                case.outcome.map(Code::key),
                case.switch_on.map(|date| date.to_string()),
                case.earliest.map(|date| date.to_string()),
                case.work_outstanding,
                case.withdrawal.map(Code::key),
                case.attempts,
                &self.2.seal(dossier, "cases", &body_of(case)?)?,
            ],
        )?;
        self.1.borrow_mut().place(case.id, case);
        Ok(())
    }

    /// Adds findings to those of a case.
    pub fn add_findings(&self, case: i64, found: Vec<Finding>) -> Result<(), StoreError> {
        if found.is_empty() {
            return Ok(());
        }
        let dossier = self.dossier_of_case(case)?;
        let kept = "SELECT findings_sealed FROM rows WHERE case_id = ?1";
        let kept: Vec<u8> = self.0.one(kept, bind![case], |row| row.get(0))?;
        let kept = plain_text(self.2.unseal(dossier, "findings", &kept)?)?;
        let mut findings = if kept.is_empty() { Vec::new() } else { findings_from(&kept)? };
        findings.extend(found);
        let sealed = self.2.seal(dossier, "findings", findings_text(&findings).as_bytes())?;
        self.0.run("UPDATE rows SET findings_sealed = ?2 WHERE case_id = ?1", bind![case, &sealed])
    }

    /// The case of a number, without its row.
    pub fn case(&self, id: i64) -> Result<Option<Case>, StoreError> {
        self.0.first(&format!("{CASE} FROM cases WHERE id = ?1"), bind![id], |row| self.opened(row))
    }

    /// The application of a case, where its row could be read and was not erased.
    pub fn application(&self, id: i64) -> Result<Option<Application>, StoreError> {
        let dossier = self.dossier_of_case(id)?;
        let sealed = "SELECT sealed FROM rows WHERE case_id = ?1";
        let plain = self.0.one(sealed, bind![id], |row| self.2.unseal(dossier, "application", row.get(0)?))?;
        plain.map(|plain| application(&plain)).transpose()
    }

    /// The case of a number with its application, as it is needed to say something.
    pub fn case_to_say(&self, id: i64) -> Result<Option<Case>, StoreError> {
        // Two queries by key: SQLite prepares a join by a bound key anew for every value.
        let Some(case) = self.case(id)? else { return Ok(None) };
        let row = CaseRow { application: self.application(id)?, ..CaseRow::default() };
        Ok(Some(Case { row: Some(row), ..case }))
    }

    /// Visits the cases of a batch in the order of the file.
    pub fn each_case(
        &self,
        batch: i64,
        mut visit: impl FnMut(Case) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let cases = format!("{CASE}, {ROW} WHERE batch = ?1 ORDER BY line, id");
        self.0.each(&cases, bind![batch], |row| visit(self.opened_whole(row)?))
    }

    /// The numbers of the cases that are open or ended, of a receipt number.
    pub fn cases_of_receipt(&self, receipt: &str) -> Result<Vec<i64>, StoreError> {
        let of_receipt = "SELECT id FROM cases WHERE receipt = ?1 ORDER BY id";
        self.0.all(of_receipt, bind![self.tag(Lookup::Receipt, receipt)], |row| row.get(0))
    }

    /// The receipt number of the newest case of a point.
    pub fn receipt_of_point(&self, point: SupplyPointId) -> Result<Option<String>, StoreError> {
        let cases = self.dossiers_of(Lookup::Point, point.as_str())?.into_iter().filter_map(|one| one.case);
        let case = cases.max().map(|id| self.case(id)).transpose()?.flatten();
        Ok(case.map(|case| case.receipt))
    }

    /// The points of the cases that have not ended.
    pub fn open_points(&self) -> Result<Vec<SupplyPointId>, StoreError> {
        let open = format!("{CASE} FROM cases WHERE stage <> 'ended'");
        let points = self.0.all(&open, &[], |row| Ok(SupplyPointId::parse(&self.opened(row)?.point).ok()))?;
        Ok(points.into_iter().flatten().collect())
    }

    /// How many cases stand at each stage, with each outcome.
    pub fn stage_counts(&self) -> Result<Vec<(Stage, Option<Outcome>, u64)>, StoreError> {
        let counts = "SELECT stage, outcome, count(*) FROM cases GROUP BY stage, outcome ORDER BY 1, 2 NULLS FIRST";
        self.0.all(counts, &[], |row| {
            let outcome: Option<&str> = row.get(1)?;
            Ok((code(row.get(0)?)?, outcome.map(code).transpose()?, row.get(2)?))
        })
    }
}

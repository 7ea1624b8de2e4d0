//! Cases and their events.

use super::db::{Row, bind};
use super::{StoreError, Tx};
use crate::items::{Code, Date, DateTime, SupplyPointId};
use crate::messages::switching::{Application, WithdrawalReason};
use crate::messages::{Record as _, json};
use crate::rules::Finding;
use std::fmt;

crate::code_set! {
    /// 段階: how far a case has come.
    pub enum Stage = "stage" {
        Prepared = "prepared", "承認待ち", "waits for a second person";
        New = "new", "照会前", "nothing sent yet";
        Inquiring = "inquiring", "設備情報照会中", "facility inquiry under way";
        Inquired = "inquired", "設備情報取得済", "facility known";
        Requesting = "requesting", "廃止取次送信中", "cancellation agency under way";
        Judging = "judging", "廃止取次判断待ち", "waits for the current retailer";
        Agreed = "agreed", "廃止取次OK", "current retailer agreed";
        Starting = "starting", "開始申込送信中", "switch start under way";
        ToWithdraw = "to-withdraw", "取消送信前", "to be withdrawn";
        Waiting = "waiting", "マッチング待ち", "waits for the pair";
        Matched = "matched", "マッチング成立", "matched";
        Effective = "effective", "切替済", "switched";
        Withdrawing = "withdrawing", "取消送信中", "withdrawal under way";
        Ended = "ended", "終了", "ended";
    }
}

crate::code_set! {
    /// 結果: how a case ended, or that it has not.
    ///
    /// Source: facts/switching.md §2.4, §2.5, §2.11.
    pub enum Outcome = "outcome" {
        Completed = "completed", "完了", "completed";
        CompletedWorkOutstanding = "completed-work-outstanding", "完了（計器取替残）", "completed, meter exchange outstanding";
        Ng = "ng", "廃止取次NG", "cancellation agency NG";
        Expired = "expired", "廃止取次期限切れ", "cancellation agency expired";
        Unmatched = "unmatched", "マッチング不成立", "unmatched";
        Rejected = "rejected", "申込却下", "rejected";
        CancelledInSystem = "cancelled-in-system", "取消（マッチング前）", "cancelled before matching";
        CancelledByOperator = "cancelled-by-operator", "取消（送配電へ直接連絡）", "cancelled with the operator after matching";
        CancelledAfterSwitch = "cancelled-after-switch", "切替後の取消（廃止・再点が必要）", "cancelled after the switch";
        Held = "held", "要確認", "held for a person";
        NotSent = "not-sent", "未送信（入力エラー）", "not sent: errors in the application";
        Refused = "refused", "未送信（共同利用の範囲外）", "not sent: outside the shared-use notice";
        Pending = "pending", "手続中", "in progress";
    }
}

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

/// 経過: one event of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, JST.
    pub at: DateTime,
    /// Stable key of what happened.
    pub kind: String,
    /// What happened, in Japanese.
    pub ja: String,
    /// What happened, in English.
    pub en: String,
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

const CASE: &str = "SELECT id, batch, line, receipt, reference, point, stage, outcome, switch_on, earliest, \
    cancellation_number, application_number, work_outstanding, withdrawal, attempts, reasons";
const ROW: &str = "application, cells, findings FROM cases JOIN rows ON case_id = id";

fn case(row: &Row<'_>) -> Result<Case, StoreError> {
    let outcome: Option<&str> = row.get(7)?;
    let withdrawal: Option<&str> = row.get(13)?;
    Ok(Case {
        id: row.get(0)?,
        batch: row.get(1)?,
        line: row.get(2)?,
        receipt: row.get(3)?,
        reference: row.get(4)?,
        point: row.get(5)?,
        stage: code(row.get(6)?)?,
        outcome: outcome.map(code).transpose()?,
        switch_on: day(row.get(8)?)?,
        earliest: day(row.get(9)?)?,
        cancellation_number: row.get(10)?,
        application_number: row.get(11)?,
        work_outstanding: row.get(12)?,
        withdrawal: withdrawal.map(code).transpose()?,
        attempts: row.get(14)?,
        reasons: from_texts(row.get(15)?, "reasons")?,
        row: None,
    })
}

fn application(text: Option<&str>) -> Result<Option<Application>, StoreError> {
    let Some(text) = text else { return Ok(None) };
    let value = from_texts::<serde_json::Value>(text, "application")?;
    let tree = json::from_json(Application::FIELDS, &value);
    Application::absorb(&tree).map(Some).map_err(|_| StoreError::Damaged("application"))
}

fn case_row(row: &Row<'_>, first: usize) -> Result<CaseRow, StoreError> {
    let application = application(row.get(first)?)?;
    let cells = from_texts(row.get(first + 1)?, "cells")?;
    Ok(CaseRow { application, cells, findings: findings_from(row.get(first + 2)?)? })
}

fn whole(row: &Row<'_>) -> Result<Case, StoreError> {
    Ok(Case { row: Some(case_row(row, 16)?), ..case(row)? })
}

impl Tx<'_> {
    /// Keeps a new case with its row and gives its number.
    pub fn add_case(&self, case: &Case, row: &CaseRow) -> Result<i64, StoreError> {
        let id = self.0.insert(
            "INSERT INTO cases (batch, line, receipt, reference, point, stage, outcome, switch_on, earliest, \
             reasons) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            bind![
                case.batch,
                case.line,
                &case.receipt,
                &case.reference,
                &case.point,
                case.stage.key(),
                case.outcome.map(Code::key),
                case.switch_on.map(|date| date.to_string()),
                case.earliest.map(|date| date.to_string()),
                texts(&case.reasons)?,
            ],
        )?;
        let application = row.application.as_ref().map(|row| json::to_json(row).to_string());
        self.0.run(
            "INSERT INTO rows (case_id, application, cells, findings) VALUES (?1, ?2, ?3, ?4)",
            bind![id, application, texts(&row.cells)?, findings_text(&row.findings)],
        )?;
        self.1.borrow_mut().place(id, case);
        Ok(id)
    }

    /// Keeps what may change of a case.
    pub fn save_case(&self, case: &Case) -> Result<(), StoreError> {
        self.0.run(
            "UPDATE cases SET stage = ?2, outcome = ?3, switch_on = ?4, earliest = ?5, cancellation_number = ?6, \
             application_number = ?7, work_outstanding = ?8, withdrawal = ?9, attempts = ?10, reasons = ?11 \
             WHERE id = ?1",
            bind![
                case.id,
                case.stage.key(),
                case.outcome.map(Code::key),
                case.switch_on.map(|date| date.to_string()),
                case.earliest.map(|date| date.to_string()),
                case.cancellation_number.as_deref(),
                case.application_number.as_deref(),
                case.work_outstanding,
                case.withdrawal.map(Code::key),
                case.attempts,
                texts(&case.reasons)?,
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
        let kept = "SELECT findings FROM rows WHERE case_id = ?1";
        let mut findings = self.0.one(kept, bind![case], |row| findings_from(row.get(0)?))?;
        findings.extend(found);
        self.0.run("UPDATE rows SET findings = ?2 WHERE case_id = ?1", bind![case, findings_text(&findings)])
    }

    /// The case of a number, without its row.
    pub fn case(&self, id: i64) -> Result<Option<Case>, StoreError> {
        self.0.first(&format!("{CASE} FROM cases WHERE id = ?1"), bind![id], case)
    }

    /// The application of a case, where its row could be read.
    pub fn application(&self, id: i64) -> Result<Option<Application>, StoreError> {
        self.0.one("SELECT application FROM rows WHERE case_id = ?1", bind![id], |row| application(row.get(0)?))
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
        self.0.each(&cases, bind![batch], |row| visit(whole(row)?))
    }

    /// The numbers of the cases that are open or ended, of a receipt number.
    pub fn cases_of_receipt(&self, receipt: &str) -> Result<Vec<i64>, StoreError> {
        self.0.all("SELECT id FROM cases WHERE receipt = ?1 ORDER BY id", bind![receipt], |row| row.get(0))
    }

    /// The receipt number of the newest case of a point.
    pub fn receipt_of_point(&self, point: SupplyPointId) -> Result<Option<String>, StoreError> {
        let newest = "SELECT receipt FROM cases WHERE point = ?1 ORDER BY id DESC LIMIT 1";
        self.0.first(newest, bind![point.as_str()], |row| row.get(0))
    }

    /// The points of the cases that have not ended.
    pub fn open_points(&self) -> Result<Vec<SupplyPointId>, StoreError> {
        let open = "SELECT point FROM cases WHERE stage <> 'ended' AND point <> ''";
        let points = self.0.all(open, &[], |row| Ok(SupplyPointId::parse(row.get(0)?).ok()))?;
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

    /// Adds an event to a case.
    pub fn add_event(&self, case: i64, event: &Entry) -> Result<(), StoreError> {
        self.0.run(
            "INSERT INTO events (case_id, at, kind, ja, en) VALUES (?1, ?2, ?3, ?4, ?5)",
            bind![case, event.at.to_string(), &event.kind, &event.ja, &event.en],
        )
    }

    /// Visits the events of a batch, case by case, each case's in order.
    pub fn each_event(
        &self,
        batch: i64,
        mut visit: impl FnMut(i64, Entry) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        // Events are written far more often than read: they are sorted here instead of being held in order by an index.
        let events = "SELECT case_id, at, kind, ja, en FROM events \
                      WHERE case_id IN (SELECT id FROM cases WHERE batch = ?1) ORDER BY case_id, id";
        self.0.each(events, bind![batch], |row| {
            let entry = Entry { at: moment(row.get(1)?)?, kind: row.get(2)?, ja: row.get(3)?, en: row.get(4)? };
            visit(row.get(0)?, entry)
        })
    }
}

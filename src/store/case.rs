//! Batches, cases and their events.

use super::{StoreError, Tx};
use crate::items::{Code, Date, DateTime, SupplyPointId};
use crate::messages::switching::{Application, WithdrawalReason};
use crate::messages::{Record as _, json};
use crate::rules::Finding;
use rusqlite::Row;

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

crate::code_set! {
    /// 一括の状態: whether a batch may be sent.
    pub enum BatchState = "batch-state" {
        Prepared = "prepared", "承認待ち", "waits for a second person";
        Released = "released", "送信可", "released";
    }
}

/// 一括: the rows of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its number; 0 before it is kept.
    pub id: i64,
    /// Name of the file, without its folder.
    pub file: String,
    /// SHA-256 of the file, hexadecimal.
    pub digest: String,
    /// The header row.
    pub columns: Vec<String>,
    /// Key of the notice everything is cleared against.
    pub notice: String,
    /// Our business code.
    pub retailer: String,
    /// Whether it may be sent.
    pub state: BatchState,
    /// Findings about the file as a whole.
    pub findings: Vec<Finding>,
    /// When it was prepared.
    pub prepared_at: DateTime,
    /// Who prepared it.
    pub prepared_by: String,
    /// Who released it, when.
    pub approved: Option<(String, DateTime)>,
    /// The sandbox's seed, where it runs in one.
    pub seed: Option<u64>,
}

/// 案件: one application on its way.
#[derive(Clone, Debug)]
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
    /// The row, where it could be read.
    pub application: Option<Application>,
    /// The cells of the row.
    pub cells: Vec<String>,
    /// What the rules found.
    pub findings: Vec<Finding>,
    /// NG理由 and reasons of rejection: Japanese, English.
    pub reasons: Vec<(String, String)>,
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

fn texts<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Damaged("json"))
}

fn from_texts<T: serde::de::DeserializeOwned>(text: &str, what: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Damaged(what))
}

fn findings_text(findings: &[Finding]) -> String {
    serde_json::Value::Array(findings.iter().map(Finding::to_json).collect()).to_string()
}

fn findings_from(text: &str) -> Result<Vec<Finding>, StoreError> {
    let values: Vec<serde_json::Value> = from_texts(text, "findings")?;
    values.iter().map(|value| Finding::from_json(value).ok_or(StoreError::Damaged("findings"))).collect()
}

pub(super) fn code<C: Code>(key: &str) -> Result<C, StoreError> {
    C::from_key(key).ok_or(StoreError::Damaged(C::TABLE))
}

pub(super) fn moment(text: &str) -> Result<DateTime, StoreError> {
    text.parse().map_err(|_| StoreError::Damaged("time"))
}

pub(super) fn day(text: Option<String>) -> Result<Option<Date>, StoreError> {
    text.map(|text| text.parse().map_err(|_| StoreError::Damaged("date"))).transpose()
}

const CASE: &str = "SELECT id, batch, line, receipt, reference, point, stage, outcome, switch_on, earliest, \
    cancellation_number, application_number, work_outstanding, withdrawal, attempts, application, cells, findings, \
    reasons FROM cases";

fn case(row: &Row<'_>) -> Result<Case, StoreError> {
    let outcome: Option<String> = row.get(7)?;
    let withdrawal: Option<String> = row.get(13)?;
    let application: Option<String> = row.get(15)?;
    let application = match application {
        None => None,
        Some(text) => {
            let value = from_texts::<serde_json::Value>(&text, "application")?;
            let tree = json::from_json(Application::FIELDS, &value);
            Some(Application::absorb(&tree).map_err(|_| StoreError::Damaged("application"))?)
        }
    };
    Ok(Case {
        id: row.get(0)?,
        batch: row.get(1)?,
        line: row.get(2)?,
        receipt: row.get(3)?,
        reference: row.get(4)?,
        point: row.get(5)?,
        stage: code(row.get_ref(6)?.as_str().map_err(|_| StoreError::Damaged("stage"))?)?,
        outcome: outcome.as_deref().map(code).transpose()?,
        switch_on: day(row.get(8)?)?,
        earliest: day(row.get(9)?)?,
        cancellation_number: row.get(10)?,
        application_number: row.get(11)?,
        work_outstanding: row.get(12)?,
        withdrawal: withdrawal.as_deref().map(code).transpose()?,
        attempts: row.get(14)?,
        application,
        cells: from_texts(row.get_ref(16)?.as_str().map_err(|_| StoreError::Damaged("cells"))?, "cells")?,
        findings: findings_from(row.get_ref(17)?.as_str().map_err(|_| StoreError::Damaged("findings"))?)?,
        reasons: from_texts(row.get_ref(18)?.as_str().map_err(|_| StoreError::Damaged("reasons"))?, "reasons")?,
    })
}

impl Tx<'_> {
    /// Keeps a new batch and gives its number.
    pub fn add_batch(&self, batch: &Batch) -> Result<i64, StoreError> {
        self.0
            .prepare_cached(
                "INSERT INTO batches (file, digest, columns, notice, retailer, state, findings, prepared_at, \
                 prepared_by, seed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(rusqlite::params![
                batch.file,
                batch.digest,
                texts(&batch.columns)?,
                batch.notice,
                batch.retailer,
                batch.state.key(),
                findings_text(&batch.findings),
                batch.prepared_at.to_string(),
                batch.prepared_by,
                batch.seed.map(u64::cast_signed),
            ])?;
        Ok(self.0.last_insert_rowid())
    }

    /// Every batch, oldest first.
    pub fn batches(&self) -> Result<Vec<Batch>, StoreError> {
        let mut query = self.0.prepare_cached(
            "SELECT id, file, digest, columns, notice, retailer, state, findings, prepared_at, prepared_by, \
             approved_at, approved_by, seed FROM batches ORDER BY id",
        )?;
        let mut rows = query.query([])?;
        let mut batches = Vec::new();
        while let Some(row) = rows.next()? {
            let text = |index: usize| -> Result<String, StoreError> { Ok(row.get(index)?) };
            let approved_at: Option<String> = row.get(10)?;
            let approved_by: Option<String> = row.get(11)?;
            let seed: Option<i64> = row.get(12)?;
            batches.push(Batch {
                id: row.get(0)?,
                file: text(1)?,
                digest: text(2)?,
                columns: from_texts(&text(3)?, "columns")?,
                notice: text(4)?,
                retailer: text(5)?,
                state: code(&text(6)?)?,
                findings: findings_from(&text(7)?)?,
                prepared_at: moment(&text(8)?)?,
                prepared_by: text(9)?,
                approved: match (approved_by, approved_at) {
                    (Some(by), Some(at)) => Some((by, moment(&at)?)),
                    _ => None,
                },
                seed: seed.map(i64::cast_unsigned),
            });
        }
        Ok(batches)
    }

    /// Releases a prepared batch: its cases may be sent.
    pub fn release_batch(&self, id: i64, by: &str, at: DateTime) -> Result<(), StoreError> {
        self.0.execute(
            "UPDATE batches SET state = ?2, approved_by = ?3, approved_at = ?4 WHERE id = ?1",
            (id, BatchState::Released.key(), by, at.to_string()),
        )?;
        self.0.execute(
            "UPDATE cases SET stage = ?2 WHERE batch = ?1 AND stage = ?3",
            (id, Stage::New.key(), Stage::Prepared.key()),
        )?;
        Ok(())
    }

    /// Keeps a new case and gives its number.
    pub fn add_case(&self, case: &Case) -> Result<i64, StoreError> {
        let application = case.application.as_ref().map(|row| json::to_json(row).to_string());
        self.0
            .prepare_cached(
                "INSERT INTO cases (batch, line, receipt, reference, point, stage, outcome, switch_on, earliest, \
                 application, cells, findings, reasons) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?
            .execute(rusqlite::params![
                case.batch,
                case.line,
                case.receipt,
                case.reference,
                case.point,
                case.stage.key(),
                case.outcome.map(Code::key),
                case.switch_on.map(|date| date.to_string()),
                case.earliest.map(|date| date.to_string()),
                application,
                texts(&case.cells)?,
                findings_text(&case.findings),
                texts(&case.reasons)?,
            ])?;
        Ok(self.0.last_insert_rowid())
    }

    /// Keeps what may change of a case.
    pub fn save_case(&self, case: &Case) -> Result<(), StoreError> {
        self.0
            .prepare_cached(
                "UPDATE cases SET stage = ?2, outcome = ?3, switch_on = ?4, earliest = ?5, cancellation_number = ?6, \
                 application_number = ?7, work_outstanding = ?8, withdrawal = ?9, attempts = ?10, findings = ?11, \
                 reasons = ?12 WHERE id = ?1",
            )?
            .execute(rusqlite::params![
                case.id,
                case.stage.key(),
                case.outcome.map(Code::key),
                case.switch_on.map(|date| date.to_string()),
                case.earliest.map(|date| date.to_string()),
                case.cancellation_number,
                case.application_number,
                case.work_outstanding,
                case.withdrawal.map(Code::key),
                case.attempts,
                findings_text(&case.findings),
                texts(&case.reasons)?,
            ])?;
        Ok(())
    }

    /// The case of a number.
    pub fn case(&self, id: i64) -> Result<Option<Case>, StoreError> {
        let mut query = self.0.prepare_cached(&format!("{CASE} WHERE id = ?1"))?;
        let mut rows = query.query([id])?;
        rows.next()?.map(case).transpose()
    }

    /// At most `limit` cases of a stage that are not held, with a number above `after`, in order.
    pub fn cases_at(&self, stage: Stage, after: i64, limit: usize) -> Result<Vec<Case>, StoreError> {
        let mut query = self
            .0
            .prepare_cached(&format!("{CASE} WHERE stage = ?1 AND id > ?2 AND outcome IS NULL ORDER BY id LIMIT ?3"))?;
        let mut rows = query.query((stage.key(), after, limit as i64))?;
        let mut cases = Vec::new();
        while let Some(row) = rows.next()? {
            cases.push(case(row)?);
        }
        Ok(cases)
    }

    /// Visits the cases of a batch in the order of the file.
    pub fn each_case(
        &self,
        batch: i64,
        mut visit: impl FnMut(Case) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut query = self.0.prepare_cached(&format!("{CASE} WHERE batch = ?1 ORDER BY line, id"))?;
        let mut rows = query.query([batch])?;
        while let Some(row) = rows.next()? {
            visit(case(row)?)?;
        }
        Ok(())
    }

    /// The numbers of the cases that are open or ended, of a receipt number.
    pub fn cases_of_receipt(&self, receipt: &str) -> Result<Vec<i64>, StoreError> {
        let mut query = self.0.prepare_cached("SELECT id FROM cases WHERE receipt = ?1 ORDER BY id")?;
        let ids = query.query_map([receipt], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(ids)
    }

    /// The points of the cases that have not ended.
    pub fn open_points(&self) -> Result<Vec<SupplyPointId>, StoreError> {
        let mut query = self.0.prepare_cached("SELECT point FROM cases WHERE stage <> 'ended' AND point <> ''")?;
        let points: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(points.iter().filter_map(|point| SupplyPointId::parse(point).ok()).collect())
    }

    /// How many cases stand at each stage, with each outcome.
    pub fn stage_counts(&self) -> Result<Vec<(Stage, Option<Outcome>, u64)>, StoreError> {
        let mut query = self
            .0
            .prepare_cached("SELECT stage, outcome, count(*) FROM cases GROUP BY stage, outcome ORDER BY 1, 2")?;
        let mut rows = query.query([])?;
        let mut counts = Vec::new();
        while let Some(row) = rows.next()? {
            let (stage, outcome): (String, Option<String>) = (row.get(0)?, row.get(1)?);
            counts.push((code(&stage)?, outcome.as_deref().map(code).transpose()?, row.get(2)?));
        }
        Ok(counts)
    }

    /// How many rows a batch has.
    pub fn rows_of(&self, batch: i64) -> Result<u64, StoreError> {
        let mut query = self.0.prepare_cached("SELECT count(*) FROM cases WHERE batch = ?1")?;
        Ok(query.query_row([batch], |row| row.get(0))?)
    }

    /// Adds an event to a case.
    pub fn add_event(&self, case: i64, event: &Entry) -> Result<(), StoreError> {
        self.0
            .prepare_cached("INSERT INTO events (case_id, at, kind, ja, en) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute((case, event.at.to_string(), &event.kind, &event.ja, &event.en))?;
        Ok(())
    }

    /// The events of a case, in order.
    pub fn events(&self, case: i64) -> Result<Vec<Entry>, StoreError> {
        let mut query = self.0.prepare_cached("SELECT at, kind, ja, en FROM events WHERE case_id = ?1 ORDER BY id")?;
        let mut rows = query.query([case])?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            let at: String = row.get(0)?;
            events.push(Entry { at: moment(&at)?, kind: row.get(1)?, ja: row.get(2)?, en: row.get(3)? });
        }
        Ok(events)
    }
}

//! 申込ファイルの登録: a file becomes a batch of cases, as one commit; nothing is sent here.

use super::flow;
use super::office::DeskError;
use super::subject::refusal_line;
use crate::items::{BusinessCode, Code as _, DateTime, SupplyPointId};
use crate::messages::switching::Application;
use crate::notice::{Party, Purpose, StewardClause};
use crate::rules::{Finding, Preflight, RuleContext, codes};
use crate::store::{Batch, BatchState, Case, CaseRow, ConsentRecord, Outcome, Stage, Store, StoreError, Tx, hex};
use crate::wire::intake::{Cells, Reader};
use jiff::ToSpan as _;
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// 登録の指示: whose file it is and what it is cleared against.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// 事業者コード: who we are.
    pub retailer: BusinessCode,
    /// Key of the notice.
    pub notice: &'a str,
    /// Whether a second person has to release the batch.
    pub four_eyes: bool,
    /// Who prepares it.
    pub by: &'a str,
    /// The moment.
    pub now: DateTime,
    /// The sandbox's seed, for a practice run.
    pub seed: Option<u64>,
    /// Tells this store's references from those of another store of the same business.
    pub instance: u16,
}

/// Why a file cannot be taken.
#[derive(Debug)]
pub enum SubmitError {
    /// The file is unusable: the findings say where and what to do.
    File(Vec<Finding>),
    /// The store failed.
    Desk(DeskError),
}

impl From<StoreError> for SubmitError {
    fn from(error: StoreError) -> SubmitError {
        SubmitError::Desk(error.into())
    }
}

/// 登録済み: what became of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// The batch.
    pub batch: i64,
    /// Its rows.
    pub rows: u64,
    /// The same file is kept already: the work on it goes on.
    pub resumed: bool,
}

/// Keeps the rows of a file as cases. The same file again is the same batch.
pub fn submit(
    store: &mut Store,
    path: &Path,
    order: &Order<'_>,
    context: RuleContext<'_>,
) -> Result<Submitted, SubmitError> {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let is_workbook = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx"));
    let in_file = |findings: Vec<Finding>| findings.into_iter().map(|finding| finding.in_file(&name)).collect();
    let unreadable = |error: &io::Error| SubmitError::File(vec![super::check::unreadable(path, error)]);
    if path.is_dir() {
        return Err(unreadable(&io::ErrorKind::IsADirectory.into()));
    }
    if !is_workbook {
        // What is no file of applications is refused before all of it is read.
        let file = File::open(path).map_err(|error| unreadable(&error))?;
        Reader::new(file).map_err(|found| SubmitError::File(in_file(found)))?;
    }
    let digest = digest(path).map_err(|error| SubmitError::File(vec![super::check::unreadable(path, &error)]))?;
    if let Some(batch) = store.read(|tx| tx.batches())?.into_iter().find(|batch| batch.digest == digest) {
        let rows = store.read(|tx| tx.rows_of(batch.id))?;
        return Ok(Submitted { batch: batch.id, rows, resumed: true });
    }
    let open: HashSet<u128> = store.read(|tx| tx.open_points())?.iter().map(SupplyPointId::packed).collect();
    let mut batch = Batch {
        id: 0,
        file: name.clone(),
        digest,
        columns: Vec::new(),
        notice: order.notice.to_owned(),
        retailer: order.retailer.to_string(),
        state: if order.four_eyes { BatchState::Prepared } else { BatchState::Released },
        findings: Vec::new(),
        prepared_at: order.now,
        prepared_by: order.by.to_owned(),
        approved: None,
        seed: order.seed,
    };
    let consent_days = context.settings.consent_days();
    let mut preflight = Preflight::new(context, open);
    let rows = if is_workbook {
        let mut workbook =
            super::spreadsheet::Workbook::open(path).map_err(|found| SubmitError::File(in_file(found)))?;
        batch.columns = workbook.columns().names().to_vec();
        store.commit(|tx| {
            let mut intake = Intake::begin(tx, &batch, order, &mut preflight, consent_days);
            workbook.each_row(|line, cells, application| intake.row(line, cells, application))?;
            Ok((intake.batch, intake.rows))
        })?
    } else {
        let file = File::open(path).map_err(|error| unreadable(&error))?;
        let mut reader = Reader::new(file).map_err(|found| SubmitError::File(in_file(found)))?;
        batch.columns = reader.columns().names().to_vec();
        store.commit(|tx| {
            let mut intake = Intake::begin(tx, &batch, order, &mut preflight, consent_days);
            while let Some(row) = reader.next_row() {
                intake.row(row.line, row.cells, row.application)?;
            }
            Ok((intake.batch, intake.rows))
        })?
    };
    match rows {
        (Some(batch), rows) => Ok(Submitted { batch, rows, resumed: false }),
        (None, _) => Err(SubmitError::File(in_file(vec![codes::NO_ROWS.plain()]))),
    }
}

/// SHA-256 of a file, hexadecimal.
pub fn digest(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut block = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(block.get(..read).unwrap_or_default());
    }
}

/// Rows on their way into one commit.
struct Intake<'t, 'o, 'p, 'c> {
    tx: &'t Tx<'t>,
    order: &'o Order<'o>,
    preflight: &'p mut Preflight<'c>,
    kept: &'o Batch,
    /// The batch, once there is a row: a file without one leaves nothing.
    batch: Option<i64>,
    rows: u64,
    /// Where the receipt number stands: a row that cannot be read is still named by it.
    receipt: Option<usize>,
    /// For how many days a consent is good.
    consent_days: u16,
}

impl<'t, 'o, 'p, 'c> Intake<'t, 'o, 'p, 'c> {
    fn begin(
        tx: &'t Tx<'t>,
        kept: &'o Batch,
        order: &'o Order<'o>,
        preflight: &'p mut Preflight<'c>,
        consent_days: u16,
    ) -> Self {
        let receipt = kept.columns.iter().position(|column| column == "受付番号");
        Intake { tx, order, preflight, kept, batch: None, rows: 0, receipt, consent_days }
    }

    fn row(
        &mut self,
        line: u64,
        cells: Cells<'_>,
        application: Result<Application, Vec<Finding>>,
    ) -> Result<(), StoreError> {
        self.rows += 1;
        let batch = match self.batch {
            Some(batch) => batch,
            None => *self.batch.insert(self.tx.add_batch(self.kept)?),
        };
        let (application, mut findings) = match application {
            Ok(application) => (Some(application), Vec::new()),
            Err(findings) => (None, findings),
        };
        let mut earliest = None;
        if let Some(application) = &application {
            self.preflight.check(line, application, &mut findings);
            earliest = self.preflight.earliest(application).map(|earliest| earliest.date);
        }
        let Order { now, four_eyes, instance, .. } = *self.order;
        let cells: Vec<String> = cells.iter().map(str::to_owned).collect();
        let reference = format!("{}-{instance:04x}-{batch}-{line}", now.strftime("%y%m%d"));
        let stage = if four_eyes { Stage::Prepared } else { Stage::New };
        let mut case = Case {
            receipt: self.receipt.and_then(|index| cells.get(index)).cloned().unwrap_or_default(),
            point: application.as_ref().map_or_else(String::new, |row| row.point.as_str().to_owned()),
            switch_on: application.as_ref().map(|row| row.switch_on),
            earliest,
            ..Case::new(batch, line, reference, stage)
        };
        let row = CaseRow { application, cells, findings };
        let stopped = row.application.is_none() || row.findings.iter().any(Finding::is_error);
        let event = if stopped {
            flow::end(&mut case, Outcome::NotSent, now)
        } else {
            flow::event(now, "checked", "送信前検査に合格", "passed the preflight")
        };
        let suspended = !stopped && self.tx.is_suspended(&case.point)?;
        let held = suspended.then(|| {
            let (ja, en) = (StewardClause::Suspended.ja().to_owned(), StewardClause::Suspended.en().to_owned());
            flow::hold(&mut case, now, ja, en)
        });
        let id = self.tx.add_case(&case, &row)?;
        if let Some(application) = &row.application {
            self.consent(id, application)?;
        }
        self.tx.add_event(id, &event)?;
        let Some(held) = held else { return Ok(()) };
        self.tx.add_event(id, &held)?;
        let Order { retailer, by, .. } = *self.order;
        let more = serde_json::json!({
            "reference": case.reference, "purpose": Purpose::ConsignmentContract.key(),
            "clause": StewardClause::Suspended.key(), "items": [],
        });
        let line = refusal_line(now, "application", Party::retailer(retailer), by, &more);
        let place = self.tx.add_ledger([line.as_str()])?;
        self.tx.trace(self.tx.dossier_of_case(id)?, place)
    }

    /// 同意: takes down what the row says of the customer's consent; the file that says so is the evidence.
    fn consent(&self, case: i64, application: &Application) -> Result<(), StoreError> {
        let (Some(given), Some(form)) = (application.consented_at, application.consent_method) else { return Ok(()) };
        let consent = ConsentRecord {
            id: 0,
            dossier: self.tx.dossier_of_case(case)?,
            purpose: Purpose::ConsignmentContract,
            recipient: None,
            form,
            given,
            until: given.date().checked_add(i64::from(self.consent_days).days()).ok(),
            evidence: self.kept.digest.clone(),
            guardian: None,
            withdrawn: None,
            by: self.kept.prepared_by.clone(),
        };
        self.tx.add_consent(&consent).map(drop)
    }
}

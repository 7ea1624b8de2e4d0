//! 計量ファイルの作成: readings of a CSV turned into files that may leave, each cleared as a whole.
//!
//! # Who may be given meter data
//!
//! ④ (`grid-operation`) lets it go between a retailer and the operator of the area, ⑤ (`negawatt-trading`) between a
//! suppression contractor and a retailer or operator; that is how the necessity tables of the shipped notices read
//! footnote ※1. A leader of a balancing group that would pass meter data on to another retailer of the group is in neither
//! row: the refusal says so, and what remains is that the member fetches its files from the operator itself, that the
//! customers agree (`consent`, one record for each point), or that the recipient works for the sender under an outsourcing
//! contract (`consignee`, `contract`).

use crate::items::{AreaSet, BusinessCode, Code as _, Date, DateTime, Slot, SupplyPointId};
use crate::messages::metering::{
    HalfHourly, MeteringFile, MeteringHeader, MeteringKind, MeteringPurpose, MeteringRows, MeteringShape,
};
use crate::notice::{ClearanceDesk, Context, Decision, Disclosure as _, Evidence, EvidenceKind, Route};
use crate::rules::{Finding, codes};
use crate::store::hex;
use crate::wire::filename::{MeteringFileName, Part, Revision};
use crate::wire::meter_csv::{self, Reading, ReadingsSink};
use crate::wire::{archive, cii};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Cursor;

/// 作成の指示: what files are made of readings, from whom to whom, for what.
#[derive(Clone, Debug)]
pub struct Sending<'a> {
    /// 情報区分: one of the four of W4.
    pub kind: MeteringKind,
    /// 経路
    pub route: Route,
    /// 送信者コード and 受信者コード as they stand in the head.
    pub codes: (BusinessCode, BusinessCode),
    /// 利用目的: ④ or ⑤.
    pub purpose: MeteringPurpose,
    /// 根拠資料
    pub evidence: &'a [Evidence<'a>],
    /// 更新番号
    pub revision: Revision,
    /// The moment of the disclosure, JST.
    pub now: DateTime,
}

/// 作成したファイル: a zip that may leave, and the ledger's line about it.
#[derive(Clone, Debug)]
pub struct MadeFile {
    /// Its name.
    pub name: MeteringFileName,
    /// Its octets.
    pub octets: Vec<u8>,
    /// How many rows it holds.
    pub rows: usize,
    /// 台帳の行
    pub ledger: String,
}

/// Why no file is made. Nothing is made where one file may not leave.
#[derive(Debug)]
pub enum NotMade {
    /// The CSV cannot be read at all.
    Unusable(Vec<Finding>),
    /// Rows are wrong.
    Findings(Vec<Finding>),
    /// A file may not go to the recipient: the day it is of, the decision, and the ledger's line.
    Refused {
        /// Which file.
        name: MeteringFileName,
        /// The decision, item by item.
        decision: Box<Decision>,
        /// 台帳の行
        ledger: String,
    },
}

/// Makes the files: one for each day, or for each slot, of the readings.
pub fn make(csv: &[u8], sending: &Sending<'_>, desk: &ClearanceDesk<'_>) -> Result<Vec<MadeFile>, NotMade> {
    Rows::read(csv, sending.kind)?.make(sending, desk)
}

/// 読み取った行: the rows of a CSV, before anything is made of them.
pub struct Rows(Collected);

/// How many files there are: the readings are the customers'.
impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rows({})", self.0.files.len())
    }
}

impl Rows {
    /// Reads the rows for a kind of message.
    pub fn read(csv: &[u8], kind: MeteringKind) -> Result<Rows, NotMade> {
        let mut rows = Collected::new(kind);
        meter_csv::read(csv, &mut rows).map_err(NotMade::Unusable)?;
        if !rows.findings.is_empty() {
            return Err(NotMade::Findings(rows.findings));
        }
        if rows.files.is_empty() {
            return Err(NotMade::Findings(vec![codes::NO_ROWS.plain()]));
        }
        Ok(Rows(rows))
    }

    /// The supply points, each once.
    #[must_use]
    pub fn points(&self) -> BTreeSet<SupplyPointId> {
        self.0.files.values().flat_map(|rows| rows.points.iter().copied()).collect()
    }

    /// Makes the files.
    pub fn make(self, sending: &Sending<'_>, desk: &ClearanceDesk<'_>) -> Result<Vec<MadeFile>, NotMade> {
        let files = self.0.files.into_iter();
        files.map(|((date, slot), rows)| one(date, slot, in_order(&rows), sending, desk)).collect()
    }
}

fn one(
    date: Date,
    slot: Option<Slot>,
    rows: HalfHourly,
    sending: &Sending<'_>,
    desk: &ClearanceDesk<'_>,
) -> Result<MadeFile, NotMade> {
    let unwritable = |finding| NotMade::Findings(vec![finding]);
    let no_name = || unwritable(codes::METER_UNWRITABLE.plain());
    let name = MeteringFileName::new(sending.kind, date, slot, sending.revision, Part::FIRST).ok_or_else(no_name)?;
    let (sender, recipient) = sending.codes;
    let header = MeteringHeader {
        kind: sending.kind,
        // As in the one file seen (facts/wire.md §0).
        mode: "0".to_owned(),
        agency: "OCTO".to_owned(),
        version: "3A".to_owned(),
        created: Some(sending.now),
        sender,
        sender_name: None,
        recipient,
        recipient_name: None,
        update_code: None,
        update_number: None,
        date: Some(date),
        slot,
        month: None,
    };
    let count = rows.len();
    let file = MeteringFile::new(header, MeteringRows::HalfHourly(rows), sending.purpose).map_err(|error| {
        let (ja, en) = (error.to_string(), error.to_string());
        unwritable(codes::METER_UNWRITABLE.finding(ja, en))
    })?;
    let context = Context { evidence: sending.evidence, as_of: Some(date), ..Context::new(sending.route, sending.now) };
    let areas = file.areas();
    let points = file.points();
    let cleared = match desk.clear(file, &context) {
        Ok(cleared) => cleared,
        Err(refusal) => {
            let decision = Box::new(refusal.decision().clone());
            let ledger = line(sending, desk, name, &decision, (areas, points), None);
            return Err(NotMade::Refused { name, decision, ledger });
        }
    };
    let mut xml = Vec::new();
    cii::write(&cleared, &mut xml).map_err(|error| unwritable(error.finding()))?;
    let zipped = archive::write(Cursor::new(Vec::new()), &name.xml(), &xml).map_err(|error| {
        let rule = &codes::METER_UNWRITABLE;
        unwritable(rule.finding(format!("{}（{error}）", rule.ja), format!("{}: {error}", rule.en)))
    })?;
    let octets = zipped.into_inner();
    let digest = hex(&Sha256::digest(&octets));
    let ledger = line(sending, desk, name, cleared.decision(), (areas, points), Some(&digest));
    Ok(MadeFile { name, octets, rows: count, ledger })
}

/// The ledger's line: who, to whom, for what, which items on which basis, of how many points — never a value.
fn line(
    sending: &Sending<'_>,
    desk: &ClearanceDesk<'_>,
    name: MeteringFileName,
    decision: &Decision,
    (areas, points): (AreaSet, usize),
    digest: Option<&str>,
) -> String {
    let areas: Vec<_> = areas.iter().map(|area| area.key()).collect();
    let purpose = match sending.purpose {
        MeteringPurpose::GridOperation => crate::notice::Purpose::GridOperation,
        MeteringPurpose::NegawattTrading => crate::notice::Purpose::NegawattTrading,
    };
    // The numbers of the register, by which whoever reads the line finds the consents again.
    let consents = sending.evidence.iter().filter(|one| one.kind == EvidenceKind::Consent);
    let consents: Vec<i64> = consents.filter_map(|one| one.reference.trim().parse().ok()).collect();
    serde_json::json!({
        "consents": consents,
        "at": sending.now.to_string(),
        "verdict": if digest.is_some() { "granted" } else { "refused" },
        "message": sending.kind.code(),
        "reference": name.to_string(),
        "sender": sending.route.sender.to_string(),
        "recipient": sending.route.recipient.to_string(),
        "purpose": purpose.key(),
        "notice": desk.notice().key(),
        "items": decision.to_json().get("items"),
        "points": points,
        "areas": areas,
        "digest": digest,
    })
    .to_string()
}

/// The rows of a CSV, by the file they go into.
struct Collected {
    kind: MeteringKind,
    files: BTreeMap<(Date, Option<Slot>), HalfHourly>,
    seen: HashSet<(u128, Date, Slot, String)>,
    findings: Vec<Finding>,
}

impl Collected {
    fn new(kind: MeteringKind) -> Collected {
        Collected { kind, files: BTreeMap::new(), seen: HashSet::new(), findings: Vec::new() }
    }
}

impl ReadingsSink for Collected {
    fn reading(&mut self, one: Reading<'_>) {
        let key = (one.point.packed(), one.date, one.slot, one.control_number.to_owned());
        if !self.seen.insert(key) {
            let rule = &codes::METER_CSV_TWICE;
            let shown = one.point.masked();
            let ja = format!("{}（{shown}、{}、コマ{}）", rule.ja, one.date, one.slot.number());
            let en = format!("{} ({shown}, {}, slot {})", rule.en, one.date, one.slot.number());
            self.findings.push(rule.finding(ja, en).at_line(one.line));
            return;
        }
        if let Some(status) = one.status.filter(|status| *status != self.kind.status()) {
            let rule = &codes::METER_CSV_STATUS;
            let own = self.kind.status();
            let ja = format!("{}（区分は{}、電文は{}）", rule.ja, status.ja(), own.ja());
            let en = format!("{} ({} in the row, {} in the message)", rule.en, status.en(), own.en());
            self.findings.push(rule.finding(ja, en).at_line(one.line));
            return;
        }
        let slot = (self.kind.shape() == MeteringShape::Slot).then_some(one.slot);
        let rows = self.files.entry((one.date, slot)).or_default();
        let fits =
            rows.control_numbers.push(one.control_number) && rows.customer_ids.push("") && rows.customer_names.push("");
        if !fits {
            self.findings.push(codes::FILE_TOO_LARGE.plain().at_line(one.line));
            return;
        }
        rows.points.push(one.point);
        rows.slots.push(one.slot);
        rows.energies.push(one.energy.unwrap_or_default());
        rows.availability.push(one.availability);
    }
    fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

/// The rows in the order of their slots; those of a slot stay in the order of the CSV.
fn in_order(rows: &HalfHourly) -> HalfHourly {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|row| rows.slots.get(*row));
    let mut sorted = HalfHourly::default();
    for row in order {
        let columns = (rows.points.get(row), rows.slots.get(row), rows.energies.get(row), rows.availability.get(row));
        let (Some(point), Some(slot), Some(energy), Some(flag)) = columns else { continue };
        sorted.points.push(*point);
        sorted.slots.push(*slot);
        sorted.energies.push(*energy);
        sorted.availability.push(*flag);
        // As much text as before: there is room for it.
        sorted.control_numbers.push(rows.control_numbers.get(row).unwrap_or_default());
        sorted.customer_ids.push("");
        sorted.customer_names.push("");
    }
    sorted
}

//! `occto meter ingest`.

use super::exit;
use crate::cli::out::say;
use crate::cli::shelf::open_store;
use crate::cli::way::japan_now;
use crate::cli::{Failure, explain, progress};
use crate::desk::metering::{
    FileTaken, IngestSettings, Intake, RegisterError, SupplyRegister, files_of, ingest as take_in, keep_register,
};
use crate::desk::view::Lang;
use crate::items::{Area, Code as _, Slot};
use crate::rules::{Finding, codes};
use crate::store::Store;
use clap::Args;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Take files in.
#[derive(Args, Clone, Debug)]
pub struct Ingest {
    /// ファイルまたはフォルダ（.zip・.xml、省略時はデータフォルダの inbox） / files or folders (default: the inbox of the data folder)
    pub files: Vec<PathBuf>,
    /// データフォルダ / data folder
    #[arg(long, value_name = "DIR", env = "OCCTO_DATA", default_value = "occto-data")]
    pub data: PathBuf,
    /// 契約台帳CSV（供給地点特定番号,開始日,終了日,ベース電力kW）。データフォルダに保存し、次回からも使う / our contracts; kept in the data folder
    #[arg(long, value_name = "FILE")]
    pub contracts: Option<PathBuf>,
    /// 電力量データ部分供給内包有無が「有」の区域（例 03,06、なしは空文字）。保存し、次回からも使う / areas whose half-hourly values hold the base retailer's share; kept
    #[arg(long, value_name = "AREA,…")]
    pub base_included: Option<String>,
    /// 結果をJSONで表示 / print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// What was done with all files.
#[derive(Default)]
struct Sum {
    outcomes: [u64; Intake::ALL.len()],
    read: u64,
    missing: u64,
    rejected: u64,
    quarantined: u64,
    points: u64,
    unknown: u64,
    octets: u64,
    errors: u64,
}

/// Takes files in; exit 1 where a file was not taken, or a finding is an error.
pub fn ingest(args: &Ingest, lang: Lang) -> Result<ExitCode, Failure> {
    let named = if args.files.is_empty() { vec![args.data.join("inbox")] } else { args.files.clone() };
    if let Some(gone) = named.iter().find(|path| !path.exists()) {
        let path = gone.display();
        return Err(Failure::usage(format!(
            "「{path}」がありません。取り込むファイルかフォルダを指定してください / there is no `{path}`: name files or folders to take in"
        )));
    }
    let files = files_of(&named).map_err(|error| {
        let why = error.kind();
        Failure::usage(format!("フォルダを読めません（{why}） / a folder cannot be read: {why}"))
    })?;
    let mut store = open_store(&args.data)?;
    let register = register(&mut store, args)?;
    let bar = progress::intake();
    let mut sum = Sum::default();
    let mut taken = Vec::new();
    take_in(
        &mut store,
        register.as_ref(),
        &files,
        &IngestSettings::default(),
        japan_now(),
        &|now| bar.tell(now),
        |file| {
            sum.add(&file);
            // Of files without a finding the sum is enough.
            if args.json || !file.findings.is_empty() {
                taken.push(file);
            }
        },
    )?;
    let seconds = bar.done();
    if args.json {
        let files: Vec<_> = taken.iter().map(file_json).collect();
        say!("{}", json!({"files": files, "summary": sum.to_json(seconds), "register": register.is_some()}));
    } else {
        taken.iter().flat_map(|file| &file.findings).for_each(|finding| say!("{finding}"));
        if register.is_none() {
            say!("{}", codes::METER_NO_REGISTER.plain());
        }
        sum.print(seconds, lang);
    }
    Ok(exit(u8::from(sum.errors > 0 || sum.of(Intake::Failed) > 0)))
}

fn register(store: &mut Store, args: &Ingest) -> Result<Option<SupplyRegister>, Failure> {
    let octets = match &args.contracts {
        None => None,
        Some(path) => Some(std::fs::read(path).map_err(|error| {
            let (path, why) = (path.display(), error.kind());
            Failure::usage(format!(
                "契約台帳「{path}」を読めません（{why}） / cannot read the register `{path}`: {why}"
            ))
        })?),
    };
    let areas: Option<Vec<Area>> = match &args.base_included {
        None => None,
        Some(text) => {
            let keys = text.split(',').map(str::trim).filter(|key| !key.is_empty());
            Some(keys.map(|key| explain::value("--base-included", key)).collect::<Result<_, _>>()?)
        }
    };
    keep_register(store, octets.as_deref(), areas.as_deref()).map_err(|error| failure(error, args.contracts.as_deref()))
}

/// Why a register cannot be used, as it is printed.
pub(super) fn failure(error: RegisterError, path: Option<&Path>) -> Failure {
    match error {
        RegisterError::Store(error) => error.into(),
        RegisterError::Output(error) => (*error).into(),
        RegisterError::Findings(findings) => {
            let name = path.map_or_else(|| "contracts.csv".to_owned(), |path| path.display().to_string());
            let lines: Vec<_> = findings.into_iter().map(|finding| finding.in_file(&name).to_string()).collect();
            Failure::usage(lines.join("\n"))
        }
    }
}

fn file_json(taken: &FileTaken) -> Value {
    let file = taken.file.as_ref();
    json!({
        "path": taken.path.display().to_string(),
        "outcome": taken.outcome.key(),
        "message": file.map(|file| file.kind.code()),
        "area": file.map(|file| file.area.key()),
        "date": file.map(|file| file.date.to_string()),
        "slot": file.and_then(|file| file.slot).map(Slot::number),
        "revision": file.map(|file| file.revision),
        "part": file.map(|file| file.part),
        "digest": file.map(|file| file.digest.as_str()),
        "points": file.map(|file| file.points),
        "quarantined": file.map(|file| file.quarantined),
        "whole": file.map(|file| file.whole),
        "read": taken.tally.read,
        "missing": taken.tally.missing,
        "rejected": taken.tally.rejected,
        "unknown": taken.tally.unknown,
        "findings": taken.findings.iter().map(Finding::to_json).collect::<Vec<_>>(),
    })
}

impl Sum {
    fn add(&mut self, taken: &FileTaken) {
        if let Some(count) = self.outcomes.get_mut(taken.outcome as usize) {
            *count += 1;
        }
        self.errors += taken.findings.iter().filter(|finding| finding.is_error()).count() as u64;
        self.octets += taken.tally.octets;
        if let Some(file) = &taken.file {
            self.read += file.rows;
            self.missing += file.missing;
            self.rejected += file.rejected;
            self.quarantined += file.quarantined;
            self.points += file.points;
            self.unknown += taken.tally.unknown;
        }
    }
    fn of(&self, outcome: Intake) -> u64 {
        self.outcomes.get(outcome as usize).copied().unwrap_or(0)
    }
    fn to_json(&self, seconds: f64) -> Value {
        let outcomes: serde_json::Map<_, _> =
            Intake::ALL.iter().map(|outcome| (outcome.key().to_owned(), self.of(*outcome).into())).collect();
        json!({
            "outcomes": outcomes, "read": self.read, "missing": self.missing, "rejected": self.rejected,
            "quarantined": self.quarantined, "unknown": self.unknown, "points": self.points, "octets": self.octets,
            "errors": self.errors, "seconds": seconds,
        })
    }
    fn print(&self, seconds: f64, lang: Lang) {
        let counts = Intake::ALL.iter().filter(|outcome| self.of(**outcome) > 0);
        let counts: Vec<_> = counts.map(|outcome| format!("{} {}", lang.name(*outcome), self.of(*outcome))).collect();
        let counts = if counts.is_empty() { lang.pick("なし", "none").to_owned() } else { counts.join(" / ") };
        say!("{}: {counts}", lang.pick("ファイル", "files"));
        let Sum { read, missing, rejected, quarantined, .. } = self;
        match lang {
            Lang::Ja => {
                say!("明細: 読取{read}行（うち値なし{missing}行・対象外{quarantined}行）、読取不可{rejected}行")
            }
            Lang::En => {
                say!("rows: {read} read ({missing} without a value, {quarantined} not ours), {rejected} rejected");
            }
        }
        let mut time = format!("{}: {seconds:.2} s", lang.pick("所要", "time"));
        // Of less than that a rate tells of opening files, not of reading them.
        if self.octets >= 1_000_000 && seconds >= 0.01 {
            let rate = |amount: f64| amount / seconds;
            let (megabytes, records) = (rate(self.octets as f64 / 1e6), rate((self.read + self.rejected) as f64));
            time.push_str(&format!(", {megabytes:.1} MB/s, {records:.0} records/s"));
        }
        say!("{time}");
    }
}

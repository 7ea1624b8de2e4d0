//! `occto meter fetch`.

use super::exit;
use crate::cli::args::Place;
use crate::cli::out::say;
use crate::cli::shelf::Shelf;
use crate::cli::switch::block_on;
use crate::cli::way::{config_path, moment};
use crate::cli::{Failure, explain, practice, progress, table};
use crate::desk::output::write_atomically;
use crate::desk::view::Lang;
use crate::exchange::ExchangeConfig;
use crate::exchange::fetch::{FetchError, OperatorReport, Source, fetch as fetch_all};
use crate::items::{Area, DateTime};
use crate::sandbox::{MeterFiles, Server};
use crate::store::{Origin, Store, cause_ja};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Fetch meter data.
#[derive(Args, Clone, Debug)]
pub struct Fetch {
    /// 供給区域（01〜10、繰り返し可、省略時は設定のすべて） / area of the operator, may be repeated (default: all configured)
    #[arg(long, value_name = "AREA")]
    pub operator: Vec<String>,
    /// 内蔵の模擬環境から取得 / fetch from the built-in sandbox
    #[arg(long, conflicts_with = "config")]
    pub sandbox: bool,
    /// 模擬環境の乱数の種 / seed of the sandbox
    #[arg(long, value_name = "N", requires = "sandbox")]
    pub seed: Option<u64>,
    /// Where data lives.
    #[command(flatten)]
    pub place: Place,
    /// 結果をJSONで表示 / print the result as JSON
    #[arg(long)]
    pub json: bool,
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Failure {
        Failure::usage(error.to_string())
    }
}

/// Fetches what the operators list and is not there yet.
pub fn fetch(args: &Fetch, lang: Lang) -> Result<ExitCode, Failure> {
    let only: Vec<Area> =
        args.operator.iter().map(|area| explain::value("--operator", area)).collect::<Result<_, _>>()?;
    let reports = match (args.sandbox, config_path(args.place.config.as_ref())) {
        (true, _) => from_sandbox(args, &only)?,
        (false, Some(path)) => {
            let failed = |error| Failure::usage(format!("{}: {error}", path.display()));
            let sources = chosen(ExchangeConfig::load(&path).map_err(failed)?, &only)?;
            let mut store = store(&args.place.shelf, Origin::Operators)?;
            block_on(take(&sources, &mut store, moment(&args.place)))??
        }
        (false, None) => {
            return Err(Failure::usage(
                "取得先が指定されていません。--config で接続設定ファイルを、試すだけなら --sandbox を指定してください / name the operators with --config, or try with --sandbox".to_owned(),
            ));
        }
    };
    let complete = reports.iter().all(OperatorReport::is_complete);
    let inbox = args.place.shelf.data.join("inbox");
    if args.json {
        let operators: Vec<_> = reports.iter().map(OperatorReport::to_json).collect();
        let inbox = inbox.display().to_string();
        say!("{}", serde_json::json!({"complete": complete, "inbox": inbox, "operators": operators}));
    } else {
        print(&reports, &inbox, args, lang);
    }
    Ok(exit(u8::from(!complete)))
}

/// The sources of a configuration that are asked for; at least one.
fn chosen(config: ExchangeConfig, only: &[Area]) -> Result<Vec<Source>, Failure> {
    if let Some(missing) = only.iter().find(|area| !config.sources.iter().any(|source| source.area == **area)) {
        let key = crate::items::Code::key(*missing);
        return Err(Failure::usage(format!(
            "接続設定に [download.\"{key}\"] がありません / the configuration has no [download.\"{key}\"]"
        )));
    }
    let sources: Vec<Source> =
        config.sources.into_iter().filter(|source| only.is_empty() || only.contains(&source.area)).collect();
    if sources.is_empty() {
        return Err(Failure::usage(
            "接続設定に取得先がありません。[download.\"03\"] のように host を書いてください / the configuration names no download system: write a section such as [download.\"03\"] with its host".to_owned(),
        ));
    }
    Ok(sources)
}

/// The store of a data folder whose files come from there.
fn store(shelf: &Shelf, origin: Origin) -> Result<Store, Failure> {
    let mut store = shelf.open()?;
    if store.commit(|tx| tx.claim_files(origin))? {
        return Ok(store);
    }
    let data = shelf.data.display();
    Err(Failure::usage(format!(
        "「{data}」には、実際のファイルと模擬環境のファイルを混ぜられません。別の --data を指定してください / real files and those of the sandbox do not go into one folder: name another --data than `{data}`"
    )))
}

/// Where the contracts of the sandbox are written.
fn contracts(data: &Path) -> PathBuf {
    data.join("sandbox-contracts.csv")
}

fn from_sandbox(args: &Fetch, only: &[Area]) -> Result<Vec<OperatorReport>, Failure> {
    let (world, _) = practice::world(None, args.place.today)?;
    let today = world.date;
    let files = Arc::new(MeterFiles::new(&world, args.seed.unwrap_or(practice::SEED)));
    let mut store = store(&args.place.shelf, Origin::Sandbox)?;
    // Or what is fetched would be of points that are not ours.
    write_atomically(&contracts(&args.place.shelf.data), |out| out.write_all(files.contracts().as_bytes()))?;
    let failed = |error: std::io::Error| {
        let (ja, why) = (cause_ja(error.kind()), error.kind());
        Failure::usage(format!("模擬環境を起動できません（{ja}） / cannot start the sandbox: {why}"))
    };
    block_on(async {
        let server = Server::bind("127.0.0.1:0").await.map_err(failed)?;
        let text = files.config(&format!("http://{}", server.address().map_err(failed)?));
        let config = ExchangeConfig::parse(&text, Path::new("")).map_err(|error| Failure::usage(error.to_string()))?;
        let sources = chosen(config, only)?;
        let serving = tokio::spawn(server.run_files(files, today, std::future::pending()));
        let reports = take(&sources, &mut store, today.at(9, 0, 0, 0)).await;
        serving.abort();
        reports
    })?
}

async fn take(sources: &[Source], store: &mut Store, now: DateTime) -> Result<Vec<OperatorReport>, Failure> {
    let bar = progress::files();
    let reports = fetch_all(sources, store, now, &|_, step| bar.tell(step)).await;
    bar.done();
    Ok(reports?)
}

fn print(reports: &[OperatorReport], inbox: &Path, args: &Fetch, lang: Lang) {
    say!("{}", table::fetched(reports, lang, progress::terminal_width()).trim_end());
    for report in reports {
        for finding in &report.findings {
            say!("{finding}");
        }
    }
    if reports.iter().any(|report| report.fetched > 0) {
        let data = &args.place.shelf.data;
        let more = if args.sandbox { format!(" --contracts {}", contracts(data).display()) } else { String::new() };
        let (inbox, data) = (inbox.display(), data.display());
        say!("{}: occto meter ingest {inbox} --data {data}{more}", lang.pick("次にすること", "next"));
    }
}

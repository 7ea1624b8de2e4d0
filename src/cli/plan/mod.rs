//! `occto plan`.

mod build;
mod check;
mod fetch;
mod submit;

use super::{Failure, exit};
use crate::cli::shelf::open_store;
use crate::desk::plans::{PlanReady, PlanRefused};
use crate::desk::view::Lang;
use crate::exchange::plans::{PlanAccess, PlanLine};
use crate::exchange::{Clock, ExchangeConfig, Setting};
use crate::items::{DateTime, parse_date_time};
use crate::notice::Party;
use crate::rules::Finding;
use crate::rules::plans::PlanSettings;
use crate::sandbox::{PlanCounter, Server};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Plans to OCCTO.
#[derive(Debug, Subcommand)]
pub enum PlanCommand {
    /// CSVから需要調達計画（0250）を作成 / build a demand and procurement plan from CSV
    Build(build::Build),
    /// 計画ファイルの検査（エラーがあれば終了コード1） / findings of plan files; exit 1 on an error
    Check(check::Check),
    /// 広域機関へ提出 / submit to OCCTO
    Submit(submit::Submit),
    /// 広域機関から計画を取得 / fetch plans from OCCTO
    Fetch(fetch::Fetch),
}

/// To whom it goes, and when.
#[derive(Args, Clone, Debug)]
pub struct Way {
    /// 接続設定（[plan] に提出先） / configuration whose [plan] names the interface
    #[arg(long, value_name = "FILE", conflicts_with = "sandbox")]
    pub config: Option<PathBuf>,
    /// 内蔵の模擬環境を使う / use the built-in sandbox
    #[arg(long)]
    pub sandbox: bool,
    /// 計画の設定（schemas/planning.toml の形。省略時は同梱の設定） / message codes, operators and deadlines, in the form of
    /// schemas/planning.toml
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// 現在日時（省略時は日本時間の今） / the moment, JST
    #[arg(long, value_name = "YYYY-MM-DD HH:MM", value_parser = now)]
    pub now: Option<DateTime>,
}

/// Does what is asked with plans.
pub fn plan(command: &PlanCommand, lang: Lang) -> Result<ExitCode, Failure> {
    match command {
        PlanCommand::Build(args) => build::build(args),
        PlanCommand::Check(args) => check::check(args, lang),
        PlanCommand::Submit(args) => submit::submit(args),
        PlanCommand::Fetch(args) => fetch::fetch(args),
    }
}

/// The settings of plans: those of a file, or those that ship.
pub fn settings(file: Option<&Path>) -> Result<PlanSettings, Failure> {
    let Some(file) = file else {
        return PlanSettings::published()
            .map_err(|error| Failure::usage(format!("内蔵データを読めません / embedded data: {error}")));
    };
    let shown = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::usage(format!("{shown}: 読み込めません / cannot read: {error}")))?;
    PlanSettings::read(&text).map_err(|error| {
        Failure::usage(format!("{shown}: 計画の設定として読めません / these are no settings of plans: {error}"))
    })
}

fn now(text: &str) -> Result<DateTime, String> {
    parse_date_time(text).map_err(|error| format!("{} / {}", error.ja(), error.en()))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::usage(crate::desk::check::unreadable(path, &error).to_string()))
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn in_file(findings: &mut [Finding], path: &Path) {
    for finding in findings {
        finding.place.file = Some(path.display().to_string());
    }
}

/// Writes a file that must not be there yet with other content.
fn write(folder: &Path, name: &str, octets: &[u8]) -> Result<PathBuf, Failure> {
    let path = folder.join(name);
    let failed = |error: std::io::Error| {
        let (path, why) = (path.display(), error.kind());
        Failure::usage(format!("「{path}」に書き込めません（{why}） / cannot write `{path}`: {why}"))
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    if std::fs::read(&path).is_ok_and(|there| there != octets) {
        let path = path.display();
        return Err(Failure::usage(format!(
            "「{path}」は内容の違うファイルとしてすでにあります。移動するか、別の --out を指定してください / `{path}` is there with other content: move it, or name another --out"
        )));
    }
    std::fs::write(&path, octets).map_err(failed)?;
    Ok(path)
}

/// The party that sends a plan: that of its sender code, unless another is named.
fn sender(named: Option<&str>, code: crate::items::BusinessCode) -> Result<Party, Failure> {
    match named {
        None => Ok(Party::retailer(code)),
        Some(text) => Party::parse(text).map_err(|error| Failure::usage(format!("--from: {error}"))),
    }
}

/// A plan that may leave; of one that may not, the ledger says so first.
fn cleared(made: Result<PlanReady, PlanRefused>, data: &Path) -> Result<PlanReady, Failure> {
    match made {
        Ok(ready) => Ok(ready),
        Err(refused) => {
            record(data, &refused.ledger)?;
            Err(Failure::usage(refused.to_string()))
        }
    }
}

fn record(data: &Path, line: &str) -> Result<(), Failure> {
    open_store(data)?.commit(|tx| tx.add_ledger([line]))?;
    Ok(())
}

/// The configured interface.
fn access(way: &Way) -> Result<PlanAccess, Failure> {
    let Some(path) = super::way::config_path(way.config.as_ref()) else {
        return Err(Failure::usage(
            "提出先が指定されていません。--config で接続設定ファイルを、試すだけなら --sandbox を指定してください / name the interface with --config, or try with --sandbox".to_owned(),
        ));
    };
    let failed = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
    let config = ExchangeConfig::load(&path).map_err(|error| failed(&error))?;
    config.plans.ok_or_else(|| failed(&"[plan] がありません / there is no section [plan]"))
}

/// The line to the interface, with what a person has to know of our certificate.
fn open<'a>(access: &'a PlanAccess, now: Option<DateTime>, data: Option<&Path>) -> Result<PlanLine<'a>, Failure> {
    let clock = now.map_or_else(Clock::japan, Clock::starting);
    let setting = Setting { clock, data: data.map(Path::to_owned) };
    let line = PlanLine::open(access, &setting).map_err(|error| Failure::usage(error.to_string()))?;
    super::way::tell_warnings(&line.warnings());
    Ok(line)
}

/// The interface of a sandbox that was started here.
struct Practice {
    access: PlanAccess,
}

impl Practice {
    async fn start(counter: Arc<PlanCounter>, now: DateTime) -> Result<Practice, Failure> {
        let failed = |error: &dyn std::fmt::Display| {
            Failure::usage(format!("模擬環境を起動できません（{error}） / cannot start the sandbox: {error}"))
        };
        let server = Server::bind("127.0.0.1:0").await.map_err(|error| failed(&error))?;
        let address = server.address().map_err(|error| failed(&error))?;
        let text = format!(
            "retailer = \"40113\"\n[plan]\nurl = \"http://{address}/service/RP12/OCCTO/api/\"\nuserid = \"U0001\"\npassword = \"sandbox\"\n"
        );
        let config = ExchangeConfig::parse(&text, Path::new("")).map_err(|error| failed(&error))?;
        let access = config.plans.ok_or_else(|| failed(&"[plan]"))?;
        tokio::spawn(server.run_plans(counter, now, std::future::pending()));
        Ok(Practice { access })
    }
}

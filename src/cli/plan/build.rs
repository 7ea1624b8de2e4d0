//! `occto plan build`.

use super::{cleared, exit, in_file, now, read, record, sender, settings, write};
use crate::cli::out::say;
use crate::cli::way::japan_now;
use crate::cli::{Failure, explain};
use crate::desk::plans::{PlanCover, build as built, ready};
use crate::items::{BusinessCode, Date, DateTime};
use crate::messages::planning::{PlanCode, PlanName};
use crate::rules::Finding;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Build a plan.
#[derive(Args, Clone, Debug)]
pub struct Build {
    /// 計画CSV（区分,契約者コード,契約者名称,取引先コード,取引先名称,申込番号,01…48） / CSV of members and counterparties
    pub file: PathBuf,
    /// 計画対象年月日 / the day planned for
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Date,
    /// 送信者の事業者コード（5桁） / business code of the sender
    #[arg(long, value_name = "CODE")]
    pub sender: String,
    /// 計画提出者（BG）コード（5桁） / code of the balancing group
    #[arg(long, value_name = "CODE")]
    pub bg: String,
    /// 送信者名称 / name of the sender
    #[arg(long, value_name = "NAME")]
    pub sender_name: Option<String>,
    /// 計画提出者（BG）名称 / name of the balancing group
    #[arg(long, value_name = "NAME")]
    pub bg_name: Option<String>,
    /// 提供する者（省略時は retailer:送信者コード） / who sends it
    #[arg(long, value_name = "ROLE:CODE")]
    pub from: Option<String>,
    /// 計画の設定（schemas/planning.toml の形。省略時は同梱の設定） / message codes, operators and deadlines, in the form of
    /// schemas/planning.toml
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// 作成日時（省略時は日本時間の今） / when it is made, JST
    #[arg(long, value_name = "YYYY-MM-DD HH:MM", value_parser = now)]
    pub now: Option<DateTime>,
    /// 出力フォルダ / folder it is written to
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub out: PathBuf,
    /// データフォルダ（台帳） / data folder, for the ledger
    #[arg(long, value_name = "DIR", env = "OCCTO_DATA", default_value = "occto-data")]
    pub data: PathBuf,
    /// 共同利用の通知 / the notice it is cleared against
    #[arg(long, value_name = "NAME|FILE", default_value = "common-core")]
    pub notice: String,
    /// 結果をJSONで表示 / print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Builds, checks, clears and writes a 0250; exit 1 where something is wrong, and nothing is written.
pub fn build(args: &Build) -> Result<ExitCode, Failure> {
    let settings = settings(args.settings.as_deref())?;
    let notice = explain::notice(&args.notice)?;
    let wrong = |option: &str, error: crate::items::ItemError| {
        Failure::usage(format!("{option}: {} / {}", error.ja(), error.en()))
    };
    let name = |option: &str, text: &Option<String>| {
        text.as_deref().map(PlanName::parse).transpose().map_err(|error| wrong(option, error))
    };
    let created = args.now.unwrap_or_else(japan_now);
    let cover = PlanCover {
        target: args.date,
        sender: BusinessCode::parse(&args.sender).map_err(|error| wrong("--sender", error))?,
        sender_name: name("--sender-name", &args.sender_name)?,
        submitter: PlanCode::parse(&args.bg).map_err(|error| wrong("--bg", error))?,
        submitter_name: name("--bg-name", &args.bg_name)?,
        created,
    };
    let party = sender(args.from.as_deref(), cover.sender)?;
    let (plan, mut findings) = match built(&read(&args.file)?, &cover, &settings) {
        Ok((plan, findings)) => (Some(plan), findings),
        Err(findings) => (None, findings),
    };
    in_file(&mut findings, &args.file);
    let sound = !findings.iter().any(Finding::is_error);
    let written = match plan.filter(|_| sound) {
        None => None,
        Some(plan) => {
            let ready = cleared(ready(plan, notice, party, created), &args.data)?;
            record(&args.data, &ready.ledger)?;
            let path = write(&args.out, &ready.name, &ready.octets)?;
            Some((path, ready.verified))
        }
    };
    if args.json {
        let findings: Vec<_> = findings.iter().map(Finding::to_json).collect();
        let file = written.as_ref().map(|(path, _)| path.display().to_string());
        let verified = written.as_ref().map(|(_, verified)| *verified);
        say!("{}", serde_json::json!({"file": file, "verified": verified, "findings": findings}));
    } else {
        for finding in &findings {
            say!("{finding}");
        }
        match &written {
            Some((path, _)) => say!("作成しました: {} / written", path.display()),
            None => say!("エラーがあるため作成していません / nothing was written: there are errors"),
        }
    }
    Ok(exit(u8::from(written.is_none())))
}

//! `occto plan fetch`.

use super::{Practice, Way, access, exit, open, settings, write};
use crate::cli::Failure;
use crate::cli::out::say;
use crate::cli::switch::block_on;
use crate::cli::way::japan_now;
use crate::exchange::plans::{PlanAnswer, PlanLine, fit_plans};
use crate::items::Date;
use crate::rules::{Finding, codes};
use crate::sandbox::PlanCounter;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Fetch plans.
#[derive(Args, Clone, Debug)]
pub struct Fetch {
    /// 情報区分コード（FIT計画は0152。その他の取得操作は確認されていません） / message code; only 0152 was seen
    #[arg(long, value_name = "CODE", default_value = "0152")]
    pub message: String,
    /// この日以降の計画 / plans from this day on
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub since: Date,
    /// Whom it is asked, and when.
    #[command(flatten)]
    pub way: Way,
    /// 保存先 / folder they are written to
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub out: PathBuf,
    /// 結果をJSONで表示 / print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Fetches the plans that are listed; exit 1 where one could not be had.
pub fn fetch(args: &Fetch) -> Result<ExitCode, Failure> {
    if args.message.len() != 4 || !args.message.bytes().all(|octet| octet.is_ascii_digit()) {
        return Err(Failure::usage("--message は数字4桁です / a message code has four digits".to_owned()));
    }
    let access = if args.way.sandbox { None } else { Some(access(&args.way)?) };
    let counter = PlanCounter::new(settings(args.way.settings.as_deref())?);
    let now = args.way.now.unwrap_or_else(japan_now);
    let (files, mut findings) = block_on(async {
        let practice = match &access {
            Some(_) => None,
            None => Some(Practice::start(Arc::new(counter), now).await?),
        };
        let Some(access) = access.as_ref().or(practice.as_ref().map(|practice| &practice.access)) else {
            return Err(Failure::usage("no interface".to_owned()));
        };
        let line = open(access, args.way.now, None)?;
        Ok(take(&line, &args.message, args.since).await)
    })??;
    let mut saved = Vec::new();
    for (name, octets) in files {
        if is_plain(&name) {
            saved.push(write(&args.out, &name, &octets)?.display().to_string());
        } else {
            findings.push(codes::PLAN_ANSWER.finding("ファイル名が使えません", "the name of a file cannot be used"));
        }
    }
    if args.json {
        let findings: Vec<_> = findings.iter().map(Finding::to_json).collect();
        say!("{}", serde_json::json!({"files": saved, "findings": findings}));
    } else {
        findings.iter().for_each(|finding| say!("{finding}"));
        saved.iter().for_each(|path| say!("{path}"));
        let n = saved.len();
        say!("{n}件を取得しました / {n} fetched");
    }
    Ok(exit(u8::from(findings.iter().any(Finding::is_error))))
}

type Files = Vec<(String, Vec<u8>)>;

async fn take(line: &PlanLine<'_>, message: &str, since: Date) -> (Files, Vec<Finding>) {
    let from = since.strftime("%Y%m%d").to_string();
    let (mut files, mut findings) = (Vec::new(), Vec::new());
    let listed = match had(line.list(message, &from).await) {
        Ok(Some((_, octets))) => fit_plans(&octets),
        Ok(None) => Ok(Vec::new()),
        Err(finding) => Err(finding),
    };
    let plans = listed.unwrap_or_else(|finding| {
        findings.push(*finding);
        Vec::new()
    });
    for plan in plans {
        match had(line.file(message, &plan.id).await) {
            Ok(Some(file)) => files.push(file),
            Ok(None) => findings.push(codes::PLAN_ANSWER.finding("計画が空です", "a plan is empty")),
            Err(finding) => findings.push(*finding),
        }
    }
    (files, findings)
}

fn had(answer: PlanAnswer) -> Result<Option<(String, Vec<u8>)>, Box<Finding>> {
    match answer {
        PlanAnswer::Done(file) => Ok(file),
        PlanAnswer::Unreadable(finding) => Err(finding),
        PlanAnswer::Refused { code, .. } => {
            let code: String = code.chars().take(20).filter(char::is_ascii_graphic).collect();
            let (ja, en) =
                (format!("取得できませんでした（resultcode {code}）"), format!("it was not given (resultcode {code})"));
            Err(Box::new(codes::PLAN_ANSWER.finding(ja, en)))
        }
        PlanAnswer::NotSent(trouble) | PlanAnswer::Unknown(trouble) => {
            let detail = trouble.detail;
            let (ja, en) = (format!("応答がありません（{detail}）"), format!("there is no answer ({detail})"));
            let finding = codes::PLAN_ANSWER.finding(ja, en);
            Err(Box::new(
                finding.way_out("接続を確認して、もう一度実行してください", "check the connection and run again"),
            ))
        }
    }
}

/// A name as plans have them, and no path.
fn is_plain(name: &str) -> bool {
    let good = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'-' | b'.');
    name.bytes().all(good) && !name.starts_with('.') && !name.is_empty()
}

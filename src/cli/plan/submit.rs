//! `occto plan submit`.

use super::{Practice, Way, access, cleared, exit, in_file, name_of, open, read, sender, settings, write};
use crate::cli::out::say;
use crate::cli::shelf::open_store;
use crate::cli::switch::block_on;
use crate::cli::way::japan_now;
use crate::cli::{Failure, explain};
use crate::desk::plans::{DeadlineAt, PlanReady, check_plan_file, ready};
use crate::exchange::plans::{PlanAccess, PlanAnswer};
use crate::items::{Code as _, DateTime};
use crate::messages::planning::{Plan, PlanBody, Trade};
use crate::rules::{Finding, codes};
use crate::sandbox::PlanCounter;
use clap::Args;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Submit a plan.
#[derive(Args, Clone, Debug)]
pub struct Submit {
    /// 計画ファイル（W6のXML） / plan file of W6
    pub file: PathBuf,
    /// To whom it goes, and when.
    #[command(flatten)]
    pub way: Way,
    /// 提供する者（省略時は retailer:送信者コード） / who sends it
    #[arg(long, value_name = "ROLE:CODE")]
    pub from: Option<String>,
    /// 要約の確認を省く / do not ask after the summary
    #[arg(long)]
    pub yes: bool,
    /// 前回の結果が不明なとき、広域機関で受付状況を確認済みであることを示す / the outcome of the last try was unknown, and somebody has looked
    #[arg(long)]
    pub asked: bool,
    /// 不整合通知の保存先 / folder for a mismatch report
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

/// Checks, clears and sends a plan; exit 1 where it was not taken.
pub fn submit(args: &Submit) -> Result<ExitCode, Failure> {
    let settings = settings(args.way.settings.as_deref())?;
    let notice = explain::notice(&args.notice)?;
    let now = args.way.now.unwrap_or_else(japan_now);
    let octets = read(&args.file)?;
    let checked = check_plan_file(&name_of(&args.file), &octets, &settings, DeadlineAt::Submitting(now));
    let mut findings = checked.findings;
    in_file(&mut findings, &args.file);
    let plan = match checked.plan {
        Some(plan) if !findings.iter().any(Finding::is_error) => plan,
        _ => return Ok(told(args, "not-sent", &findings, None)),
    };
    let access = if args.way.sandbox { None } else { Some(access(&args.way)?) };
    let summary = summary(&plan);
    let party = sender(args.from.as_deref(), plan.envelope.sender)?;
    let ready = cleared(ready(plan, notice, party, now), &args.data)?;
    if !args.json {
        findings.drain(..).for_each(|finding| say!("{finding}"));
        say!("{summary}");
    }
    if let Some(access) = &access {
        for (operation, what) in [(&access.upload, "提出 / upload")] {
            if !operation.verified {
                let name = format!("{}/{}", operation.verb, operation.operation);
                eprintln!(
                    "occto: {what}の操作名「{name}」は確認されていません。広域機関の資料で確認し、[plan.upload] に verified = true と書いてください / the operation `{name}` is not verified: check it against OCCTO's documents"
                );
            }
        }
        if !args.yes && !agreed()? {
            return Ok(told(args, "not-sent", &findings, None));
        }
    }
    let counter = PlanCounter::new(settings);
    let mut store = open_store(&args.data)?;
    // From here on its outcome is unknown, whatever becomes of this process, until an answer says otherwise.
    let open = format!("plan-unknown:{}", if access.is_some() { &ready.name } else { "sandbox" });
    let before = store.commit(|tx| {
        let before = if access.is_some() { tx.number(&open)? } else { 0 };
        if before == 0 || args.asked {
            tx.add_ledger([ready.ledger.as_str()])?;
            tx.set_number(&open, 1)?;
        }
        Ok(before)
    })?;
    if before != 0 && !args.asked {
        let name = &ready.name;
        return Err(Failure::usage(format!(
            "「{name}」は前回の提出の結果が不明です。広域機関システムで受付状況を確認してから --asked を付けて提出してください / it is not known whether `{name}` arrived the last time: look at OCCTO's system, then submit with --asked"
        )));
    }
    let answer = block_on(send(access, counter, &ready, (now, args.way.now), &args.data))??;
    let (state, report) = judged(answer, &mut findings);
    if state != "unknown" {
        store.commit(|tx| tx.set_number(&open, 0))?;
    }
    let saved = match report {
        Some(octets) => {
            let name = format!("{}.mismatch.xml", ready.name.trim_end_matches(".xml"));
            told_mismatches(&octets, &mut findings);
            Some(write(&args.out, &name, &octets)?)
        }
        None => None,
    };
    Ok(told(args, state, &findings, saved))
}

async fn send(
    access: Option<PlanAccess>,
    counter: PlanCounter,
    ready: &PlanReady,
    now: (DateTime, Option<DateTime>),
    data: &Path,
) -> Result<PlanAnswer, Failure> {
    let practice = match &access {
        Some(_) => None,
        None => Some(Practice::start(Arc::new(counter), now.0).await?),
    };
    let Some(access) = access.as_ref().or(practice.as_ref().map(|practice| &practice.access)) else {
        return Err(Failure::usage("no interface".to_owned()));
    };
    let line = open(access, now.1, Some(data))?;
    Ok(line.submit(&ready.message, &ready.name, &ready.octets).await)
}

/// What an answer means, and the report that came with it.
fn judged(answer: PlanAnswer, findings: &mut Vec<Finding>) -> (&'static str, Option<Vec<u8>>) {
    let with = |rule: &'static crate::rules::Rule, trouble: &crate::exchange::Trouble| {
        let (ja, en, detail) = (trouble.kind.ja(), trouble.kind.en(), &trouble.detail);
        rule.finding(format!("{}（{ja}、{detail}）", rule.ja), format!("{}: {en} ({detail})", rule.en))
    };
    match answer {
        PlanAnswer::Done(_) => ("taken", None),
        PlanAnswer::Refused { code, report } => {
            let code: String = code.chars().take(20).filter(char::is_ascii_graphic).collect();
            findings.push(codes::PLAN_REFUSED.finding(
                format!("広域機関システムが計画を受け付けませんでした（resultcode {code}）"),
                format!("OCCTO's system did not take the plan (resultcode {code})"),
            ));
            ("refused", report.map(|(_, octets)| octets))
        }
        PlanAnswer::NotSent(trouble) => {
            findings.push(with(&codes::PLAN_NOT_SENT, &trouble));
            ("not-sent", None)
        }
        PlanAnswer::Unknown(trouble) => {
            findings.push(with(&codes::PLAN_OUTCOME_UNKNOWN, &trouble));
            ("unknown", None)
        }
        // The `resultcode` says that it was taken.
        PlanAnswer::Unreadable(finding) => {
            findings.push(*finding);
            ("taken", None)
        }
    }
}

/// The lines of a mismatch report in the form of the sandbox; another form is left to the reader of the file.
fn told_mismatches(octets: &[u8], findings: &mut Vec<Finding>) {
    let Ok(text) = std::str::from_utf8(octets) else { return };
    let cut = |part: &str, tag: &str| {
        let inner = part.split_once(&format!("<{tag}>"))?.1.split_once(&format!("</{tag}>"))?.0;
        Some(inner.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    };
    for part in text.split("<MISMATCH>").skip(1) {
        let Some(said) = cut(part, "TEXT") else { continue };
        let mut finding = codes::PLAN_REFUSED.finding(format!("不整合: {said}"), format!("mismatch: {said}"));
        finding.place.path = cut(part, "PATH").filter(|path| !path.is_empty());
        findings.push(finding);
    }
}

fn told(args: &Submit, state: &str, findings: &[Finding], report: Option<PathBuf>) -> ExitCode {
    let report = report.map(|path| path.display().to_string());
    if args.json {
        let findings: Vec<_> = findings.iter().map(Finding::to_json).collect();
        let file = args.file.display().to_string();
        say!("{}", serde_json::json!({"file": file, "state": state, "report": report, "findings": findings}));
    } else {
        findings.iter().for_each(|finding| say!("{finding}"));
        if let Some(report) = report {
            say!("不整合通知を保存しました: {report} / mismatch report");
        }
        say!(
            "{}",
            match state {
                "taken" => "提出しました（受付済み） / submitted and taken",
                "refused" => "受け付けられませんでした / not taken",
                "unknown" => "結果は不明です / the outcome is unknown",
                _ => "提出していません / not submitted",
            }
        );
    }
    exit(u8::from(state != "taken"))
}

/// What is about to be said, in one look.
fn summary(plan: &Plan) -> String {
    let date = plan.head.target.map_or_else(String::new, |date| date.to_string());
    let (code, sender, kind) = (plan.envelope.message_code, plan.envelope.sender, plan.kind());
    let mut text = format!("{code} {} 対象日 {date} 送信者 {sender}", kind.ja());
    let total = |trade: &Option<Trade>| {
        let trade = trade.as_ref()?;
        trade.procurement.as_ref().or(trade.sales.as_ref()).map(|series| series.total())
    };
    if let PlanBody::DemandProcurement(body) = &plan.body {
        let demand = body.demand.as_ref().map_or(0, |series| series.total());
        let (bought, sold) = (total(&body.procurement).unwrap_or(0), total(&body.sales).unwrap_or(0));
        let members = body.members.len();
        text += &format!(
            "\n契約者{members} 需要{demand}kWh 調達{bought}kWh 販売{sold}kWh / {members} members, demand {demand}, procurement {bought}, sales {sold} kWh"
        );
    }
    text
}

/// Whether a person agrees; without a person, `--yes` is needed.
fn agreed() -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(
            "確認できる端末がありません。内容を確認したうえで --yes を付けてください / no terminal to ask on: check the summary and give --yes".to_owned(),
        ));
    }
    eprint!("この内容で提出しますか [y/N] / submit this? ");
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    Ok(read.is_ok() && matches!(line.trim(), "y" | "Y" | "yes"))
}

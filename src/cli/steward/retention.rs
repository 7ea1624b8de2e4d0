//! `occto retention`: what is past its last day, and its erasure.

use super::words::words;
use super::{House, Sought, refused};
use crate::cli::out::say;
use crate::cli::{Failure, exit};
use crate::desk::subject::{KeepPlan, KeepRow, place_hold, plan_retention, run_retention};
use crate::items::{Code as _, Date};
use crate::notice::{Due, LegalHold};
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// How long something is kept.
#[derive(Debug, Subcommand)]
pub enum Retention {
    /// 保存期限の一覧（何も消去しません） / what is due; nothing is erased
    Plan(Plan),
    /// 期限を過ぎたものを消去 / erase what is past its last day
    Run(Run),
    /// 法令による保存を指定 / name the law that requires that it is kept
    Hold(Hold),
    /// 法令による保存を解除 / end that
    Release(Release),
}

/// What is due.
#[derive(Args, Clone, Debug)]
pub struct Plan {
    /// Where.
    #[command(flatten)]
    pub house: House,
    /// JSONで表示 / print as JSON
    #[arg(long)]
    pub json: bool,
}

/// Erase what is due.
#[derive(Args, Clone, Debug)]
pub struct Run {
    /// 確認した計画の照合番号（retention plan が表示） / number of the plan that was looked at
    #[arg(long, value_name = "NUMBER")]
    pub plan: Option<String>,
    /// Where.
    #[command(flatten)]
    pub house: House,
    /// JSONで表示 / print as JSON
    #[arg(long)]
    pub json: bool,
}

/// Name a law.
#[derive(Args, Clone, Debug)]
pub struct Hold {
    /// By what.
    #[command(flatten)]
    pub sought: Sought,
    /// 根拠となる法令 / the law
    #[arg(long, value_name = "LAW")]
    pub law: String,
    /// 最後の日 / the last day, where the law names one
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: Option<Date>,
    /// Where.
    #[command(flatten)]
    pub house: House,
}

/// End a hold.
#[derive(Args, Clone, Debug)]
pub struct Release {
    /// By what.
    #[command(flatten)]
    pub sought: Sought,
    /// Where.
    #[command(flatten)]
    pub house: House,
}

/// Does one of the commands.
pub fn retention(command: &Retention) -> Result<ExitCode, Failure> {
    match command {
        Retention::Plan(args) => {
            let mut desk = args.house.open()?;
            let plan = plan_retention(&mut desk.store, desk.notice, desk.now.date())?;
            show(&plan, args.json, "消去の対象");
            if !args.json && !plan.is_empty() {
                say!(
                    "照合番号 {number}。消去するには occto retention run --plan {number} / to erase: --plan {number}",
                    number = plan.number()
                );
            }
            Ok(exit(u8::from(!plan.is_empty())))
        }
        Retention::Run(args) => {
            let mut desk = args.house.open()?;
            let shown = args.plan.as_deref();
            match run_retention(&mut desk.store, desk.us, desk.notice, &desk.by, desk.now, shown) {
                Ok(plan) => {
                    show(&plan, args.json, "消去しました");
                    Ok(exit(0))
                }
                Err(why) => refused(why),
            }
        }
        Retention::Hold(args) => {
            let law = words("--law", &args.law)?.to_owned();
            let hold = LegalHold { law, until: args.until };
            place(&args.sought, &args.house, Some(&hold))
        }
        Retention::Release(args) => place(&args.sought, &args.house, None),
    }
}

fn place(sought: &Sought, house: &House, hold: Option<&LegalHold>) -> Result<ExitCode, Failure> {
    let key = sought.key()?;
    let mut desk = house.open()?;
    match place_hold(&mut desk.store, desk.us, &key, hold, &desk.by, desk.now) {
        Ok(count) => {
            say!("{count}件の綴りに記録しました / recorded for {count} dossiers");
            Ok(exit(0))
        }
        Err(why) => refused(why),
    }
}

fn show(plan: &KeepPlan, json: bool, erased: &str) {
    if json {
        let dossiers: Vec<_> = plan.dossiers.iter().map(|entry| entry.to_json()).collect();
        let readings = plan.readings.as_ref().map(|readings| readings.to_json());
        let (number, unfinished) = (plan.number(), plan.unfinished);
        say!(
            "{}",
            serde_json::json!({"plan": number, "dossiers": dossiers, "readings": readings, "unfinished": unfinished})
        );
        return;
    }
    let (mut open, mut kept, mut no_rule) = (0, 0, 0);
    for entry in &plan.dossiers {
        let ended = entry.ended.map_or_else(String::new, |(ending, on)| format!("{}（{on}）", ending.ja()));
        match &entry.due {
            Due::Open => open += 1,
            Due::Kept(_) => kept += 1,
            Due::NoRule => no_rule += 1,
            Due::Erase(last) => say!("綴り{} {ended} 期限{last} {erased}", entry.dossier.0),
            Due::Held(last, law) => say!("綴り{} {ended} 期限{last} 法令により保存: {law}", entry.dossier.0),
        }
    }
    for KeepRow { due: one, customers, first, last } in plan.by_rule() {
        let items: Vec<_> = one.items.iter().map(|item| item.ja()).collect();
        let keys: Vec<_> = one.items.iter().map(|item| item.key()).collect();
        say!(
            "項目のみ {}（{}） お客さま{customers}件 期限{first}～{last} {erased} / items only: {}, {customers} customers",
            items.join("、"),
            one.rule.ja,
            keys.join(", ")
        );
    }
    if let Some((readings, (from, to))) = plan.readings.as_ref().and_then(|one| Some((one, one.days()?))) {
        let (files, held) = (readings.files.len(), readings.held.len());
        say!(
            "30分値 {from}～{to}の{files}ファイル（{}） {erased}、法令により残す地点{held}件 / readings of {from} to {to} in {files} files",
            readings.ja
        );
    }
    if plan.unfinished > 0 {
        let keys = plan.unfinished;
        say!(
            "前回の消去で破棄し残した鍵{keys}件を、次の retention run が最初に破棄します / {keys} keys of an earlier run are destroyed first"
        );
    }
    let due = plan.to_erase().count();
    say!(
        "{erased}{due}件、保存中{kept}件、手続中{open}件、規則なし{no_rule}件 / {due} due, {kept} kept, {open} open, {no_rule} without a rule"
    );
}

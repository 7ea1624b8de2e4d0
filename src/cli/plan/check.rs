//! `occto plan check`.

use super::{exit, in_file, name_of, now, read, settings};
use crate::cli::Failure;
use crate::cli::out::say;
use crate::cli::way::japan_now;
use crate::desk::plans::{DeadlineAt, PlanChecked, check_plan_file};
use crate::desk::view::Lang;
use crate::items::{Code as _, DateTime};
use crate::rules::plans::PlanWindow;
use crate::rules::{Finding, Severity};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Check plan files.
#[derive(Args, Clone, Debug)]
pub struct Check {
    /// 計画ファイル（W6のXML、または計画CSV） / plan files, W6 or CSV
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// この日時に提出するものとして期限も検査（期限切れはエラー。省略時は今の期限を警告で表示） / check the deadline as if submitted then
    #[arg(long, value_name = "YYYY-MM-DD HH:MM", value_parser = now)]
    pub now: Option<DateTime>,
    /// 計画の設定（schemas/planning.toml の形。省略時は同梱の設定） / message codes, operators and deadlines, in the form of
    /// schemas/planning.toml
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// 指摘をJSONで表示 / print findings as JSON
    #[arg(long)]
    pub json: bool,
}

/// Prints the findings of plan files; exit 1 where one is an error.
pub fn check(args: &Check, lang: Lang) -> Result<ExitCode, Failure> {
    let settings = settings(args.settings.as_deref())?;
    let deadline = args.now.map_or_else(|| DeadlineAt::Looking(japan_now()), DeadlineAt::Submitting);
    let (mut bad, mut files) = (false, Vec::new());
    for path in &args.files {
        let mut checked = check_plan_file(&name_of(path), &read(path)?, &settings, deadline);
        in_file(&mut checked.findings, path);
        bad |= checked.findings.iter().any(Finding::is_error);
        if args.json {
            files.push(json(&path.display().to_string(), &checked));
            continue;
        }
        for finding in &checked.findings {
            say!("{finding}");
        }
        say!("{}", summary(&path.display().to_string(), &checked, lang));
    }
    if args.json {
        say!("{}", serde_json::json!({"files": files}));
    }
    Ok(exit(u8::from(bad)))
}

fn json(path: &str, checked: &PlanChecked) -> serde_json::Value {
    let findings: Vec<_> = checked.findings.iter().map(Finding::to_json).collect();
    let plan = checked.plan.as_ref();
    let window = checked.window.map(|window| match window {
        PlanWindow::DayAhead { until } => serde_json::json!({"state": "day-ahead", "until": until.to_string()}),
        PlanWindow::Closed { next } => serde_json::json!({"state": "closed", "next": next.to_string()}),
        PlanWindow::SameDay { first, until } => {
            serde_json::json!({"state": "same-day", "first_slot": first.number(), "until": until.to_string()})
        }
        PlanWindow::Over { since } => serde_json::json!({"state": "over", "since": since.to_string()}),
    });
    serde_json::json!({
        "file": path,
        "kind": checked.kind.map(|kind| kind.key()),
        "message": plan.map(|plan| plan.envelope.message_code.to_string()),
        "date": plan.and_then(|plan| plan.head.target).map(|date| date.to_string()),
        "unknown_parts": plan.map(crate::messages::planning::Plan::unknown_parts),
        "verified": plan.map(crate::messages::planning::Plan::is_verified),
        "submission": window,
        "findings": findings,
    })
}

fn summary(path: &str, checked: &PlanChecked, lang: Lang) -> String {
    let of = |severity| checked.findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let kind = checked.kind.map_or("?", |kind| lang.name(kind));
    match lang {
        Lang::Ja => format!("{path}: {kind} エラー{errors}件 警告{warnings}件"),
        Lang::En => format!("{path}: {kind}, {errors} errors, {warnings} warnings"),
    }
}

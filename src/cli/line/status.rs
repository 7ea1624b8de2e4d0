//! `occto status`.

use super::loaded;
use crate::cli::out::say;
use crate::cli::outbox::{depth_json, depth_line};
use crate::cli::shelf::Shelf;
use crate::cli::way::japan_now;
use crate::cli::{Failure, exit, progress, table};
use crate::desk::view::Lang;
use crate::exchange::gate::{Policy, State, Waiting, Why, kept_of};
use crate::exchange::{Access, ConfigError, PasswordPlace, TroubleKind};
use crate::items::{Code as _, DateTime, parse_date_time};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How the lines to the counterparties are.
#[derive(Args, Clone, Debug)]
pub struct StatusArgs {
    /// 接続設定 / counterparties and certificates
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where data lives.
    #[command(flatten)]
    pub shelf: Shelf,
    /// 現在日時（省略時は日本時間の今） / the moment, JST
    #[arg(long, value_name = "YYYY-MM-DD HH:MM", value_parser = now)]
    pub now: Option<DateTime>,
    /// JSONで表示 / print as JSON
    #[arg(long)]
    pub json: bool,
}

fn now(text: &str) -> Result<DateTime, String> {
    parse_date_time(text).map_err(|error| format!("{} / {}", error.ja(), error.en()))
}

/// 回線の様子: one line as it stands.
#[derive(Debug)]
pub struct LineView {
    /// The name of its gate.
    pub name: String,
    /// Where it goes.
    pub host: String,
    /// Why nothing is sent, and until when; nothing where it may be.
    pub waiting: Option<Waiting>,
    /// What is kept of it.
    pub state: State,
    /// What holds for it.
    pub policy: Policy,
    /// The days until our certificate ends; nothing without one, or where a person types its password.
    pub days_left: Option<i64>,
    /// Why our certificate cannot be read.
    pub unreadable: Option<ConfigError>,
}

/// Shows the lines; exit 1 where nothing can be sent on one of them for another reason than its hours.
pub fn status(args: &StatusArgs, lang: Lang) -> Result<ExitCode, Failure> {
    let (_, config) = loaded(args.config.as_ref())?;
    let now = args.now.unwrap_or_else(japan_now);
    let views: Vec<LineView> = config
        .lines()
        .map(|(name, url, access)| view(name, url.host_str().unwrap_or_default(), access, &args.shelf.data, now))
        .collect();
    let waiting = args.shelf.depths();
    if args.json {
        let lines: Vec<_> = views.iter().map(|view| json(view, now)).collect();
        let outbox = waiting.as_ref().and_then(|depths| depths.as_ref().ok());
        let outbox = outbox.map(|depths| depths.iter().map(depth_json).collect::<Vec<_>>());
        say!("{}", serde_json::json!({"at": now.to_string(), "lines": lines, "outbox": outbox}));
    } else {
        say!("{}", table::counterparties(&views, now, lang, progress::terminal_width()).trim_end());
        for view in &views {
            if let Some((at, kind)) = &view.state.trouble {
                say!("{}: {} {}", view.name, at.strftime("%Y-%m-%d %H:%M:%S"), trouble(kind, lang));
            }
            if let Some(error) = &view.unreadable {
                say!("{}: {}", view.name, error.finding(&view.name));
            }
        }
        match &waiting {
            None => {}
            Some(Ok(depths)) if depths.is_empty() => {
                say!("{}", lang.pick("送信箱に待つ電文はありません", "nothing waits in the outbox"))
            }
            Some(Ok(depths)) => depths.iter().for_each(|depth| say!("{}", depth_line(depth, lang))),
            // A worker holds the data folder: what waits is among its metrics.
            Some(Err(error)) => say!("{error}"),
        }
    }
    let stopped = |view: &LineView| view.waiting.is_some_and(|waiting| waiting.why != Why::Hours);
    let ended = |view: &LineView| view.unreadable.is_some() || view.days_left.is_some_and(|days| days < 0);
    Ok(exit(u8::from(views.iter().any(|view| stopped(view) || ended(view)))))
}

fn view(name: String, host: &str, access: &Access, data: &Path, now: DateTime) -> LineView {
    let state = kept_of(data, &name).unwrap_or_default();
    let waiting =
        access.policy.decide(&state, now).err().filter(|waiting| !matches!(waiting.why, Why::Rate | Why::Busy));
    let place = access.identity.as_ref().filter(|place| place.password != Some(PasswordPlace::Prompt));
    let (days_left, unreadable) = match place.map(|place| place.load()) {
        Some(Ok(identity)) => (Some(identity.facts.days_left(now)), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    LineView { name, host: host.to_owned(), waiting, state, policy: access.policy.clone(), days_left, unreadable }
}

/// A trouble by its kind, with the way out.
fn trouble(kind: &str, lang: Lang) -> String {
    match TroubleKind::from_key(kind) {
        Some(kind) => format!("{} → {}", lang.name(kind), lang.pick(kind.rule().way_out_ja, kind.rule().way_out_en)),
        None => kind.to_owned(),
    }
}

fn json(view: &LineView, now: DateTime) -> serde_json::Value {
    let hours: Vec<[u16; 2]> = view.policy.hours.of_day(now.date()).into_iter().map(|(from, to)| [from, to]).collect();
    serde_json::json!({
        "line": view.name,
        "host": view.host,
        "waiting": view.waiting.map(|waiting| serde_json::json!({"until": waiting.until.to_string(), "why": waiting.why.key()})),
        "open_minutes_today": hours,
        "interval_ms": u64::try_from(view.policy.interval.as_millis()).unwrap_or(u64::MAX),
        "concurrent": view.policy.concurrent,
        "trip_after": view.policy.trip_after,
        "certificate_days_left": view.days_left,
        "certificate_error": view.unreadable.as_ref().map(|error| error.finding(&view.name).to_json()),
        "state": view.state.to_json(),
    })
}

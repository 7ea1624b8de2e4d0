//! `occto status`.

use super::loaded;
use crate::cli::out::say;
use crate::cli::outbox::{depth_json, depth_line};
use crate::cli::shelf::{Shelf, Standing};
use crate::cli::way::japan_now;
use crate::cli::{Failure, exit, progress, table};
use crate::desk::view::Lang;
use crate::exchange::gate::{Policy, State, Waiting, Why, kept_of};
use crate::exchange::{Access, ConfigError, ExchangeConfig, PasswordPlace, TroubleKind};
use crate::items::{Code as _, DateTime, parse_date_time};
use crate::notice::Party;
use crate::store::OutboxState;
use clap::Args;
use std::path::PathBuf;
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
    /// How many messages and questions the workers have under way on it; nothing where only they know.
    pub under_way: Option<u32>,
    /// The days until our certificate ends; nothing without one, or where a person types its password.
    pub days_left: Option<i64>,
    /// Why our certificate cannot be read.
    pub unreadable: Option<ConfigError>,
}

/// Shows the lines; exit 1 where nothing can be sent on one of them for another reason than its hours.
pub fn status(args: &StatusArgs, lang: Lang) -> Result<ExitCode, Failure> {
    let (_, config) = loaded(args.config.as_ref())?;
    let now = args.now.unwrap_or_else(japan_now);
    let standing = args.shelf.standing();
    // Where machines share the store, what is known of the lines to the counterparties is in it.
    let shared = match &standing {
        Some(Ok(standing)) if args.shelf.is_shared() => Some(standing),
        _ => None,
    };
    let known = |name: &str| match (shared, Party::parse(name)) {
        (Some(standing), Ok(party)) => known_to_workers(standing, &config, party, now),
        (None, Ok(_)) if args.shelf.is_shared() => State::default(),
        _ => kept_of(&args.shelf.data, name).unwrap_or_default(),
    };
    let views: Vec<LineView> = config
        .lines()
        .map(|(name, url, access)| {
            let state = known(&name);
            let under_way = shared.filter(|_| Party::parse(&name).is_ok()).map(|_| state.under_way);
            LineView { under_way, ..view(name, url.host_str().unwrap_or_default(), access, state, now) }
        })
        .collect();
    let waiting = standing.as_ref().map(|standing| standing.as_ref().map(|standing| &standing.depths));
    if args.json {
        let lines: Vec<_> = views.iter().map(|view| json(view, now)).collect();
        let outbox = waiting.and_then(Result::ok);
        let outbox = outbox.map(|depths| depths.iter().map(depth_json).collect::<Vec<_>>());
        let error = waiting.and_then(Result::err).map(ToString::to_string);
        say!("{}", serde_json::json!({"at": now.to_string(), "lines": lines, "outbox": outbox, "store_error": error}));
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
        match waiting {
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
    // Of the lines nothing is known where the store that has it cannot be read.
    let unknown = args.shelf.is_shared() && shared.is_none();
    Ok(exit(u8::from(unknown || views.iter().any(|view| stopped(view) || ended(view)))))
}

/// What the workers that share a store know of a line, and what they have under way on it: messages and questions.
fn known_to_workers(standing: &Standing, config: &ExchangeConfig, line: Party, now: DateTime) -> State {
    let told = standing.lines.iter().find(|(party, _)| *party == line).map(|(_, told)| told);
    let mut state = told.and_then(|told| State::told(told, now)).unwrap_or_default();
    let has_own = |party: Party| config.counterparties.iter().any(|(own, _)| *own == party);
    let over = |party: Party| if has_own(party) { party } else { Party::OCCTO };
    let sent = standing.depths.iter().filter(|depth| depth.state == OutboxState::Sent);
    let messages = sent.filter(|depth| over(depth.recipient) == line).map(|depth| depth.count);
    let questions = standing.questions.iter().filter(|(party, _)| *party == line).map(|(_, count)| *count);
    state.under_way = u32::try_from(messages.chain(questions).sum::<u64>()).unwrap_or(u32::MAX);
    state
}

fn view(name: String, host: &str, access: &Access, state: State, now: DateTime) -> LineView {
    let waiting =
        access.policy.decide(&state, now).err().filter(|waiting| !matches!(waiting.why, Why::Rate | Why::Busy));
    let place = access.identity.as_ref().filter(|place| place.password != Some(PasswordPlace::Prompt));
    let (days_left, unreadable) = match place.map(|place| place.load()) {
        Some(Ok(identity)) => (Some(identity.facts.days_left(now)), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    let (host, policy) = (host.to_owned(), access.policy.clone());
    LineView { name, host, waiting, state, policy, under_way: None, days_left, unreadable }
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
        "under_way": view.under_way,
        "certificate_days_left": view.days_left,
        "certificate_error": view.unreadable.as_ref().map(|error| error.finding(&view.name).to_json()),
        "state": view.state.to_json(),
    })
}

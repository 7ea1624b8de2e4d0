//! `occto work`: a worker, alone over a data folder or one of many over a database that machines share.

use super::args::{Place, Settle, seconds};
use super::shift::{Pattern, Shift, name};
use super::switch::{FolderNotice, block_on};
use super::traces::{self, Flush, Traces};
use super::way::{Way, moment};
use super::{Failure, Materials, exit, watch};
use crate::desk::{DeskError, Metrics, Office, Standing, Stop};
use crate::exchange::Transport as _;
use crate::items::DateTime;
use crate::notice::Party;
use crate::sandbox::stop_signal;
use crate::store::{OutboxState, Store, StoreError};
use clap::Args;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// Without a word from the database a worker looks so often whether there is something to do.
const IDLE: Duration = Duration::from_secs(5);
/// The store is counted so often for whoever watches, if it does not take longer than a part of that.
const COUNT: Duration = Duration::from_secs(15);
/// The part.
const COUNT_PART: u32 = 50;
/// A store with more cases or messages is not counted before the first of them are on their way.
const COUNTED_FIRST: u64 = 20_000;
/// A worker asks so often how the lines stand that others found closed or left alone; of others it hears as often as it
/// counts.
const HEAR: Duration = Duration::from_secs(1);
/// What cannot work now is tried again after so long at first, and at most.
const AGAIN: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(10)];

/// A worker.
#[derive(Args, Clone, Debug)]
pub struct Work {
    /// Where data lives and with whom it is exchanged.
    #[command(flatten)]
    pub place: Place,
    /// 監視の待受アドレス（/healthz /readyz /metrics） / address for health and metrics
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// いま処理できるものがなくなったら終了 / end when there is nothing left to do now
    #[arg(long)]
    pub once: bool,
    /// ワーカー名（省略時はホスト名） / name of this worker
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// 持ち時間（秒）: これだけ沈黙したワーカーの作業は他へ移る / lease: silent for longer, a worker loses its work
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub lease: Duration,
    /// 停止の指示から終了までの猶予（秒） / time to end what is under way when asked to stop
    #[arg(long, value_name = "SECONDS", default_value = "25", value_parser = seconds)]
    pub grace: Duration,
    /// 通知を問い合わせる間隔（秒、全ワーカー合計） / notices are asked for so often, all workers together
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub poll: Duration,
    /// How long a message of unknown outcome is waited for.
    #[command(flatten)]
    pub settle: Settle,
    /// 再試行までの最初の待ち時間（秒、毎回倍） / first delay before a message is tried again; it doubles
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pub retry: Duration,
    /// ログの形式: text, json, none / form of the log on the error stream
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub log: Log,
}

/// ログの形式: the form of the log.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Log {
    /// Lines a person reads.
    Text,
    /// One JSON object a line.
    Json,
    /// None.
    None,
}

/// Works until it is told to stop, or with `--once` until there is nothing left to do now.
pub fn work(args: &Work) -> Result<ExitCode, Failure> {
    let flush = tell_by(args.log)?;
    let way = Way::configured(&args.place)?;
    let materials = Materials::published()?;
    let metrics = Arc::new(Metrics::default());
    metrics.ready(Err("starting".to_owned()));
    if let Some(address) = &args.listen {
        metrics.ask_lines(way.conditions());
        let place = args.place.clone();
        watch::listen(address, Arc::clone(&metrics), Arc::new(move || moment(&place)))?;
    }
    let stop = Stop::new(args.grace);
    let name = name(args.name.as_deref());
    let Work { lease, poll, retry, settle: Settle { settle }, .. } = *args;
    let lines = way.allowances();
    let pattern = Pattern { name: &name, lease, poll, settle, retry, lines: &lines, stop: &stop, metrics: &metrics };
    let done = block_on(async {
        let told = async {
            stop_signal().await;
            tracing::info!("asked to stop");
            stop.ask();
            std::future::pending().await
        };
        let renewed = async {
            renewals(&way).await;
            std::future::pending().await
        };
        tokio::select! {
            done = shifts(args, &way, &materials, pattern) => done,
            never = told => never,
            never = renewed => never,
        }
    })?;
    metrics.ready(Err("stopped".to_owned()));
    if let Some(flush) = flush {
        flush.flush();
    }
    done?;
    Ok(exit(0))
}

/// Shift after shift: what ends one that can be mended from outside begins the next.
async fn shifts(args: &Work, way: &Way, materials: &Materials, pattern: Pattern<'_>) -> Result<(), Failure> {
    let (mut wait, mut lost, mut begun_once) = (AGAIN[0], None, false);
    while !pattern.stop.is_asked() {
        let begun = Instant::now();
        let done = shift(args, way, materials, pattern, &mut lost).await;
        begun_once |= lost.is_some();
        let error = match done {
            Ok(()) => return Ok(()),
            Err(ShiftError::Final(failure)) => return Err(failure),
            // While keys are changed, a worker that was at work waits for the new one to come to its machine.
            Err(ShiftError::Store(error))
                if error.is_final() && !(begun_once && !args.once && error.is_about_keys()) =>
            {
                return Err(error.into());
            }
            Err(ShiftError::Store(error)) => error,
        };
        let said = error.to_string();
        tracing::error!(error = said, "the shift ended early");
        pattern.metrics.ready(Err(said));
        if begun.elapsed() > AGAIN[1] {
            wait = AGAIN[0];
        }
        tokio::select! { () = tokio::time::sleep(wait) => {}, () = pattern.stop.asked() => {} }
        wait = (wait * 2).min(AGAIN[1]);
    }
    Ok(())
}

enum ShiftError {
    /// A person has to do something about the call itself.
    Final(Failure),
    /// The store failed: it may be over later.
    Store(StoreError),
}

impl From<StoreError> for ShiftError {
    fn from(error: StoreError) -> ShiftError {
        ShiftError::Store(error)
    }
}

impl From<DeskError> for ShiftError {
    fn from(error: DeskError) -> ShiftError {
        match error {
            DeskError::Store(error) => error.into(),
            other => ShiftError::Final(other.into()),
        }
    }
}

async fn shift(
    args: &Work,
    way: &Way,
    materials: &Materials,
    pattern: Pattern<'_>,
    lost: &mut Option<i64>,
) -> Result<(), ShiftError> {
    let mut store: Store = args.place.shelf.open()?;
    if let Some(worker) = lost.take() {
        // What it had in hand need not wait for its lease: it was this process.
        store.give_up(worker)?;
    }
    let notice = FolderNotice::of(&mut store)?.known().map_err(ShiftError::Final)?;
    let mut office = way.office(store, materials, notice);
    let shift = Shift::begin(&mut office, pattern)?;
    *lost = Some(shift.worker);
    pattern.metrics.hold(shift.lease());
    pattern.metrics.ready(Ok(()));
    rounds(args, way, &mut office, &shift, pattern).await?;
    shift.end(&mut office)?;
    *lost = None;
    Ok(())
}

async fn rounds(
    args: &Work,
    way: &Way,
    office: &mut Office<'_, Way>,
    shift: &Shift,
    pattern: Pattern<'_>,
) -> Result<(), ShiftError> {
    let Pattern { metrics, stop, lease, .. } = pattern;
    let woken = office.store.woken();
    let shared = office.store.is_shared();
    let (mut recovered, mut heard): (Option<Instant>, Option<Instant>) = (None, None);
    let mut count = Count::new(args.listen.is_some() && office.store.read(|tx| tx.highest_number())? <= COUNTED_FIRST);
    let over = |at: Option<Instant>, time| at.is_none_or(|at| at.elapsed() >= time);
    while !stop.is_asked() {
        let now = moment(&args.place);
        metrics.tick(office.store.commits());
        way.look_again(false);
        if !shift.lease().holds(Duration::ZERO) {
            // The heart beats again soon, or the next commit says that the work is gone.
            tokio::select! { () = tokio::time::sleep(AGAIN[0]) => {}, () = stop.asked() => {} }
            office.recover(now)?;
            continue;
        }
        if over(heard, if way.is_left_alone() { HEAR } else { COUNT }) {
            office.hear_lines()?;
            heard = Some(Instant::now());
        }
        if over(recovered, if shared { lease / 2 } else { Duration::MAX }) {
            let taken = office.recover(now)?;
            metrics.took_over(taken);
            recovered = Some(Instant::now());
        }
        if count.is_due() {
            count.count(office, way, metrics, now)?;
        }
        let moved = office.step(now).await?;
        count.may_begin(args.listen.is_some());
        if moved {
            continue;
        }
        // What waits for a counterparty that is closed waits for the next call.
        if args.once && (way.waiting(Party::OCCTO).is_some() || !has_open(office, way)?) {
            return Ok(());
        }
        let idle = if args.once { pattern.retry.min(IDLE) } else { IDLE };
        loop {
            let told = async {
                match &woken {
                    Some(woken) => woken.notified().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! { () = told => {}, () = tokio::time::sleep(idle) => {}, () = stop.asked() => {} }
            if args.once || !shared || stop.is_asked() || office.store.read_one(|tx| tx.has_work())? {
                break;
            }
            metrics.tick(office.store.commits());
            way.look_again(false);
            if over(heard, COUNT) {
                office.hear_lines()?;
                heard = Some(Instant::now());
            }
        }
    }
    Ok(())
}

/// Looks at the certificates at once whenever it is told to by SIGHUP.
async fn renewals(way: &Way) {
    #[cfg(unix)]
    if let Ok(mut signal) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()) {
        while signal.recv().await.is_some() {
            tracing::info!("asked to look at the certificates");
            way.look_again(true);
        }
    }
    #[cfg(not(unix))]
    let _ = way;
}

/// When the store is counted for whoever watches.
struct Count {
    /// Nothing where nobody watches, or it is not counted yet.
    next: Option<Instant>,
}

impl Count {
    fn new(at_once: bool) -> Count {
        Count { next: at_once.then(Instant::now) }
    }

    fn may_begin(&mut self, watched: bool) {
        if watched {
            self.next.get_or_insert_with(Instant::now);
        }
    }

    fn is_due(&self) -> bool {
        self.next.is_some_and(|next| Instant::now() >= next)
    }

    fn count(
        &mut self,
        office: &mut Office<'_, Way>,
        way: &Way,
        metrics: &Metrics,
        now: DateTime,
    ) -> Result<(), StoreError> {
        let begun = Instant::now();
        let (outbox, cases) = office.store.read(|tx| Ok((tx.outbox_depths()?, tx.stage_counts()?)))?;
        metrics.certificates(way.certificate_days(now));
        metrics.stand(Standing { outbox, cases, at: Some(now) });
        self.next = Some(Instant::now() + COUNT.max(begun.elapsed() * COUNT_PART));
        Ok(())
    }
}

/// Whether anything is left to be said or asked now, by whomever: what waits for a counterparty that is closed is not.
fn has_open(office: &mut Office<'_, Way>, way: &Way) -> Result<bool, StoreError> {
    office.store.read(|tx| {
        let goes_on = |(state, recipient): &(OutboxState, Party)| {
            *state != OutboxState::Queued || way.waiting(*recipient).is_none()
        };
        Ok(tx.open_of_cases()?.iter().any(goes_on) || tx.has_active_cases()?)
    })
}

/// Where the log goes: the error stream, as lines a person reads or as JSON; and where spans go, if anywhere.
fn tell_by(log: Log) -> Result<Option<Flush>, Failure> {
    let level = std::env::var("OCCTO_LOG").ok().and_then(|text| text.parse().ok()).unwrap_or(tracing::Level::INFO);
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false);
    let lines = match log {
        Log::None => None,
        Log::Text => Some(lines.boxed()),
        Log::Json => Some(lines.json().boxed()),
    };
    let traces = traces::endpoint().map(Traces::to).transpose().map_err(|error| {
        Failure::usage(format!("追跡の送信を始められません（{error}） / cannot begin to send traces: {error}"))
    })?;
    let flush = traces.as_ref().map(Traces::flush);
    let told = tracing_subscriber::registry().with(LevelFilter::from_level(level)).with(lines).with(traces);
    told.try_init().map_err(|error| Failure::usage(format!("ログを用意できません / no log: {error}")))?;
    Ok(flush)
}

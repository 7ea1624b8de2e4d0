//! 進捗: a bar on the terminal while cases move or files come.

use crate::desk::Progress;
use crate::desk::metering::{IngestProgress, Meterage};
use crate::exchange::fetch::Step;
use crate::items::Date;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A bar over the cases of a batch; nothing is drawn where the error stream is not a terminal.
pub struct Bar(ProgressBar);

/// A bar for so many cases.
#[must_use]
pub fn bar(cases: u64) -> Bar {
    let bar = ProgressBar::with_draw_target(Some(cases), ProgressDrawTarget::stderr_with_hz(10));
    let style = ProgressStyle::with_template("{msg} [{bar:32}] {pos}/{len} {elapsed}");
    if let Ok(style) = style {
        bar.set_style(style.progress_chars("=> "));
    }
    Bar(bar)
}

impl Bar {
    /// Shows how far the cases are, on which day of the run, and how many messages went out: the same in every language.
    pub fn tell(&self, day: Date, progress: Progress) {
        self.0.set_position(progress.ended);
        self.0.set_message(format!("{day} ↑{}", progress.sent));
    }
    /// Takes the bar away.
    pub fn done(&self) {
        self.0.finish_and_clear();
    }
}

/// A bar over files that are fetched.
pub struct FilesBar {
    bar: ProgressBar,
    octets: Cell<u64>,
}

/// A bar for files whose number comes with the listings.
#[must_use]
pub fn files() -> FilesBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template("[{bar:32}] {pos}/{len} {msg} {elapsed}") {
        bar.set_style(style.progress_chars("=> "));
    }
    FilesBar { bar, octets: Cell::new(0) }
}

impl FilesBar {
    /// Shows what came.
    pub fn tell(&self, step: Step) {
        match step {
            Step::Wanted(files) => self.bar.inc_length(files),
            Step::Settled => self.bar.inc(1),
            Step::Octets(count) => {
                self.octets.set(self.octets.get() + count);
                let (megabytes, seconds) = (self.octets.get() as f64 / 1e6, self.bar.elapsed().as_secs_f64());
                self.bar.set_message(format!("{megabytes:.1} MB {:.1} MB/s", megabytes / seconds.max(0.001)));
            }
        }
    }
    /// Takes the bar away.
    pub fn done(&self) {
        self.bar.finish_and_clear();
    }
}

/// A bar over files that are taken in: drawn once a second has passed.
pub struct IntakeBar {
    bar: ProgressBar,
    start: Instant,
}

/// A bar over octets of files.
#[must_use]
pub fn intake() -> IntakeBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template("[{bar:32}] {percent}% {msg} {elapsed}") {
        bar.set_style(style.progress_chars("=> "));
    }
    IntakeBar { bar, start: Instant::now() }
}

impl IntakeBar {
    /// Shows how far the work has come, in MB of XML and records a second.
    pub fn tell(&self, now: IngestProgress) {
        let seconds = self.start.elapsed().as_secs_f64();
        if seconds < 1.0 {
            return;
        }
        self.bar.set_length(now.all);
        self.bar.set_position(now.done);
        let (megabytes, records) = (now.xml as f64 / 1e6 / seconds, now.records as f64 / seconds);
        self.bar.set_message(format!("{megabytes:.1} MB/s {records:.0} records/s"));
    }
    /// Takes the bar away; gives how long it all took, in seconds.
    pub fn done(&self) -> f64 {
        self.bar.finish_and_clear();
        self.start.elapsed().as_secs_f64()
    }
}

/// The width of the terminal, where there is one.
#[must_use]
pub fn terminal_width() -> Option<u16> {
    terminal_size::terminal_size().map(|(width, _)| width.0)
}

/// Does work over files of meter data while a bar shows how far it is, with MB/s and records/s. Work of less than a second
/// has no bar.
pub fn metering<T>(all: u64, meterage: &Meterage, work: impl FnOnce() -> T) -> T {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let begin = Instant::now();
            let mut bar = None;
            while !done.load(Ordering::Acquire) {
                std::thread::park_timeout(Duration::from_millis(100));
                let seconds = begin.elapsed().as_secs_f64();
                if seconds < 1.0 {
                    continue;
                }
                let bar = bar.get_or_insert_with(|| {
                    let bar = ProgressBar::with_draw_target(Some(all), ProgressDrawTarget::stderr_with_hz(10));
                    if let Ok(style) = ProgressStyle::with_template("[{bar:32}] {percent}% {msg} {elapsed}") {
                        bar.set_style(style.progress_chars("=> "));
                    }
                    bar
                });
                let [octets, xml, records] =
                    [&meterage.octets, &meterage.xml, &meterage.records].map(|count| count.load(Ordering::Relaxed));
                let rate = |count: u64| count as f64 / seconds;
                bar.set_position(octets.min(all));
                bar.set_message(format!("{:.1} MB/s {:.0} records/s", rate(xml) / 1e6, rate(records)));
            }
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
        });
        let result = work();
        done.store(true, Ordering::Release);
        result
    })
}

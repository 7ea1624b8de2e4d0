//! 進捗: a bar on the terminal while cases move.

use crate::desk::Progress;
use crate::items::Date;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

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

/// The width of the terminal, where there is one.
#[must_use]
pub fn terminal_width() -> Option<u16> {
    terminal_size::terminal_size().map(|(width, _)| width.0)
}

//! 時計: the time in Japan as the line sees it, or a clock that begins elsewhere, for practising.

use crate::items::DateTime;
use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use tokio::time::Instant;

/// 時計: JST. Decisions get the moment as an argument; this is where it comes from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock(Option<(DateTime, Instant)>);

impl Clock {
    /// The clock of this machine, in Japan.
    #[must_use]
    pub const fn japan() -> Clock {
        Clock(None)
    }

    /// A clock that says this moment now, and goes on from there.
    #[must_use]
    pub fn starting(at: DateTime) -> Clock {
        Clock(Some((at, Instant::now())))
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> DateTime {
        match self.0 {
            None => Timestamp::now().to_zoned(TimeZone::fixed(offset(9))).datetime(),
            Some((at, since)) => at.checked_add(since.elapsed()).unwrap_or(at),
        }
    }
}

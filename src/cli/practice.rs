//! A run against the built-in sandbox: its clock moves from event to event until nothing more happens.

use super::Failure;
use crate::desk::{Office, Progress};
use crate::exchange::Transport;
use crate::items::{Date, DateTime};
use crate::sandbox::Wish;

/// What a run needs of its sandbox besides the transport.
pub trait World {
    /// The moment of the virtual clock.
    fn now(&self) -> DateTime;
    /// The customers' wishes that are due.
    fn due_wishes(&self, today: Date) -> Vec<Wish>;
    /// The next day on which something happens.
    fn next_event_date(&self) -> Option<Date>;
    /// Lets days pass.
    fn advance_to(&self, date: Date);
}

/// Takes every case to its end; gives the last moment of the clock.
pub async fn until_nothing_happens<T: Transport>(
    office: &mut Office<'_, T>,
    world: &impl World,
    tell: &mut dyn FnMut(Date, Progress),
) -> Result<DateTime, Failure> {
    let mut total = Progress::default();
    loop {
        let now = world.now();
        for wish in world.due_wishes(now.date()) {
            if let Some(receipt) = &wish.receipt {
                office.cancel(receipt.as_str(), wish.kind, now)?;
            }
        }
        let before = total;
        let done = office
            .advance(now, &mut |progress| tell(now.date(), before.plus(progress)))
            .await?;
        total = before.plus(done);
        match world.next_event_date() {
            Some(date) if date > now.date() => world.advance_to(date),
            Some(_) | None => return Ok(world.now()),
        }
    }
}

//! 算定に要るコマ: which slots of a day a computation reads, so that no others need to be fetched.

use super::method::Kind;
use super::{Event, Method};
use crate::items::{Slot, SlotSet};

/// The slots that the baselines of events are computed from, on whichever days: those of the events, of their windows, and
/// all where whole days are compared. What [`super::compute`] gives with these slots alone is what it gives with all, its
/// digest among it.
#[must_use]
pub fn slots_read(method: &Method, events: &[Event]) -> SlotSet {
    let spans = match method.kind {
        Kind::HighOf(rule) => rule.window,
        Kind::Around(spans) => Some(spans),
        Kind::Submitted => None,
        Kind::Nearest(_) => return SlotSet::ALL,
    };
    let mut slots = SlotSet::EMPTY;
    // An event across midnight may be taken as one or as two, each with a window of its own.
    for event in events.iter().flat_map(|event| event.split().into_iter().chain([*event])) {
        let own = 0..i64::try_from(event.len()).unwrap_or(48);
        let window = spans.map(|spans| spans.offsets(event.len())).into_iter().flatten();
        for offset in own.chain(window) {
            let slot = (event.start() + offset).rem_euclid(48) + 1;
            if let Some(slot) = u8::try_from(slot).ok().and_then(Slot::new) {
                slots.insert(slot);
            }
        }
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::Methods;
    use jiff::civil::date;

    #[test]
    fn the_slots_of_event_and_window_are_read() {
        let methods = Methods::published().unwrap();
        let of = |key: &str, slots: &str| {
            let event = Event::parse(date(2026, 8, 19), slots).unwrap();
            let read = slots_read(methods.get(key).unwrap(), &[event]);
            read.iter().map(Slot::number).collect::<Vec<_>>()
        };
        assert_eq!(of("high-4-of-5", "34-37"), [24, 25, 26, 27, 28, 29, 34, 35, 36, 37]);
        assert_eq!(of("high-4-of-5-unadjusted", "34-37"), [34, 35, 36, 37]);
        // From the day before; and as two events.
        assert_eq!(of("high-4-of-5", "47-2"), [1, 2, 37, 38, 39, 40, 41, 42, 43, 44, 47, 48]);
        assert_eq!(of("same-type-day", "34").len(), 48);
    }
}

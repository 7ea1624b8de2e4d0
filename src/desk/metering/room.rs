//! 流量: how much may be under way between two threads.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Room for so much; what is too large for it goes alone.
pub(super) struct Room {
    limit: u64,
    taken: Mutex<u64>,
    freed: Condvar,
}

/// Room that is taken until it is dropped.
pub(super) struct Held {
    room: Arc<Room>,
    weight: u64,
}

impl Room {
    pub(super) fn new(limit: u64) -> Arc<Room> {
        Arc::new(Room { limit, taken: Mutex::new(0), freed: Condvar::new() })
    }

    /// Waits until there is room.
    pub(super) fn take(self: &Arc<Room>, weight: u64) -> Held {
        let full = |taken: &mut u64| *taken > 0 && taken.saturating_add(weight) > self.limit;
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = self.freed.wait_while(taken, full).unwrap_or_else(PoisonError::into_inner);
        *taken = taken.saturating_add(weight);
        drop(taken);
        Held { room: Arc::clone(self), weight }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut taken = self.room.taken.lock().unwrap_or_else(PoisonError::into_inner);
        *taken = taken.saturating_sub(self.weight);
        self.room.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn no_more_is_under_way_than_there_is_room_for_and_what_is_too_large_goes_alone() {
        let room = Room::new(10);
        let (now, most) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for weight in [3, 4, 5, 25, 1, 9] {
                let (room, now, most) = (&room, &now, &most);
                scope.spawn(move || {
                    for _ in 0..50 {
                        let held = room.take(weight);
                        let all = now.fetch_add(weight, Ordering::SeqCst) + weight;
                        assert!(all <= 10 || all == 25, "{all}");
                        most.fetch_max(all, Ordering::SeqCst);
                        std::thread::yield_now();
                        now.fetch_sub(weight, Ordering::SeqCst);
                        drop(held);
                    }
                });
            }
        });
        assert_eq!((*room.taken.lock().unwrap(), most.into_inner()), (0, 25));
    }
}

//! The agenda of a timed run: what will happen, ordered by time, and at one instant by the order of scheduling.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::time::Duration;

/// A queue of items, each due at its time. Items due at the same time keep the order of scheduling, so that a
/// run does not depend on how the heap is built.
#[derive(Debug)]
pub(crate) struct Agenda<T> {
    heap: BinaryHeap<Reverse<Scheduled<T>>>,
    scheduled: u64,
}

/// An item's place in the order: its time, and the number of items scheduled before it. Small, since the heap
/// moves it about; 64 bits of nanoseconds last for centuries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DueTime {
    nanos: u64,
    order: u64,
}

/// A time in nanoseconds; the greatest number if it does not fit.
pub(crate) fn nanos_of(time: Duration) -> u64 {
    let seconds = time.as_secs().checked_mul(1_000_000_000);
    seconds.and_then(|nanos| nanos.checked_add(u64::from(time.subsec_nanos()))).unwrap_or(u64::MAX)
}

impl DueTime {
    /// Both numbers as one, which takes one comparison.
    fn key(self) -> u128 {
        u128::from(self.nanos) << 64 | u128::from(self.order)
    }

    pub(crate) fn time(self) -> Duration {
        Duration::from_nanos(self.nanos)
    }
}

#[derive(Debug)]
struct Scheduled<T> {
    when: DueTime,
    what: T,
}

impl<T> PartialEq for Scheduled<T> {
    fn eq(&self, other: &Self) -> bool {
        self.when == other.when
    }
}

impl<T> Eq for Scheduled<T> {}

impl<T> PartialOrd for Scheduled<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Scheduled<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.when.key().cmp(&other.when.key())
    }
}

impl<T> Agenda<T> {
    pub(crate) fn new() -> Self {
        Agenda { heap: BinaryHeap::new(), scheduled: 0 }
    }

    /// Reserves a place in the order for an item that is due at `time`. A timer that is armed again and again
    /// keeps the place of its last arming, even though its item is put on the agenda later.
    pub(crate) fn place(&mut self, time: Duration) -> DueTime {
        self.place_after(time, 0)
    }

    /// The same for an item that is due this many nanoseconds after `time`.
    pub(crate) fn place_after(&mut self, time: Duration, nanos: u64) -> DueTime {
        self.scheduled += 1;
        DueTime { nanos: nanos_of(time).saturating_add(nanos), order: self.scheduled }
    }

    /// Adds an item at a place from [`Agenda::place`].
    pub(crate) fn put(&mut self, when: DueTime, what: T) {
        self.heap.push(Reverse(Scheduled { when, what }));
    }

    /// Adds an item that is due at `time`, after everything that is already scheduled for that time.
    pub(crate) fn schedule(&mut self, time: Duration, what: T) {
        let when = self.place(time);
        self.put(when, what);
    }

    /// The time of the next item.
    pub(crate) fn next_time(&self) -> Option<Duration> {
        self.heap.peek().map(|Reverse(next)| next.when.time())
    }

    /// Takes out the next item.
    pub(crate) fn pop(&mut self) -> Option<(DueTime, T)> {
        self.heap.pop().map(|Reverse(next)| (next.when, next.what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earliest_first_and_ties_in_the_order_of_scheduling() {
        let mut agenda = Agenda::new();
        let ms = Duration::from_millis;
        let kept = agenda.place(ms(5));
        for (time, what) in [(9, "d"), (5, "b"), (1, "a"), (5, "c")] {
            agenda.schedule(ms(time), what);
        }
        agenda.put(kept, "placed before b");
        let order: Vec<_> = std::iter::from_fn(|| agenda.pop()).map(|(_, what)| what).collect();
        assert_eq!(order, ["a", "placed before b", "b", "c", "d"]);
    }
}

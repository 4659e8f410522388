//! Exercise 1.9: the event queue at the heart of a deterministic simulator.
//!
//! Nothing in it waits: time is a number that jumps from one event to the next. The same events always
//! lead to the same run, on every machine, however long the simulated time.

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::{ServerId, Timer};

/// What is going to happen, ordered by time, and at one instant by the order of scheduling.
#[derive(Debug)]
pub struct EventQueue<T> {
    now: Duration,
    /// What is going to happen: by time, then by the number of the call that scheduled it.
    scheduled: BTreeMap<(Duration, u64), T>,
    /// The place in `scheduled` of each armed timer.
    timers: BTreeMap<(ServerId, Timer), (Duration, u64)>,
    /// How many events were scheduled so far.
    count: u64,
}

impl<T> EventQueue<T> {
    /// An empty queue, at time zero.
    pub fn new() -> Self {
        EventQueue {
            now: Duration::ZERO,
            scheduled: BTreeMap::new(),
            timers: BTreeMap::new(),
            count: 0,
        }
    }

    /// The present: the time of the event that was taken out last.
    pub fn now(&self) -> Duration {
        self.now
    }

    /// Schedules `event` to happen `after` from now, and returns its place in the queue.
    pub fn schedule(&mut self, after: Duration, event: T) -> (Duration, u64) {
        // Exercise 1.9: two events at one instant happen in the order in which they were scheduled.
        let place = (self.now + after, self.count);
        self.count += 1;
        self.scheduled.insert(place, event);
        place
    }

    /// Arms a timer of a server: `event` happens `after` from now, and no longer at the time for
    /// which the same timer was armed before.
    pub fn set_timer(&mut self, server: ServerId, timer: Timer, after: Duration, event: T) {
        // Exercise 1.9: re-arming cancels the earlier time.
        let place = self.schedule(after, event);
        if let Some(previous) = self.timers.insert((server, timer), place) {
            self.scheduled.remove(&previous);
        }
    }

    /// Takes out the next event, and moves the present to its time. `None` if nothing is scheduled.
    pub fn pop(&mut self) -> Option<T> {
        // Exercise 1.9: the earliest first; time never goes back.
        let ((time, _), event) = self.scheduled.pop_first()?;
        self.now = time;
        Some(event)
    }
}

impl<T> Default for EventQueue<T> {
    fn default() -> Self {
        Self::new()
    }
}

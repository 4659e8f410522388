//! Exercise 1.9: the event queue at the heart of a deterministic simulator.
//!
//! Nothing in it waits. Time jumps to the next event, so one list of events means one run, on every
//! machine.

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

    /// Schedules `event` to happen `after` from now. Returns its place.
    pub fn schedule(&mut self, after: Duration, event: T) -> (Duration, u64) {
        // Exercise 1.9: events of one instant keep their order.
        // Approach: the pair of time and number is a place that no other event has.
        let place = (self.now + after, self.count);
        self.count += 1;
        self.scheduled.insert(place, event);
        place
    }

    /// Arms a server's timer, in place of an earlier setting: `event` happens `after` from now.
    pub fn set_timer(&mut self, server: ServerId, timer: Timer, after: Duration, event: T) {
        // Exercise 1.9: each server has its own timers.
        // Approach: the earlier place may have been taken out already; then there is nothing to
        // remove.
        let place = self.schedule(after, event);
        if let Some(previous) = self.timers.insert((server, timer), place) {
            self.scheduled.remove(&previous);
        }
    }

    /// Takes out the next event, if there is one. Its time becomes the present.
    pub fn pop(&mut self) -> Option<T> {
        // Exercise 1.9: the earliest event.
        // Approach: only this moves the present, and never back.
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

//! Notices a run in which events follow one another and no time passes.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::Stop;

/// More events than this at one instant mean a run that never gets any further. When every server of the
/// largest cluster is busy, there are a few hundred.
const ENDLESS: u64 = 20_000;

/// The last of them are counted by kind, for the report. Counting all of them would slow down every run.
const COUNTED: u64 = 1_000;

/// How many kinds of events the report names.
const NAMED: usize = 3;

/// The events at the present instant.
#[derive(Debug, Default)]
pub(super) struct Standstill {
    time: Duration,
    events: u64,
    kinds: BTreeMap<String, u64>,
}

impl Standstill {
    /// Counts an event at `now`.
    ///
    /// # Errors
    /// If there were too many at this instant.
    #[inline]
    pub(super) fn count(&mut self, now: Duration) -> Result<(), Stop> {
        if self.time != now {
            if self.is_near() {
                self.kinds.clear();
            }
            (self.time, self.events) = (now, 0);
        }
        self.events += 1;
        if self.events < ENDLESS { Ok(()) } else { Err(self.endless()) }
    }

    fn endless(&mut self) -> Stop {
        let mut mostly: Vec<_> = std::mem::take(&mut self.kinds).into_iter().collect();
        mostly.sort_by_key(|&(_, times)| Reverse(times));
        mostly.truncate(NAMED);
        Stop::Endless { at: self.time, events: self.events, mostly }
    }

    /// Whether the run is about to end, so that it matters what its events are.
    #[inline]
    pub(super) fn is_near(&self) -> bool {
        self.events > ENDLESS - COUNTED
    }

    /// Notes what an event is.
    pub(super) fn note(&mut self, kind: String) {
        *self.kinds.entry(kind).or_default() += 1;
    }
}

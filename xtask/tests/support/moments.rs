//! When tests kill a command, and how often.

use std::time::Duration;

/// Moments at which to kill, the same in every run of the test: a generator of Lehmer's.
pub(crate) struct Moments(pub(crate) u64);

impl Moments {
    fn next(&mut self) -> u64 {
        self.0 = self.0 * 48_271 % 0x7fff_ffff;
        self.0
    }

    /// A moment in this time, in thousandths of it.
    pub(crate) fn within(&mut self, time: Duration) -> Duration {
        time * u32::try_from(self.next() % 1_000).unwrap() / 1_000
    }
}

/// How often each of these tests kills a command: together some hundred times, and more in `verify --full`.
pub(crate) fn kills() -> usize {
    let asked = std::env::var("RAFT_LAB_KILLS").ok().map(|text| text.parse().expect("a number"));
    asked.unwrap_or(12)
}

//! The faults that drivers meet.

use std::ops::Range;
use std::time::Duration;

/// The faults of a run with drivers. Probabilities are in percent.
#[derive(Clone, Debug)]
pub struct DriverFaults {
    /// How long a message is in flight.
    pub delay: Range<Duration>,
    /// The probability that a message is lost.
    pub lose: u8,
    /// The probability that a message arrives twice.
    pub duplicate: u8,
    /// How long a turn takes, because of its fsync. What arrives in the meantime is in the next batch.
    pub turn: Range<Duration>,
    /// The average time until some server goes down; `None` for none. At a random point of a turn: between
    /// turns, or inside a write, of which any number of bytes may survive.
    pub crash_every: Option<Duration>,
    /// The probability that a server goes down because an fsync fails, and not by a crash.
    pub failing_sync: u8,
    /// How long a server stays down.
    pub down: Range<Duration>,
    /// How many replies to the earlier lives of a server arrive after each of its restarts: a peer may have kept them
    /// in its queue.
    pub replies_from_earlier_lives: usize,
}

impl DriverFaults {
    /// Delays of a few milliseconds, and nothing else.
    pub fn calm() -> Self {
        let ms = Duration::from_millis;
        DriverFaults {
            delay: ms(1)..ms(10),
            lose: 0,
            duplicate: 0,
            turn: ms(0)..ms(4),
            crash_every: None,
            failing_sync: 0,
            down: ms(50)..ms(400),
            replies_from_earlier_lives: 0,
        }
    }

    /// All kinds of faults.
    pub fn stormy() -> Self {
        let ms = Duration::from_millis;
        DriverFaults {
            delay: ms(1)..ms(60),
            lose: 5,
            duplicate: 5,
            turn: ms(0)..ms(30),
            crash_every: Some(ms(300)),
            failing_sync: 20,
            replies_from_earlier_lives: 300,
            ..Self::calm()
        }
    }
}

//! Why a run ended early.

use std::fmt;
use std::time::Duration;

use protocol::ServerId;
use serde::Serialize;

use crate::{Breach, CaughtPanic, EventSummary};

/// Why a run ended early.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Stop {
    /// A property did not hold.
    Breach(Box<Breach>),
    /// A server panicked.
    Panic {
        /// The server whose code panicked.
        server: ServerId,
        /// The event that it was handling.
        told: EventSummary,
        /// The message of the panic, and where it came from.
        panicked: Box<CaughtPanic>,
    },
    /// A server gave up although its disk works.
    Failed {
        /// The server that gave up.
        server: ServerId,
        /// The error that it returned.
        error: String,
    },
    /// Events follow one another, and no time passes.
    Endless {
        /// The virtual time at which this happened.
        at: Duration,
        /// The number of events at that time.
        events: u64,
        /// The most frequent events, and how often each happened.
        mostly: Vec<(String, u64)>,
    },
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Breach(breach) => breach.fmt(f),
            Stop::Panic { server, panicked, .. } => match &panicked.todo {
                Some(exercise) => write!(f, "{server} needs exercise {exercise}"),
                None => write!(
                    f,
                    "{server} panicked: {} ({}:{})",
                    panicked.message, panicked.file, panicked.line
                ),
            },
            Stop::Failed { server, error } => write!(f, "{server} gave up: {error}"),
            Stop::Endless { at, events, mostly } => {
                write!(f, "{events} events at {} ms, and no time passes", at.as_millis())?;
                mostly.iter().try_for_each(|(what, times)| write!(f, "; {times} times {what}"))
            }
        }
    }
}

impl std::error::Error for Stop {}

impl From<Breach> for Stop {
    fn from(breach: Breach) -> Self {
        Stop::Breach(Box::new(breach))
    }
}

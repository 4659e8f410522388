//! What can be wrong in a run with drivers.

use std::fmt;

use protocol::{Index, ServerId};

use crate::Breach;

/// What was wrong in a run with drivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// A property did not hold.
    Breach(Box<Breach>),
    /// A leader has counted an acknowledgement that no server has given to it (§5.3): a driver can bring a server
    /// a reply to another call, or to a call of an earlier life.
    FalseAcknowledgement {
        /// The leader.
        leader: ServerId,
        /// The index up to which it has committed.
        commit: Index,
        /// The servers that hold its log up to there, itself among them: no majority.
        holders: Vec<ServerId>,
    },
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Breach(breach) => breach.fmt(f),
            Wrong::FalseAcknowledgement { leader, commit, holders } => write!(
                f,
                "{leader} has committed up to index {commit}, and only {holders:?} have acknowledged that"
            ),
        }
    }
}

impl std::error::Error for Wrong {}

impl From<Breach> for Wrong {
    fn from(breach: Breach) -> Self {
        Wrong::Breach(Box::new(breach))
    }
}

//! What was found, as a way to it.

use protocol::Members;

use super::liveness::EndStep;
use crate::{Action, Linearizability, Scripted, Stop};

/// What a search has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The run ends: a property does not hold, or a server panics.
    Stop(Stop),
    /// No order explains what clients saw.
    NotLinearizable(Linearizability),
    /// Some server that is up could win an election by its log, but none of these comes to lead, with all others down.
    NoLeader(Members),
    /// One of these leads, with all others down, but a command is not committed.
    NoCommit(Members),
}

/// What was found, and the shortest way to it.
#[derive(Debug)]
pub struct Violation {
    /// What was found.
    pub finding: Finding,
    /// The way, as actions of a script.
    pub actions: Vec<Action>,
    /// What was tried after it, if a leader should have come about.
    pub ending: Vec<EndStep>,
    /// The world at its end, with the trace of the whole run.
    pub world: Scripted,
}

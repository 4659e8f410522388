//! What was found, and the way to it.

use protocol::{Index, Members, ServerId, Timer};

use crate::{Action, Linearizability, Scripted, Stop};

/// What a search has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The run ends: a property does not hold, or a server panics.
    Stop(Stop),
    /// No order explains what clients saw.
    NotLinearizable(Linearizability),
    /// One of these servers could win an election by its log, but none of them becomes leader while all others are
    /// down.
    NoLeader(Members),
    /// One of these servers becomes leader while all others are down, but it does not commit a command.
    NoCommit(Members),
}

/// What was found, and the shortest way to it.
#[derive(Debug)]
pub struct Violation {
    /// What was found.
    pub finding: Finding,
    /// The way, as actions of a script.
    pub actions: Vec<Action>,
    /// What was tried after it, if a leader should have been elected.
    pub ending: Vec<EndStep>,
    /// The world at its end, with the trace of the whole run.
    pub world: Scripted,
}

/// What was tried in a state from which a leader should be elected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndStep {
    /// All messages in the network are lost.
    Lose,
    /// All servers but these are cut off.
    OnlyUp(Members),
    /// Everything in the network is delivered.
    Deliver,
    /// A timer runs out.
    Fire(ServerId, Timer),
    /// A client sends a server a command.
    Command(ServerId),
    /// One of the servers must lead.
    ExpectLeader,
    /// A server must have committed up to this index.
    ExpectCommit(ServerId, Index),
}

impl EndStep {
    /// The command of [`EndStep::Command`], which a leader must commit.
    pub const COMMAND: &'static str = "set live yes";
}

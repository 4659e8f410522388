//! Evidence that a property of Figure 3 does not hold in an execution. Where two servers are
//! involved, each pair names what belongs to the first server first.

use serde::{Deserialize, Serialize};

use crate::{Index, ServerId, Term};

/// Two servers were elected in one term, which contradicts Election Safety.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwoLeaders {
    /// The term.
    pub term: Term,
    /// The two servers.
    pub servers: [ServerId; 2],
    /// The numbers of the moments at which they were elected.
    pub moments: [usize; 2],
}

/// A leader has overwritten or deleted an entry of its log, which contradicts Leader Append-Only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rewritten {
    /// The leader.
    pub server: ServerId,
    /// The term that it leads.
    pub term: Term,
    /// The entry's index.
    pub index: Index,
    /// The number of the moment at which its log changed.
    pub moment: usize,
}

/// Two logs have an entry with the same index and term, but differ up to that index, which
/// contradicts Log Matching.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mismatch {
    /// The index at which both have an entry with the same term.
    pub index: Index,
    /// That term.
    pub term: Term,
    /// Whose logs they are.
    pub servers: [ServerId; 2],
    /// The numbers of the moments at which the servers had these logs.
    pub moments: [usize; 2],
}

/// Different entries were applied at one index, which contradicts State Machine Safety.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwoEntries {
    /// The index.
    pub index: Index,
    /// The servers that applied them.
    pub servers: [ServerId; 2],
    /// The numbers of the moments at which they did.
    pub moments: [usize; 2],
}

/// A leader lacks an entry that was committed in an earlier term, which contradicts Leader
/// Completeness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The index at which the entry should be.
    pub index: Index,
    /// The server that knew it to be committed, and the leader that lacks it.
    pub servers: [ServerId; 2],
    /// The term in which it was committed, and the term of the leader.
    pub terms: [Term; 2],
    /// The numbers of two moments: the one at which it was committed, and one at which the leader
    /// is leader and lacks it.
    pub moments: [usize; 2],
}

//! What shows that a property of Figure 3 does not hold in an execution. Where two servers are
//! concerned, what belongs to the first stands first in each of the pairs.

use serde::{Deserialize, Serialize};

use crate::{Index, ServerId, Term};

/// Two servers were elected in one term: against Election Safety.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwoLeaders {
    /// The term.
    pub term: Term,
    /// The two.
    pub servers: [ServerId; 2],
    /// The numbers of the moments at which they were elected.
    pub moments: [usize; 2],
}

/// A leader has overwritten or deleted an entry of its log: against Leader Append-Only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rewritten {
    /// The leader.
    pub server: ServerId,
    /// The term that it leads.
    pub term: Term,
    /// Where the entry stood.
    pub index: Index,
    /// The number of the moment at which its log changed.
    pub moment: usize,
}

/// Two logs have an entry of the same index and term, and are not the same up to there: against Log
/// Matching.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mismatch {
    /// Where both have an entry of the same term.
    pub index: Index,
    /// That term.
    pub term: Term,
    /// Whose logs they are.
    pub servers: [ServerId; 2],
    /// The numbers of the moments at which the logs were so.
    pub moments: [usize; 2],
}

/// Different entries were applied at one index: against State Machine Safety.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwoEntries {
    /// The index.
    pub index: Index,
    /// Who applied them.
    pub servers: [ServerId; 2],
    /// The numbers of the moments at which they did.
    pub moments: [usize; 2],
}

/// A leader lacks an entry that was committed in an earlier term: against Leader Completeness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Where the entry should be.
    pub index: Index,
    /// Who knew it to be committed, and the leader that lacks it.
    pub servers: [ServerId; 2],
    /// The term in which it was committed, and the term of the leader.
    pub terms: [Term; 2],
    /// The numbers of two moments: the one at which it was committed, and one at which the leader
    /// leads and lacks it.
    pub moments: [usize; 2],
}

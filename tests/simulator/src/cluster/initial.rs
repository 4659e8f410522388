//! The state in which a server begins.

use std::sync::Arc;

use protocol::{Entry, Index, Members, Node, ServerId, Setup, Term};

/// Makes a server of the kind under test, in the given state.
pub type NodeFactory = Arc<dyn Fn(Setup, InitialState) -> Box<dyn Node> + Send + Sync>;

/// The state in which a server begins. The default is a server that was never started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InitialState {
    /// The latest term that it has seen.
    pub current_term: Term,
    /// The candidate that it has voted for in that term.
    pub voted_for: Option<ServerId>,
    /// Its entries, from index 1 on.
    pub log: Vec<Entry>,
    /// The highest index that it knows to be committed.
    pub commit_index: Index,
    /// Its role in that term.
    pub role: InitialRole,
    /// Whether it waits to be added to the cluster (§6): the first configuration of the others does not
    /// contain it, and its own is empty.
    pub waits: bool,
}

/// The role in which a server begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InitialRole {
    /// A follower, perhaps of a known leader.
    Follower(Option<ServerId>),
    /// A candidate with these votes, including its own.
    Candidate(Members),
    /// The leader of its term.
    Leader,
}

impl Default for InitialRole {
    fn default() -> Self {
        InitialRole::Follower(None)
    }
}

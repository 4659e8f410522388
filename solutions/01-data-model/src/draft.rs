//! Exercise 1.1: your own draft of the messages and roles. Nothing else imports this file; when the
//! draft passes, compare it with the given types in the `protocol` crate.
//!
//! The checks read a message from JSON, write it again and compare, for example
//! `{"RequestVote":{"term":2,"candidate_id":1,"last_log_index":5,"last_log_term":1}}`. Field names are
//! Figure 2's in Rust's case: `lastLogIndex` is `last_log_index`. Here, terms, indexes and ids may
//! all be `u64`, a command may be a `String`.

use serde::{Deserialize, Serialize};

// Exercise 1.1: the three roles that a server can be in (Figure 4).
/// What a server is at a given time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Role {
    /// Passive: answers candidates and leaders.
    Follower,
    /// Wants to become leader.
    Candidate,
    /// Serves the clients.
    Leader,
}

// Exercise 1.1: an entry of the log, with the two things that Figure 2 says it contains.
/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The term when the entry was received by the leader.
    pub term: u64,
    /// The command for the state machine.
    pub command: String,
}

// Exercise 1.1: the two RPCs of Figure 2, as four variants with named fields: the arguments are
// `RequestVote` and `AppendEntries`, the results `RequestVoteReply` and `AppendEntriesReply`.
/// A message between two servers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Message {
    /// A candidate asks for a vote.
    RequestVote {
        /// The candidate's term.
        term: u64,
        /// The candidate.
        candidate_id: u64,
        /// Index of the candidate's last entry.
        last_log_index: u64,
        /// Term of the candidate's last entry.
        last_log_term: u64,
    },
    /// The answer to it.
    RequestVoteReply {
        /// The voter's term.
        term: u64,
        /// Whether the candidate got the vote.
        vote_granted: bool,
    },
    /// A leader replicates entries, or just says that it is there.
    AppendEntries {
        /// The leader's term.
        term: u64,
        /// The leader.
        leader_id: u64,
        /// Index of the entry before the new ones.
        prev_log_index: u64,
        /// Term of the entry before the new ones.
        prev_log_term: u64,
        /// What to store.
        entries: Vec<Entry>,
        /// How far the leader has committed.
        leader_commit: u64,
    },
    /// The answer to it.
    AppendEntriesReply {
        /// The follower's term.
        term: u64,
        /// Whether the follower's log matched.
        success: bool,
    },
}

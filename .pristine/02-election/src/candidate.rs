//! Candidates (§5.2): asking for votes, counting them, and becoming leader.

use std::collections::BTreeSet;

use data_model::protocol::{Index, Request, RequestVote, RequestVoteReply, ServerId};
use data_model::{Outbox, Progress, RaftNode, Role};

use crate::reset_election_timer;

/// Becomes leader of the current term.
///
/// # Panics
/// If it is not a candidate.
pub fn become_leader(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.4: Figure 2, volatile state on leaders. The row `elected` does the rest.
    todo!("exercise 2.4")
}

/// Turns an elected candidate into the leader.
pub fn become_leader_if_elected(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.4: Rules for Servers, Candidates (§5.2).
    todo!("exercise 2.4")
}

/// Row `request_vote_reply`: a server has replied in this term.
pub fn request_vote_reply(
    node: &mut RaftNode,
    from: ServerId,
    _request: &RequestVote,
    reply: &RequestVoteReply,
    out: &mut Outbox,
) {
    // Exercise 2.4: Rules for Servers, Candidates (§5.2).
    todo!("exercise 2.4")
}

/// Becomes a candidate.
///
/// # Panics
/// If it is leader.
pub fn become_candidate(node: &mut RaftNode) {
    // Exercise 2.5: Rules for Servers, Candidates: "increment currentTerm", "vote for self".
    todo!("exercise 2.5")
}

/// Starts an election. Its requests carry `leadership_transfer`.
pub fn campaign(node: &mut RaftNode, leadership_transfer: bool, out: &mut Outbox) {
    // Exercise 2.5: Rules for Servers, Candidates (§5.2).
    todo!("exercise 2.5")
}

/// Row `election_timeout`: the election timer has fired.
pub fn election_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.5: Rules for Servers, Followers and Candidates: "If election timeout elapses:
    // start new election".
    todo!("exercise 2.5")
}

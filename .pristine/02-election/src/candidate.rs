//! Candidates (§5.2): asking for votes, counting them, and becoming leader.

use std::collections::BTreeSet;

use data_model::protocol::{Index, Request, RequestVote, RequestVoteReply, ServerId};
use data_model::{Outbox, Progress, RaftNode, Role};

use crate::reset_election_timer;

/// Becomes leader of the current term, which this server has won.
///
/// # Panics
/// If it is not a candidate of this term.
pub fn become_leader(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.4: Figure 2, "volatile state on leaders (reinitialized after election)": for each
    // peer, nextIndex[] is "initialized to leader last log index + 1", matchIndex[] "to 0": a new
    // leader hopes for the best and knows nothing. What else a new leader does is the row `elected`.
    todo!("exercise 2.4")
}

/// Makes a candidate that has the votes of a majority the leader of its term.
pub fn become_leader_if_elected(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.4: Rules for Servers, Candidates: "If votes received from majority of servers: become
    // leader".
    todo!("exercise 2.4")
}

/// Row `request_vote_reply`: the reply to a request of the current term has arrived.
pub fn request_vote_reply(
    node: &mut RaftNode,
    from: ServerId,
    _request: &RequestVote,
    reply: &RequestVoteReply,
    out: &mut Outbox,
) {
    // Exercise 2.4: §5.2. Only a candidate counts votes, and each server's vote once, however often it
    // arrives.
    todo!("exercise 2.4")
}

/// Becomes a candidate: in a new term, with its own vote.
///
/// # Panics
/// If it is leader. A leader stays leader until it learns of a newer term.
pub fn become_candidate(node: &mut RaftNode) {
    // Exercise 2.5: Rules for Servers, Candidates: "On conversion to candidate, start election:
    // increment currentTerm, vote for self".
    todo!("exercise 2.5")
}

/// Starts an election. `leadership_transfer` says that the leader asked for it: false until module 7.
pub fn campaign(node: &mut RaftNode, leadership_transfer: bool, out: &mut Outbox) {
    // Exercise 2.5: Rules for Servers, Candidates: after the conversion "reset election timer", "send
    // RequestVote RPCs to all other servers". In a cluster of one, its own vote is a majority.
    todo!("exercise 2.5")
}

/// Row `election_timeout`: no leader was heard for the whole timeout.
pub fn election_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.5: Rules for Servers, Followers and Candidates: "If election timeout elapses: start
    // new election". A leader does not.
    todo!("exercise 2.5")
}

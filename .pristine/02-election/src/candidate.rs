//! Candidates (§5.2): asking for votes and counting them.

use std::collections::{BTreeMap, BTreeSet};

use data_model::protocol::{Request, RequestVote, RequestVoteReply, ServerId};
use data_model::{Outbox, RaftNode, Role};

use crate::reset_election_timer;

/// Turns a candidate with the votes of a majority into the leader of its term.
pub fn lead_with_majority(node: &mut RaftNode) {
    // Exercise 2.4: Rules for Servers, Candidates: "If votes received from majority of servers: become
    // leader". The progress of the followers starts empty; module 3 fills it. What else a new leader
    // does is the row `elected`, which the event loop runs.
    todo!("exercise 2.4")
}

/// Row `request_vote_reply`: the answer to a request of the current term has come.
pub fn request_vote_reply(
    node: &mut RaftNode,
    from: ServerId,
    _request: &RequestVote,
    reply: &RequestVoteReply,
    _out: &mut Outbox,
) {
    // Exercise 2.4: §5.2. Only a candidate counts votes, and each server's vote once, however often it
    // arrives.
    todo!("exercise 2.4")
}

/// Row `election_timeout`: no leader was heard for the whole timeout.
pub fn election_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.5: Rules for Servers, Candidates: "On conversion to candidate, start election:
    // increment currentTerm, vote for self, reset election timer, send RequestVote RPCs to all other
    // servers". A candidate whose timer runs out starts a new election; a leader does not. In a
    // cluster of one, the own vote is a majority.
    todo!("exercise 2.5")
}

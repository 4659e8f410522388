//! Followers (§5.2): recognizing the leader.

use data_model::protocol::{AppendEntries, AppendEntriesReply, ServerId};
use data_model::{Outbox, RaftNode};

use crate::reset_election_timer;

/// Row `follow`: `leader` leads the current term.
pub fn follow(node: &mut RaftNode, leader: ServerId, out: &mut Outbox) {
    // Exercise 2.7: §5.2: a candidate "recognizes the leader as legitimate and returns to follower
    // state"; Rules for Servers, Followers.
    todo!("exercise 2.7")
}

/// Row `append_entries`: a request from a leader.
pub fn append_entries(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    // Exercise 2.7: Figure 2, AppendEntries RPC, receiver step 1 (§5.1, §5.2). Before module 3
    // nothing is stored, and `success` is false.
    todo!("exercise 2.7")
}

//! Followers (§5.2): recognizing the leader.

use data_model::protocol::{AppendEntries, AppendEntriesReply, ServerId};
use data_model::{Outbox, RaftNode};

use crate::reset_election_timer;

/// Row `follow`: `leader` leads the current term.
pub fn follow(node: &mut RaftNode, leader: ServerId, out: &mut Outbox) {
    // Exercise 2.7: §5.2: a candidate "recognizes the leader as legitimate and returns to follower
    // state"; Rules for Servers, Followers.
    node.become_follower(node.current_term, Some(leader));
    reset_election_timer(node, out);
}

/// Row `append_entries`: a request from a leader.
pub fn append_entries(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    // Exercise 2.7: Figure 2, AppendEntries RPC, receiver step 1 (§5.1, §5.2). Before module 3
    // nothing is stored, and `success` is false.
    // Approach: the leader of this term is followed (`node.follow`), whatever the logs look like. A
    // leader of an older term has no influence on the timer.
    if request.term >= node.current_term {
        node.follow(request.leader_id, out);
    }
    AppendEntriesReply { term: node.current_term, success: false, conflict: None }
}

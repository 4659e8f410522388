//! Followers (§5.2): recognizing the leader.

use data_model::protocol::{AppendEntries, AppendEntriesReply, ServerId};
use data_model::{Outbox, RaftNode};

use crate::reset_election_timer;

/// Row `follow`: follows `leader`, the leader of the current term, and waits for its next request.
pub fn follow(node: &mut RaftNode, leader: ServerId, out: &mut Outbox) {
    // Exercise 2.7: §5.2: a candidate that hears "another server claiming to be leader" of its term
    // "recognizes the leader as legitimate and returns to follower state".
    todo!("exercise 2.7")
}

/// Row `append_entries`: a request from a leader. The term rule has run before.
pub fn append_entries(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    // Exercise 2.7: Figure 2, AppendEntries, receiver, step 1: a leader of an older term is rejected,
    // and does not affect the election timer. The leader of this term is followed (`node.follow`),
    // whatever the logs look like. Entries are module 3's: until then nothing is stored, and `success`
    // is false.
    todo!("exercise 2.7")
}

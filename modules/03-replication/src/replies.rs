//! What the reply to an AppendEntries tells the leader.

use election::data_model::{Outbox, RaftNode, Role};
use election::protocol::{AppendEntries, AppendEntriesReply, ServerId};

use crate::next_index_by_hint;

/// Row `append_entries_reply`: a follower has replied in this term.
pub fn append_entries_reply(
    node: &mut RaftNode,
    from: ServerId,
    request: &AppendEntries,
    reply: &AppendEntriesReply,
    out: &mut Outbox,
) {
    // Exercise 3.6: Rules for Servers, Leaders (§5.3). This lab's rule: a rejection asks
    // `next_index_by_hint`.
    todo!("exercise 3.6")
}

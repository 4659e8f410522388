//! What the reply to an AppendEntries tells the leader.

use election::data_model::{Outbox, RaftNode, Role};
use election::protocol::{AppendEntries, AppendEntriesReply, ServerId};

use crate::next_index_by_hint;

/// Row `append_entries_reply`: a follower has replied to a request of this term.
pub fn append_entries_reply(
    node: &mut RaftNode,
    from: ServerId,
    request: &AppendEntries,
    reply: &AppendEntriesReply,
    out: &mut Outbox,
) {
    // Exercise 3.6: Rules for Servers, Leaders (§5.3). A success says that the follower holds what
    // *this request* carried, however the log has grown since; an old success takes nothing back. A
    // rejection of what was tried last moves `next_index` one step back, or further by the hint of
    // exercise 3.9, but never to what is known to match; any other rejection is an old one and moves
    // nothing. If the follower still lacks entries, send them at once.
    todo!("exercise 3.6")
}

//! What the answer to an AppendEntries tells the leader.

use election::data_model::{Outbox, RaftNode, Role};
use election::protocol::{AppendEntries, AppendEntriesReply, Index, ServerId};

use crate::next_index_by_hint;

/// Row `append_entries_reply`: a follower has answered a call of this term.
pub fn append_entries_reply(
    node: &mut RaftNode,
    from: ServerId,
    request: &AppendEntries,
    reply: &AppendEntriesReply,
    out: &mut Outbox,
) {
    // Exercise 3.6: Rules for Servers, Leaders (§5.3). A success says that the follower holds what
    // *this request* carried, whatever the log has come to since; an old success takes nothing
    // back. A refusal of what was tried last sends `next_index` one step back, or further by the
    // hint of exercise 3.9, but never to what is known to match; any other refusal is an old one
    // and moves nothing. Who lacks entries still is sent them at once.
    todo!("exercise 3.6")
}

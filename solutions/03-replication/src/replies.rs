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
    // Approach: a success says that the follower holds what this request carried, however the log
    // has grown since; an old success takes nothing back. Only a rejection of what was tried last
    // moves `next_index`, and never to what is known to match. A follower that still lacks entries
    // is sent them at once.
    let last_index = node.log.last_index();
    let Role::Leader { progress } = &mut node.role else { return };
    let Some(follower) = progress.get_mut(&from) else { return };
    if reply.success {
        let matched = request.last_new_index();
        if matched <= follower.match_index {
            return;
        }
        follower.match_index = matched;
        follower.next_index = follower.next_index.max(matched.next());
        if matched == last_index {
            return;
        }
    } else {
        let tried_last = request.prev_log_index == follower.next_index.prev();
        if !tried_last || request.prev_log_index <= follower.match_index {
            return;
        }
        let by_hint = next_index_by_hint(&node.log, request, reply);
        let back = by_hint.unwrap_or(request.prev_log_index).min(request.prev_log_index);
        follower.next_index = back.max(follower.match_index.next());
    }
    node.replicate_to(from, out);
}

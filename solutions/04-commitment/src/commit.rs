//! What is committed (§5.3, §5.4.2).

use replication::data_model::{Outbox, RaftNode, Role};
use replication::protocol::{AppendEntries, AppendEntriesReply, Index};

/// Whether a majority of the servers hold the leader's entry at `index`; false on a server that is
/// not leader.
pub fn majority_holds(node: &RaftNode, index: Index) -> bool {
    // Exercise 4.1: Figure 2: "a majority of matchIndex[i] ≥ N".
    // Approach: the leader's own log counts too, although Figure 2 keeps no matchIndex for it.
    let Role::Leader { progress } = &node.role else { return false };
    node.is_majority(|id| {
        id == node.id || progress.get(&id).is_some_and(|follower| follower.match_index >= index)
    })
}

/// Row `advance_commit`: more entries may be committed now.
pub fn advance_commit(node: &mut RaftNode, _out: &mut Outbox) {
    // Exercise 4.2: Rules for Servers, Leaders (§5.3, §5.4.2).
    // Approach: the greatest N that fulfils all three conditions. Entries of earlier terms are
    // never committed by counting (Figure 8); they follow with one that is.
    let uncommitted = node.commit_index.next().through(node.log.last_index());
    let newest = uncommitted
        .filter(|&index| node.log.term_at(index) == Some(node.current_term))
        .rev()
        .find(|&index| majority_holds(node, index));
    if let Some(index) = newest {
        node.commit_index = index;
    }
}

/// Row `append_entries`: what module 3 does, and then the follower's commit index.
pub fn append_entries(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    // Exercise 4.3: AppendEntries RPC, receiver step 5.
    // Approach: the last new entry is the last that this request has shown to agree: what the
    // follower holds beyond it may be stale. A late request may know less, and the commit index
    // never decreases.
    let reply = replication::append_entries(node, request, out);
    if reply.success {
        let committed = request.leader_commit.min(request.last_new_index());
        node.commit_index = node.commit_index.max(committed);
        assert!(
            node.commit_index <= node.log.last_index(),
            "what is committed is in the log (§5.4): {} has committed up to {}, and its log ends at {}",
            node.id,
            node.commit_index,
            node.log.last_index()
        );
    }
    reply
}

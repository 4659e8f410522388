//! What is committed (§5.3, §5.4.2).

use replication::data_model::{Outbox, RaftNode, Role};
use replication::protocol::{AppendEntries, AppendEntriesReply, Index};

/// Whether a majority of the servers hold the leader's entry at `index`, the leader among them.
pub fn majority_holds(node: &RaftNode, index: Index) -> bool {
    // Exercise 4.1: Figure 2: "a majority of matchIndex[i] ≥ N". The leader's own log counts too.
    // Who does not lead cannot know.
    let Role::Leader { progress } = &node.role else { return false };
    node.is_majority(|id| {
        id == node.id || progress.get(&id).is_some_and(|follower| follower.match_index >= index)
    })
}

/// Row `advance_commit`: perhaps more is committed now.
pub fn advance_commit(node: &mut RaftNode, _out: &mut Outbox) {
    // Exercise 4.2: Rules for Servers, Leaders (§5.3, §5.4): "If there exists an N such that N >
    // commitIndex, a majority of matchIndex[i] ≥ N, and log[N].term == currentTerm: set commitIndex
    // = N", for the greatest such N. Entries of earlier terms are never committed by counting
    // (Figure 8); they follow with one that is.
    let uncommitted = (node.commit_index.0 + 1..=node.log.last_index().0).map(Index);
    let of_this_term =
        uncommitted.filter(|&index| node.log.term_at(index) == Some(node.current_term));
    if let Some(index) = of_this_term.rev().find(|&index| majority_holds(node, index)) {
        node.commit_index = index;
    }
}

/// Row `append_entries`: what module 3 does, and then the follower's commit index.
pub fn append_entries(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    // Exercise 4.3: AppendEntries, receiver, step 5: "If leaderCommit > commitIndex, set
    // commitIndex = min(leaderCommit, index of last new entry)". The last new entry is the last
    // that this call has shown to agree: what the follower holds beyond it may be stale. The commit
    // index never falls.
    let reply = replication::append_entries(node, request, out);
    if reply.success {
        let agreed = Index(request.prev_log_index.0 + request.entries.len() as u64);
        node.commit_index = node.commit_index.max(request.leader_commit.min(agreed));
    }
    reply
}

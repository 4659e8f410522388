//! What is committed (§5.3, §5.4.2).

use replication::data_model::{Outbox, RaftNode, Role};
use replication::protocol::{AppendEntries, AppendEntriesReply, Index};

/// Whether a majority of the servers, the leader included, hold the leader's entry at `index`.
pub fn majority_holds(node: &RaftNode, index: Index) -> bool {
    // Exercise 4.1: Figure 2: "a majority of matchIndex[i] ≥ N". The leader's own log counts too.
    // A server that is not leader tracks no progress, so its answer is no.
    todo!("exercise 4.1")
}

/// Row `advance_commit`: more entries may be committed now.
pub fn advance_commit(node: &mut RaftNode, _out: &mut Outbox) {
    // Exercise 4.2: Rules for Servers, Leaders (§5.3, §5.4): "If there exists an N such that N >
    // commitIndex, a majority of matchIndex[i] ≥ N, and log[N].term == currentTerm: set commitIndex
    // = N", for the greatest such N. Entries of earlier terms are never committed by counting
    // (Figure 8); they follow with one that is.
    todo!("exercise 4.2")
}

/// Row `append_entries`: what module 3 does, and then the follower's commit index.
pub fn append_entries(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    // Exercise 4.3: AppendEntries, receiver, step 5: "If leaderCommit > commitIndex, set
    // commitIndex = min(leaderCommit, index of last new entry)". The last new entry is the last
    // that this request has shown to agree: what the follower holds beyond it may be stale. The commit
    // index never decreases.
    todo!("exercise 4.3")
}

//! What is committed (§5.3, §5.4.2).

use replication::data_model::{Outbox, RaftNode, Role};
use replication::protocol::{AppendEntries, AppendEntriesReply, Index};

/// Whether a majority of the servers hold the leader's entry at `index`; false on a server that is
/// not leader.
pub fn majority_holds(node: &RaftNode, index: Index) -> bool {
    // Exercise 4.1: Figure 2: "a majority of matchIndex[i] ≥ N".
    todo!("exercise 4.1")
}

/// Row `advance_commit`: more entries may be committed now.
pub fn advance_commit(node: &mut RaftNode, _out: &mut Outbox) {
    // Exercise 4.2: Rules for Servers, Leaders (§5.3, §5.4.2).
    todo!("exercise 4.2")
}

/// Row `append_entries`: what module 3 does, and then the follower's commit index.
pub fn append_entries(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    // Exercise 4.3: AppendEntries RPC, receiver step 5.
    todo!("exercise 4.3")
}

//! Removing a server, even the leader itself (§6; dissertation §4.2.2).

use snapshots::data_model::{Outbox, RaftNode};

use crate::catch_up;
use crate::configuration::is_changing;

/// Row `advance_commit`: as in 7.3; then a leader whose own removal is committed steps down.
pub fn advance_commit(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.4: §6. When its own removal is committed, a leader sends its peers an
    // AppendEntries with the new commit index, and "steps down (returns to follower state)".
    todo!("exercise 7.4")
}

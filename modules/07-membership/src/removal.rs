//! Removing a server, even the leader itself (§6; dissertation §4.2.2).

use snapshots::data_model::{Outbox, RaftNode};

use crate::catch_up;
use crate::configuration::is_changing;

/// Row `advance_commit`: as in 7.3; then a leader whose own removal is committed steps down.
pub fn advance_commit(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.4: §6: a leader that is not part of the new configuration keeps leading, without
    // counting itself, until the change is committed; then it "steps down (returns to follower
    // state)". Before that it sends its commit index to its peers once more.
    todo!("exercise 7.4")
}

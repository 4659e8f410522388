//! A leader's first entry (§8).

use replication::LogEdit as _;
use replication::data_model::{Outbox, RaftNode};
use replication::protocol::{Entry, Payload};

/// Row `elected`: this server has just become leader.
pub fn elected(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 4.8: §8: a new leader does not know which entries are committed, and may not commit
    // earlier ones by counting. "To find out, it needs to commit an entry from its term. Raft
    // handles this by having each leader commit a blank no-op entry into the log at the start of
    // its term." After what module 2 does: append it, and send it.
    todo!("exercise 4.8")
}

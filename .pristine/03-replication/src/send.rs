//! What a leader sends: the box "AppendEntries RPC" of Figure 2, arguments.

use election::data_model::{Outbox, RaftNode, Role};
use election::protocol::{AppendEntries, Request, ServerId};

/// Row `replicate_to`: sends `peer` the entries that it is thought to lack, or a heartbeat if there
/// are none.
pub fn replicate_to(node: &mut RaftNode, peer: ServerId, out: &mut Outbox) {
    // Exercise 3.2: Rules for Servers, Leaders (§5.3): "send AppendEntries RPC with log entries
    // starting at nextIndex", at most `config.max_entries` of them, and before them index and term
    // of the entry that they follow upon. If that entry is not in the log any more, nothing is
    // sent: that is module 6's.
    todo!("exercise 3.2")
}

//! What a leader sends: the box "AppendEntries RPC" of Figure 2, arguments.

use election::data_model::{Outbox, RaftNode, Role};
use election::protocol::{AppendEntries, Request, ServerId};

use crate::LogEdit as _;

/// Row `replicate_to`: sends `peer` the entries that it is believed to lack, or a heartbeat if there
/// are none.
pub fn replicate_to(node: &mut RaftNode, peer: ServerId, out: &mut Outbox) {
    // Exercise 3.2: Rules for Servers, Leaders (§5.3): "send AppendEntries RPC with log entries
    // starting at nextIndex", at most `config.max_entries` of them, with the index and term of the
    // preceding entry. If that entry is no longer in the log, nothing is sent until module 6.
    todo!("exercise 3.2")
}

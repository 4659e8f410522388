//! What a leader sends: the box "AppendEntries RPC" of Figure 2, arguments.

use election::data_model::{Outbox, RaftNode, Role};
use election::protocol::{AppendEntries, Request, ServerId};

use crate::LogEdit as _;

/// Row `replicate_to`: sends `peer` an AppendEntries.
pub fn replicate_to(node: &mut RaftNode, peer: ServerId, out: &mut Outbox) {
    // Exercise 3.2: Rules for Servers, Leaders (§5.3): "send AppendEntries RPC with log entries
    // starting at nextIndex", at most `config.max_entries`. If the log has no term for
    // `prev_log_index`, send nothing.
    todo!("exercise 3.2")
}

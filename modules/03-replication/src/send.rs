//! What a leader sends: the box "AppendEntries RPC" of Figure 2, arguments.

use election::data_model::{Outbox, RaftNode, Role};
use election::protocol::{AppendEntries, Entry, Index, Request, ServerId};

use crate::LogEdit as _;

/// Row `replicate_to`: sends `peer` an AppendEntries.
pub fn replicate_to(node: &mut RaftNode, peer: ServerId, out: &mut Outbox) {
    // Exercise 3.2: Rules for Servers, Leaders (§5.3): "send AppendEntries RPC with log entries
    // starting at nextIndex": those of `entries_to_send`. No progress, or no term at
    // `prev_log_index`: send nothing.
    todo!("exercise 3.2")
}

/// The entries from `first` on that go into one RPC: at most `config.max_entries`, whose commands have at
/// most `config.max_entry_bytes`. A single entry may be larger, since it must be sent some time. Given.
pub fn entries_to_send(node: &RaftNode, first: Index) -> Vec<Entry> {
    let entries = node.log.entries_from(first, node.config.max_entries);
    let mut bytes = 0;
    let fits = |entry: &&Entry| {
        bytes += entry.bytes();
        bytes <= node.config.max_entry_bytes
    };
    let count = entries.iter().take_while(fits).count().max(1).min(entries.len());
    entries[..count].to_vec()
}

//! A log whose beginning is gone (§7): elections and consistency checks go on.

use persistence::commitment;
use persistence::data_model::{Log, Outbox, RaftNode};
use persistence::protocol::{AppendEntries, AppendEntriesReply, Index, Term};
use persistence::replication::LogEdit as _;

/// Moves the log's base to `index`, where an entry of `term` is or was. If the log holds that very
/// entry, what follows it stays. Otherwise the whole log goes.
///
/// # Panics
/// If `index` is below the base: what was compacted away does not come back.
pub fn compact(log: &mut Log, index: Index, term: Term) {
    // Exercise 6.1: §7, Figures 12 and 13, receiver steps 6 and 7. `Log::with_base` makes the new
    // log. `stable` remains an index known to be on disk.
    todo!("exercise 6.1")
}

/// Row `append_entries`: what module 4 does, even for a request that begins below the base.
pub fn append_entries(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    // Exercise 6.1: §7. What a snapshot replaces was committed, so every leader's log agrees with
    // it (§5.4).
    todo!("exercise 6.1")
}

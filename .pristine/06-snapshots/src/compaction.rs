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
    // Exercise 6.1: §7, Figure 12, and Figure 13, steps 6 and 7. `Log::with_base` makes the new log,
    // of which only the base is known to be on disk. Some of the entries that stay may be on disk too:
    // `set_stable` says so.
    todo!("exercise 6.1")
}

/// Row `append_entries`: what module 4 does, even for a request that begins below the base.
pub fn append_entries(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    // Exercise 6.1: what a snapshot replaces was committed, so every leader's log agrees with it
    // (§5.4). From a request that begins below the base, leave out what lies up to the base; the rest
    // follows the base. Do not reject it because its beginning is gone: the leader would look for a
    // place that does not exist.
    todo!("exercise 6.1")
}

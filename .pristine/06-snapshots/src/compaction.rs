//! A log whose beginning is gone (§7): elections and consistency checks go on.

use persistence::commitment;
use persistence::data_model::{Log, Outbox, RaftNode};
use persistence::protocol::{AppendEntries, AppendEntriesReply, Index, Term};

/// Moves the log's base to `index`, the place of an entry of `term`: what stands for the entries up
/// to there is a snapshot. If the log holds that very entry, what follows upon it stays. Otherwise
/// all of the log goes.
pub fn compact(log: &mut Log, index: Index, term: Term) {
    // Exercise 6.1: §7, Figure 12, and Figure 13, steps 6 and 7. `Log::with_base` makes the new
    // log. Nothing in it is known to be on disk then but its base, though some entries may be:
    // `set_stable` says so.
    todo!("exercise 6.1")
}

/// Row `append_entries`: what module 4 does, also for a call that begins below the base.
pub fn append_entries(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    // Exercise 6.1: what the snapshot stands for was committed, so every leader's log agrees with
    // it (§5.4). From a call that begins below the base, what lies up to the base is left out, and
    // the rest follows upon the base. Nothing is refused for being gone: the leader would look for
    // a place that is not there.
    todo!("exercise 6.1")
}

//! Bonus: finding the place where two logs diverge in a number of RPCs that grows with the terms
//! between them, not with the entries (§5.3, at the end).

use election::data_model::Log;
use election::protocol::{AppendEntries, AppendEntriesReply, Conflict, Index};

/// What a follower reports about its log when it does not match at `prev_log_index`.
pub fn conflict_hint(log: &Log, prev_log_index: Index) -> Option<Conflict> {
    // Exercise 3.9: §5.3: "the follower can include the term of the conflicting entry and the first
    // index it stores for that term". If its log ends earlier, there is no such entry, and the hint is
    // the first index that it lacks.
    // Until then: None
    None
}

/// The next index that a leader with this log tries after a rejection with a hint; `None` without a
/// hint.
pub fn next_index_by_hint(
    log: &Log,
    request: &AppendEntries,
    reply: &AppendEntriesReply,
) -> Option<Index> {
    // Exercise 3.9: §5.3: "the leader can decrement nextIndex to bypass all of the conflicting
    // entries in that term". If the leader has entries of that term too, the logs may agree up to
    // the last of them before the place that was tried.
    // Until then: None
    None
}

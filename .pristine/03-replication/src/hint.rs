//! Bonus: finding the place where two logs part in a number of calls that grows with the terms
//! between them, and not with the entries (§5.3, at the end).

use election::data_model::Log;
use election::protocol::{AppendEntries, AppendEntriesReply, Conflict, Index};

/// What a follower says of its log when it does not agree at `prev_log_index`.
pub fn conflict_hint(log: &Log, prev_log_index: Index) -> Option<Conflict> {
    // Exercise 3.9: §5.3: "the follower can include the term of the conflicting entry and the first
    // index it stores for that term". If its log ends before, there is no such entry, and the first
    // index that it lacks is the hint.
    // Until then: None
    None
}

/// Where a leader with this log goes on after a refusal with a hint; nothing if there is no hint.
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

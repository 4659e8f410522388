//! Bonus: finding the place where two logs diverge in a number of RPCs that grows with the terms
//! between them, not with the entries (§5.3, at the end).

use election::data_model::Log;
use election::protocol::{AppendEntries, AppendEntriesReply, Conflict, Index};

/// What a follower reports whose log does not match at `prev_log_index`.
pub fn conflict_hint(log: &Log, prev_log_index: Index) -> Option<Conflict> {
    // Exercise 3.9: §5.3: "the follower can include the term of the conflicting entry and the first
    // index it stores for that term". If its log is too short, there is no term, and the index is
    // the first that is missing.
    // Until then: None
    None
}

/// The next index to try after a rejection; `None` without a hint.
pub fn next_index_by_hint(
    log: &Log,
    request: &AppendEntries,
    reply: &AppendEntriesReply,
) -> Option<Index> {
    // Exercise 3.9: §5.3: "the leader can decrement nextIndex to bypass all of the conflicting
    // entries in that term".
    // Until then: None
    None
}

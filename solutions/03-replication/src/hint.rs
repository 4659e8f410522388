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
    let Some(term) = log.term_at(prev_log_index) else {
        return Some(Conflict { term: None, first_index: log.last_index().next() });
    };
    let first_entry = log.base_index().next();
    let first_index = first_entry
        .through(prev_log_index)
        .rev()
        .take_while(|&index| log.term_at(index) == Some(term))
        .last()
        .unwrap_or(first_entry);
    Some(Conflict { term: Some(term), first_index })
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
    // Approach: if the leader has entries of that term too, the logs may agree up to the last of
    // them before the place that was tried.
    let Conflict { term, first_index } = reply.conflict?;
    let Some(term) = term else { return Some(first_index) };
    let shared = first_index
        .through(request.prev_log_index)
        .rev()
        .take_while(|&index| index > log.base_index())
        .find(|&index| log.term_at(index) == Some(term));
    Some(shared.map_or(first_index, Index::next))
}

//! What a follower does: the box "AppendEntries RPC" of Figure 2, receiver implementation.

use election::data_model::{Log, Outbox, RaftNode};
use election::protocol::{AppendEntries, AppendEntriesReply, Entry, Index, Term};

use crate::{LogEdit as _, conflict_hint};

/// The consistency check.
pub fn agrees(log: &Log, prev_log_index: Index, prev_log_term: Term) -> bool {
    // Exercise 3.3: AppendEntries RPC, receiver step 2 (§5.3).
    // Approach: before the first entry all logs agree, and `term_at` says so.
    log.term_at(prev_log_index) == Some(prev_log_term)
}

/// Merges `entries` into the log, from `first` on. Up to there, the logs agree.
pub fn merge(log: &mut Log, first: Index, entries: &[Entry]) {
    // Exercise 3.4: Figure 2, AppendEntries RPC, receiver steps 3 and 4 (§5.3).
    // Approach: an entry that agrees stays, and so does what follows it: the request may be an old
    // one, and those entries may be committed by now. Only a conflict removes anything.
    let mut index = first.prev();
    for entry in entries {
        index = index.next();
        match log.term_at(index) {
            Some(term) if term == entry.term => continue,
            Some(_) => log.truncate_from(index),
            None => {}
        }
        log.append(entry.clone());
    }
}

/// Row `append_entries`: a request from a leader.
pub fn append_entries(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    // Exercise 3.5: Figure 2, AppendEntries RPC, receiver steps 1 to 4 (§5.1 to §5.3). If the
    // logs disagree, the rejection carries `conflict_hint`.
    // Approach: a leader of this term is followed even if the logs do not agree: it is the leader
    // all the same.
    let rejection = AppendEntriesReply { term: node.current_term, success: false, conflict: None };
    if request.term < node.current_term {
        return rejection;
    }
    node.follow(request.leader_id, out);
    if !agrees(&node.log, request.prev_log_index, request.prev_log_term) {
        return AppendEntriesReply {
            conflict: conflict_hint(&node.log, request.prev_log_index),
            ..rejection
        };
    }
    merge(&mut node.log, request.prev_log_index.next(), &request.entries);
    AppendEntriesReply { success: true, ..rejection }
}

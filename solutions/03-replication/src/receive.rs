//! What a follower does: the box "AppendEntries RPC" of Figure 2, receiver implementation.

use election::data_model::{Log, Outbox, RaftNode};
use election::protocol::{AppendEntries, AppendEntriesReply, Entry, Index, Term};

use crate::{LogEdit as _, conflict_hint};

/// The consistency check: whether `log` holds an entry at `prev_log_index` whose term is
/// `prev_log_term`.
pub fn agrees(log: &Log, prev_log_index: Index, prev_log_term: Term) -> bool {
    // Exercise 3.3: AppendEntries, receiver, step 2 (§5.3). Before the first entry all logs agree.
    log.term_at(prev_log_index) == Some(prev_log_term)
}

/// Makes `log` hold `entries` from index `first` on. It agrees with the leader's up to there.
pub fn merge(log: &mut Log, first: Index, entries: &[Entry]) {
    // Exercise 3.4: AppendEntries, receiver, steps 3 and 4 (§5.3): "If an existing entry conflicts
    // with a new one (same index but different terms), delete the existing entry and all that
    // follow it"; "append any new entries not already in the log". What agrees stays, and so does
    // what follows it: the request may be an old one, and those entries may be committed by now.
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

/// Row `append_entries`: a request from a leader. The term rule has run before.
pub fn append_entries(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    // Exercise 3.5: AppendEntries, receiver, steps 1 to 4. A leader of an older term is rejected.
    // The leader of this term is followed (`node.follow`) even when the logs do not agree; if they do,
    // its entries are merged. A rejection because of the logs carries `conflict_hint`, which is `None`
    // until exercise 3.9.
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

//! What a follower does: the box "AppendEntries RPC" of Figure 2, receiver implementation.

use election::data_model::{Log, Outbox, RaftNode};
use election::protocol::{AppendEntries, AppendEntriesReply, Entry, Index, Term};

use crate::{LogEdit as _, conflict_hint};

/// The consistency check.
pub fn agrees(log: &Log, prev_log_index: Index, prev_log_term: Term) -> bool {
    // Exercise 3.3: AppendEntries RPC, receiver step 2 (§5.3).
    todo!("exercise 3.3")
}

/// Merges `entries` into the log, from `first` on. Up to there, the logs agree.
pub fn merge(log: &mut Log, first: Index, entries: &[Entry]) {
    // Exercise 3.4: Figure 2, AppendEntries RPC, receiver steps 3 and 4 (§5.3).
    todo!("exercise 3.4")
}

/// Row `append_entries`: a request from a leader.
pub fn append_entries(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    // Exercise 3.5: Figure 2, AppendEntries RPC, receiver steps 1 to 4 (§5.1 to §5.3). If the
    // logs disagree, the rejection carries `conflict_hint`.
    todo!("exercise 3.5")
}

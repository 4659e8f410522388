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
    // Approach: of a log made by `with_base` only the base is known to be on disk. Some of the
    // entries that stay may be there too, and `set_stable` says so.
    assert!(
        index >= log.base_index(),
        "a log is never compacted backwards (§7): it begins after index {}, and {index} is before that",
        log.base_index()
    );
    if log.term_at(index) == Some(term) {
        let stable = log.stable().max(index);
        *log = Log::with_base(index, term, log.entries_from(index.next(), usize::MAX).to_vec());
        log.set_stable(stable);
    } else {
        *log = Log::with_base(index, term, Vec::new());
    }
}

/// Row `append_entries`: what module 4 does, even for a request that begins below the base.
pub fn append_entries(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    // Exercise 6.1: §7. What a snapshot replaces was committed, so every leader's log agrees with
    // it (§5.4).
    // Approach: what lies up to the base is left out, and the rest follows the base. Rejected, the
    // leader would look for a place that does not exist.
    let base = node.log.base_index();
    if request.prev_log_index >= base {
        return commitment::append_entries(node, request, out);
    }
    let gone = base.0 - request.prev_log_index.0;
    let gone = usize::try_from(gone).unwrap_or(usize::MAX);
    let rest = AppendEntries {
        prev_log_index: base,
        prev_log_term: node.log.base_term(),
        entries: request.entries.iter().skip(gone).cloned().collect(),
        ..*request
    };
    commitment::append_entries(node, &rest, out)
}

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
    let stable = log.stable();
    let mut after = Vec::new();
    if log.term_at(index) == Some(term) {
        after = log.entries_from(index.next(), usize::MAX).to_vec();
    }
    let keeps = !after.is_empty();
    *log = Log::with_base(index, term, after);
    if keeps {
        log.set_stable(stable.max(index));
    }
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
    let (base, base_term) = node.log.base();
    let gone = base.0.saturating_sub(request.prev_log_index.0);
    if gone == 0 {
        return commitment::append_entries(node, request, out);
    }
    let gone = usize::try_from(gone).unwrap_or(usize::MAX);
    let rest = AppendEntries {
        prev_log_index: base,
        prev_log_term: base_term,
        entries: request.entries.iter().skip(gone).cloned().collect(),
        ..*request
    };
    commitment::append_entries(node, &rest, out)
}

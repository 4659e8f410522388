//! Saving what changed (Figure 2: "updated on stable storage before responding to RPCs").

use std::io;

use commitment::data_model::RaftNode;
use commitment::replication::LogEdit as _;

use crate::{Record, encode, frame};

/// The file that holds the records.
pub const LOG: &str = "log";

/// What has changed since the last save; `None` if everything is on disk.
pub fn unsaved(node: &RaftNode) -> Option<Record> {
    // Exercise 5.4: term and vote are on disk as `node.saved` says, the log up to `log.stable()`:
    // truncation has lowered that, so entries that replaced others are saved again.
    let stable = node.log.stable();
    let saved = (node.saved.term, node.saved.voted_for) == (node.current_term, node.voted_for);
    if saved && stable == node.log.last_index() {
        return None;
    }
    Some(Record {
        current_term: node.current_term,
        voted_for: node.voted_for,
        prev_log_index: stable,
        prev_log_term: node.log.term_at(stable).expect("a log is stable from its base on"),
        entries: node.log.entries_from(stable.next(), usize::MAX).to_vec(),
    })
}

/// Writes what has changed to the disk.
///
/// # Errors
/// If the disk cannot promise to keep it.
pub fn save(node: &mut RaftNode) -> io::Result<()> {
    // Exercise 5.4: one record, in a frame, in one `append` to the file `LOG`, and one `sync`: a
    // crash leaves all of it or nothing. Then, and only then, it is on disk (`note_saved`). Without a
    // change, the disk is left alone.
    let Some(record) = unsaved(node) else { return Ok(()) };
    node.disk.append(LOG, &frame(&encode(&record)))?;
    node.disk.sync(LOG)?;
    note_saved(node);
    Ok(())
}

/// Notes that the disk holds the server's state as it is now. Given.
pub fn note_saved(node: &mut RaftNode) {
    node.saved.term = node.current_term;
    node.saved.voted_for = node.voted_for;
    node.log.set_stable(node.log.last_index());
}

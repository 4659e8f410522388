//! Saving what changed (Figure 2: "updated on stable storage before responding to RPCs").

use std::io;

use commitment::data_model::RaftNode;
use commitment::replication::LogEdit as _;

use crate::{Record, encode, frame};

/// The file that holds the records.
pub const LOG: &str = "log";

/// What is not on disk; `None` if everything is.
pub fn unsaved(node: &RaftNode) -> Option<Record> {
    // Exercise 5.4: Figure 2, "Persistent state". `node.saved` and `log.stable()` say what is.
    // Approach: truncation has lowered `stable`, so entries that replaced others are saved again.
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

/// Writes what has changed.
///
/// # Errors
/// If the disk fails.
pub fn save(node: &mut RaftNode) -> io::Result<()> {
    // Exercise 5.4: one record in a frame, by one `append` to `LOG` and one `sync`. `note_saved`
    // notes success.
    // Approach: in one frame, so that after a crash either all of it counts or nothing.
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

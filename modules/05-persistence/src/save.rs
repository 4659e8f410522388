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
    todo!("exercise 5.4")
}

/// Writes what has changed to the disk.
///
/// # Errors
/// If the disk cannot promise to keep it.
pub fn save(node: &mut RaftNode) -> io::Result<()> {
    // Exercise 5.4: one record, in a frame, in one `append` to the file `LOG`, and one `sync`: a
    // crash leaves all of it or nothing. Then, and only then, it is on disk (`note_saved`). Without a
    // change, the disk is left alone.
    todo!("exercise 5.4")
}

/// Notes that the disk holds the server's state as it is now. Given.
pub fn note_saved(node: &mut RaftNode) {
    node.saved.term = node.current_term;
    node.saved.voted_for = node.voted_for;
    node.log.set_stable(node.log.last_index());
}

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
    todo!("exercise 5.4")
}

/// Writes what has changed.
///
/// # Errors
/// If the disk fails.
pub fn save(node: &mut RaftNode) -> io::Result<()> {
    // Exercise 5.4: one record in a frame, by one `append` to `LOG` and one `sync`. `note_saved`
    // notes success.
    todo!("exercise 5.4")
}

/// Notes that the disk holds the server's state as it is now. Given.
pub fn note_saved(node: &mut RaftNode) {
    node.saved.term = node.current_term;
    node.saved.voted_for = node.voted_for;
    node.log.set_stable(node.log.last_index());
}

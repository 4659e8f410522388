//! Saving snapshots (§7): two files, and a crash that may come between them.

use std::io;

use persistence::data_model::RaftNode;
use persistence::protocol::{Bytes, Index, Term};
use persistence::{LOG, Record, encode, frame, guard_disk, note_saved, save};

use crate::snapshot::{is_due, take_snapshot};

/// The file that holds the latest snapshot.
pub const SNAPSHOT: &str = "snapshot";

/// What the file [`SNAPSHOT`] holds, in one frame: index and term of the last entry that the snapshot
/// replaces, and its contents.
pub type SnapshotFile = (Index, Term, Bytes);

/// Saves the latest snapshot, and then the log that is left.
///
/// # Errors
/// If the disk cannot promise to keep them.
pub fn save_snapshot(node: &mut RaftNode) -> io::Result<()> {
    // Exercise 6.3: each file is replaced (`replace`). A crash may come at any point in between.
    todo!("exercise 6.3")
}

/// Replaces all records with one of the whole state. What is applied is now in a snapshot. Given.
///
/// # Errors
/// If the disk cannot promise to keep it.
pub fn rewrite_log(node: &mut RaftNode) -> io::Result<()> {
    let record = Record {
        current_term: node.current_term,
        voted_for: node.voted_for,
        prev_log_index: node.log.base_index(),
        prev_log_term: node.log.base_term(),
        entries: node.log.entries().to_vec(),
    };
    node.disk.replace(LOG, &frame(&encode(&record)))?;
    node.snapshots.applied_bytes = 0;
    note_saved(node);
    Ok(())
}

/// Row `persist`: takes a snapshot if it is time, and writes to the disk what has changed.
///
/// # Errors
/// If the disk cannot promise to keep it. Then the event loop releases no effect.
pub fn persist(node: &mut RaftNode) -> io::Result<()> {
    // Exercise 6.3: a snapshot newer than `node.saved.snapshot_index`, taken here or received, is
    // saved with the log; otherwise module 5 saves what changed. `guard_disk` applies.
    todo!("exercise 6.3")
}

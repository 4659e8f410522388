//! Coming back from snapshot and log (§7).

use std::io;

use persistence::data_model::{RaftNode, Snapshot};
use persistence::protocol::{Bytes, Index, Term};
use persistence::{Next, damaged, next_frame};

use crate::compaction::compact;
use crate::snapshot::{Contents, SNAPSHOT, SnapshotFile, members_at, rewrite_log};

/// Reads the saved snapshot, if there is one. Given.
///
/// # Errors
/// If the disk cannot be read, or is damaged. The file is replaced as a whole, so nothing in it can
/// be torn.
pub fn read_snapshot(node: &RaftNode) -> io::Result<Option<SnapshotFile>> {
    match next_frame(&node.disk.read(SNAPSHOT)?) {
        Next::End => Ok(None),
        Next::Frame { payload, rest: [] } => postcard::from_bytes(payload)
            .map(Some)
            .map_err(|error| damaged(format!("the snapshot's file cannot be read: {error}"))),
        _ => Err(damaged("the snapshot's file is damaged")),
    }
}

/// Takes over what a snapshot says: the state machine, the clients' sessions, and that all of it is
/// committed and applied.
///
/// # Errors
/// If its bytes are not a snapshot's; then nothing has changed.
pub fn restore(node: &mut RaftNode, index: Index, term: Term, data: Bytes) -> io::Result<()> {
    // Exercise 6.3: Figure 13, step 8: "reset state machine using snapshot contents (and load
    // snapshot's cluster configuration)". The snapshot itself goes into `node.later.snapshot`: it
    // may have to be sent on.
    todo!("exercise 6.3")
}

/// Row `recover`: the server has been made anew, and takes up what its disk has kept.
///
/// # Errors
/// If the disk cannot be read, or is damaged.
pub fn recover(node: &mut RaftNode) -> io::Result<()> {
    // Exercise 6.3: §7. First the log, as module 5 does it; then the snapshot. If the log still
    // holds entries that the snapshot replaces, a crash came between the two files (6.2), and the
    // compaction is finished now, in memory and on disk: an entry that is appended to the file as
    // it is would follow upon nothing. If the log begins after the snapshot's end, entries are
    // missing: that is damage. A server without a snapshot has one of index 0 in effect, with the
    // members that it was started with and no data.
    todo!("exercise 6.3")
}

/// A log that begins after `base` must follow upon a snapshot that ends at `index` or before.
/// Given.
fn follows(base: Index, index: Index) -> io::Result<()> {
    if base <= index {
        return Ok(());
    }
    Err(damaged(format!(
        "the log begins after index {base}, and the snapshot ends at index {index}"
    )))
}

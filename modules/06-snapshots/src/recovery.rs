//! Coming back from snapshot and log (§7).

use std::io;

use persistence::data_model::{RaftNode, Snapshot};
use persistence::protocol::{Bytes, Index, Term};
use persistence::{ParsedFrame, corrupt, next_frame};

use crate::compaction::compact;
use crate::saving::{SNAPSHOT, SnapshotFile, rewrite_log};
use crate::snapshot::{Contents, members_at};

/// Reads the saved snapshot, if there is one. Given.
///
/// # Errors
/// If the disk cannot be read, or is corrupt. The file is replaced as a whole, so nothing in it can be
/// torn.
pub fn read_snapshot(node: &RaftNode) -> io::Result<Option<SnapshotFile>> {
    match next_frame(&node.disk.read(SNAPSHOT)?) {
        ParsedFrame::End => Ok(None),
        ParsedFrame::Frame { payload, rest: [] } => postcard::from_bytes(payload)
            .map(Some)
            .map_err(|error| corrupt(format!("the snapshot's file cannot be read: {error}"))),
        _ => Err(corrupt("the snapshot's file is damaged")),
    }
}

/// Takes over what a snapshot says: the state machine, the clients' sessions, and that all of it is
/// committed and applied.
///
/// # Errors
/// If its bytes are not a snapshot's. Then nothing has changed.
pub fn restore(node: &mut RaftNode, index: Index, term: Term, data: Bytes) -> io::Result<()> {
    // Exercise 6.4: Figure 13, receiver, step 8. The snapshot itself goes into
    // `node.snapshots.latest`.
    todo!("exercise 6.4")
}

/// Row `recover`: the server has restarted, and takes up what its disk has kept.
///
/// # Errors
/// If the disk cannot be read, or is corrupt.
pub fn recover(node: &mut RaftNode) -> io::Result<()> {
    // Exercise 6.4: §7. Module 5 reads the log; `check_contiguous` reports a gap between log and
    // snapshot. A server without a snapshot uses `initial_snapshot`. When this returns, log and
    // snapshot fit together, in memory and on disk.
    todo!("exercise 6.4")
}

/// The snapshot that a server without one has in effect. Given.
fn initial_snapshot(node: &RaftNode) -> Snapshot {
    Snapshot {
        last_included_index: Index(0),
        last_included_term: Term(0),
        members: node.members.clone(),
        data: Bytes::new(),
    }
}

/// A log that begins after `base` must follow a snapshot that ends at `index` without a gap. Given.
fn check_contiguous(base: Index, index: Index) -> io::Result<()> {
    if base <= index {
        return Ok(());
    }
    Err(corrupt(format!(
        "the log begins after index {base}, and the snapshot ends at index {index}"
    )))
}

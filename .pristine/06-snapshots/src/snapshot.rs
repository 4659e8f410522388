//! Snapshots (§7): what is in one, when one is taken, and how it is saved.

use std::collections::BTreeMap;
use std::io;

use persistence::data_model::{RaftNode, Snapshot};
use persistence::protocol::{Bytes, ClientId, Index, Members, Payload, Term};
use persistence::{LOG, Record, damaged, encode, frame, note_saved, save, unless_failed};
use serde::{Deserialize, Serialize};

use crate::compaction::compact;

/// The file that holds the latest snapshot.
pub const SNAPSHOT: &str = "snapshot";

/// What stands in a snapshot in place of the entries: all that they have led to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// The latest configuration as of the last entry that the snapshot replaces.
    pub members: Members,
    /// What was answered last to each client (§8): a repeated command is executed once after a
    /// snapshot too.
    pub sessions: BTreeMap<ClientId, (u64, Bytes)>,
    /// The state of the state machine.
    pub machine: Bytes,
}

impl Contents {
    /// As the bytes that are saved and sent. Given.
    pub fn to_bytes(&self) -> Bytes {
        postcard::to_stdvec(self).expect("plain data can be written").into()
    }

    /// From these bytes. Given.
    ///
    /// # Errors
    /// If they are not a snapshot's.
    pub fn from_bytes(bytes: &[u8]) -> io::Result<Self> {
        postcard::from_bytes(bytes)
            .map_err(|error| damaged(format!("a snapshot cannot be read: {error}")))
    }
}

/// What the file [`SNAPSHOT`] holds, in one frame: the last entry that is replaced, and the
/// contents.
pub type SnapshotFile = (Index, Term, Bytes);

/// The configuration as of the entry at `index`: what the last entry up to there says that holds
/// one, or else the snapshot.
pub fn members_at(node: &RaftNode, index: Index) -> Members {
    // Exercise 6.2: §7: a snapshot "includes the latest configuration in the log as of last
    // included index". Entries hold one as `Payload::Members`. Without such an entry and without a
    // snapshot, the server goes by the members that it was started with.
    todo!("exercise 6.2")
}

/// Whether it is time for a snapshot.
pub fn is_due(node: &RaftNode) -> bool {
    // Exercise 6.2: §7: "take a snapshot when the log reaches a fixed size in bytes"; here, when
    // the log holds `config.snapshot_entries` applied entries. Others cannot be in it yet.
    todo!("exercise 6.2")
}

/// Takes a snapshot of all that is applied, and compacts the log.
pub fn take_snapshot(node: &mut RaftNode) {
    // Exercise 6.2: §7, Figure 12. The snapshot goes into `node.later.snapshot`; `persist` saves
    // it. Whoever was being sent the former one is sent this one from its beginning
    // (`node.later.sending`).
    todo!("exercise 6.2")
}

/// Saves the snapshot, and then the log that is left.
///
/// # Errors
/// If the disk cannot promise to keep them.
pub fn save_snapshot(node: &mut RaftNode) -> io::Result<()> {
    // Exercise 6.2: each file is put in place of the former one, at once (`replace`). The snapshot
    // comes first: were it the log, a crash between the two would leave neither the entries nor
    // what stands for them.
    todo!("exercise 6.2")
}

/// Puts one record of the whole state in place of all records. Given.
///
/// # Errors
/// If the disk cannot promise to keep it.
pub fn rewrite_log(node: &mut RaftNode) -> io::Result<()> {
    let (prev_log_index, prev_log_term) = node.log.base();
    let record = Record {
        current_term: node.current_term,
        voted_for: node.voted_for,
        prev_log_index,
        prev_log_term,
        entries: node.log.entries_from(prev_log_index.next(), usize::MAX).to_vec(),
    };
    node.disk.replace(LOG, &frame(&encode(&record)))?;
    note_saved(node);
    Ok(())
}

/// Row `persist`: takes a snapshot if it is time, and brings to the disk what changed.
///
/// # Errors
/// If the disk cannot promise to keep it; then the event loop lets nothing out.
pub fn persist(node: &mut RaftNode) -> io::Result<()> {
    // Exercise 6.2: a snapshot that is newer than the saved one (`node.saved.snapshot`), own or
    // received, is saved with the log that is left; otherwise module 5 saves what changed. Neither
    // after the disk has failed.
    todo!("exercise 6.2")
}

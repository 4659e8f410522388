//! Installing a snapshot that has arrived (Figure 13).

use std::io;

use persistence::data_model::{Outbox, RaftNode};
use persistence::protocol::{Bytes, Index, InstallSnapshot, InstallSnapshotReply, Term};

use crate::compaction::compact;
use crate::receiving::receive;
use crate::recovery::restore;
use crate::snapshot::members_at;

/// Replaces the log up to `index`, and the state, with a snapshot.
///
/// # Errors
/// If its bytes are not a snapshot's. Then nothing has changed.
///
/// # Panics
/// If the snapshot is not newer than what is committed here.
pub fn install(node: &mut RaftNode, index: Index, term: Term, data: Bytes) -> io::Result<()> {
    // Exercise 6.7: Figure 13, steps 6 to 8: the state as in recovery; of the log, what follows the
    // snapshot's last entry if the log holds that entry (6.1); and the latest configuration of what is
    // there then. The row `persist` saves it before any effect is released.
    todo!("exercise 6.7")
}

/// Row `install_snapshot`: a chunk from a leader. The term rule has run before.
pub fn install_snapshot(
    node: &mut RaftNode,
    request: &InstallSnapshot,
    out: &mut Outbox,
) -> InstallSnapshotReply {
    // Exercise 6.7: Figure 13, receiver. A leader of an older term is rejected. The leader of this term
    // is followed, as with AppendEntries. A snapshot of what is committed here anyway brings nothing
    // new: the reply says that everything up to the chunk's end is stored, and the state machine must
    // not go back. When the last chunk has completed the snapshot, it is installed.
    todo!("exercise 6.7")
}

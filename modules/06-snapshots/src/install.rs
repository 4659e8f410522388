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
    // Exercise 6.7: Figure 13, receiver steps 6 to 8. `node.members` is the latest configuration in
    // what the server then has.
    todo!("exercise 6.7")
}

/// Row `install_snapshot`: a chunk from a leader. The term rule has run before.
pub fn install_snapshot(
    node: &mut RaftNode,
    request: &InstallSnapshot,
    out: &mut Outbox,
) -> InstallSnapshotReply {
    // Exercise 6.7: Figure 13, receiver. If `last_included_index` is committed here already, reply
    // that everything up to the chunk's end is stored, and change nothing else. If installing
    // fails, reply 0.
    todo!("exercise 6.7")
}

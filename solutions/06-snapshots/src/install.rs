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
    // Approach: the row `persist` saves it before any effect is released.
    assert!(
        index > node.commit_index,
        "the state machine never goes back (§7): {} has committed up to {}, and the snapshot ends at \
         {index}",
        node.id,
        node.commit_index
    );
    restore(node, index, term, data)?;
    compact(&mut node.log, index, term);
    node.members = members_at(node, node.log.last_index());
    Ok(())
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
    // Approach: a leader of an older term is rejected; the leader of this term is followed, as with
    // AppendEntries. What is committed here already brings nothing new, and the state machine must
    // not go back.
    let reply = InstallSnapshotReply { term: node.current_term, stored: 0 };
    if request.term < node.current_term {
        return reply;
    }
    node.follow(request.leader_id, out);
    if request.last_included_index <= node.commit_index {
        return InstallSnapshotReply { stored: request.end(), ..reply };
    }
    let stored = receive(&mut node.snapshots.incoming, request);
    if !request.done || stored != request.end() {
        return InstallSnapshotReply { stored, ..reply };
    }
    let complete = node.snapshots.incoming.take();
    let data = complete.map(|snapshot| snapshot.data).unwrap_or_default();
    let (index, term) = (request.last_included_index, request.last_included_term);
    match install(node, index, term, data.into()) {
        Ok(()) => InstallSnapshotReply { stored, ..reply },
        Err(_) => reply,
    }
}

//! Installing a snapshot that has arrived (Figure 13).

use std::io;

use persistence::data_model::{Outbox, RaftNode};
use persistence::election;
use persistence::protocol::{Bytes, Index, InstallSnapshot, InstallSnapshotReply, Term};

use crate::compaction::compact;
use crate::receiving::receive;
use crate::recovery::restore;
use crate::snapshot::members_at;

/// Puts a snapshot in place of the log up to `index` and of the state that was there. It is newer
/// than that.
///
/// # Errors
/// If its bytes are not a snapshot's; then nothing has changed.
pub fn install(node: &mut RaftNode, index: Index, term: Term, data: Bytes) -> io::Result<()> {
    // Exercise 6.6: Figure 13, steps 6 to 8: the state as in recovery; of the log what follows upon
    // the snapshot's last entry, if it holds that (6.1); and the latest configuration of what is
    // there then. The row `persist` saves it before anybody hears of it.
    restore(node, index, term, data)?;
    compact(&mut node.log, index, term);
    node.members = members_at(node, node.log.last_index());
    Ok(())
}

/// Row `install_snapshot`: a leader sends a chunk. The term rule has run before.
pub fn install_snapshot(
    node: &mut RaftNode,
    request: &InstallSnapshot,
    out: &mut Outbox,
) -> InstallSnapshotReply {
    // Exercise 6.6: Figure 13, receiver. A leader of an older term is refused. The leader of this
    // term is followed, as with AppendEntries. A snapshot of what is committed here anyway brings
    // nothing: this server has as much of it as the chunk reaches, and the state machine must not
    // go back. When the last chunk has made the snapshot whole, it is installed.
    let reply = InstallSnapshotReply { term: node.current_term, stored: 0 };
    if request.term < node.current_term {
        return reply;
    }
    election::follow(node, request.leader_id, out);
    let end = request.offset + request.data.len() as u64;
    if request.last_included_index <= node.commit_index {
        return InstallSnapshotReply { stored: end, ..reply };
    }
    let stored = receive(&mut node.later.arriving, request);
    if !request.done || stored != end {
        return InstallSnapshotReply { stored, ..reply };
    }
    let data = node.later.arriving.take().map(|arriving| arriving.data).unwrap_or_default();
    let (index, term) = (request.last_included_index, request.last_included_term);
    match install(node, index, term, data.into()) {
        Ok(()) => InstallSnapshotReply { stored, ..reply },
        Err(_) => reply,
    }
}

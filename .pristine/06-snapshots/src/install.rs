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
    todo!("exercise 6.6")
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
    todo!("exercise 6.6")
}

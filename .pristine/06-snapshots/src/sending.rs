//! Sending a snapshot (Figure 13): in chunks, to a follower that needs entries which are gone.

use persistence::data_model::{Outbox, Progress, RaftNode, Role};
use persistence::protocol::{InstallSnapshot, InstallSnapshotReply, Request, ServerId};
use persistence::replication;

/// Row `replicate_to`: entries, as module 3 sends them; or, if the entry that they follow upon is
/// gone, a chunk of the snapshot.
pub fn replicate_to(node: &mut RaftNode, peer: ServerId, out: &mut Outbox) {
    // Exercise 6.4: §7: the leader sends a snapshot when it "has already discarded the next log
    // entry that it needs to send to a follower". What precedes the next entry must be known too:
    // at the base it is, below it is not.
    todo!("exercise 6.4")
}

/// Sends `peer` the chunk of the snapshot that it needs next.
pub fn send_chunk(node: &mut RaftNode, peer: ServerId, out: &mut Outbox) {
    // Exercise 6.4: Figure 13, arguments: from what the follower has stored (`node.later.sending`,
    // 0 if nothing is known) at most `config.snapshot_chunk` bytes; `done` if these are the last.
    todo!("exercise 6.4")
}

/// Row `install_snapshot_reply`: a follower has answered a chunk of this term.
pub fn install_snapshot_reply(
    node: &mut RaftNode,
    from: ServerId,
    request: &InstallSnapshot,
    reply: &InstallSnapshotReply,
    out: &mut Outbox,
) {
    // Exercise 6.4: what counts is the answer to the chunk that was sent last of the present
    // snapshot: any other is an old one. A follower that has all of it holds the log up to the
    // snapshot's last entry; one that has crashed meanwhile has lost its part, and is sent it
    // again. Then it is sent what comes next at once; if the chunk has moved nothing, the next
    // heartbeat tries again.
    todo!("exercise 6.4")
}

//! Sending a snapshot (Figure 13): in chunks, to a follower that needs entries which are gone.

use persistence::data_model::{Outbox, OutgoingSnapshot, Progress, RaftNode, Role};
use persistence::protocol::{InstallSnapshot, InstallSnapshotReply, Request, ServerId};
use persistence::{commitment, replication};

/// Row `replicate_to`: entries, as module 3 sends them; or, if the entry before them is gone, a chunk of
/// a snapshot.
pub fn replicate_to(node: &mut RaftNode, peer: ServerId, out: &mut Outbox) {
    // Exercise 6.5: §7: the leader sends a snapshot when it "has already discarded the next log entry
    // that it needs to send to a follower". The term of the entry before that one must be known too:
    // at the base it is, below it is not. A transfer that has begun is finished first.
    todo!("exercise 6.5")
}

/// Sends `peer` the chunk of a snapshot that it needs next.
pub fn send_chunk(node: &mut RaftNode, peer: ServerId, out: &mut Outbox) {
    // Exercise 6.5: Figure 13, arguments. A transfer begins with the latest snapshot, and stays with it
    // although newer ones are taken meanwhile (`node.snapshots.outgoing`). The chunk begins after what
    // the follower has stored and has at most `config.snapshot_chunk` bytes; `done` if they are the
    // last.
    todo!("exercise 6.5")
}

/// Row `install_snapshot_reply`: a follower has replied to a chunk of this term.
pub fn install_snapshot_reply(
    node: &mut RaftNode,
    from: ServerId,
    request: &InstallSnapshot,
    reply: &InstallSnapshotReply,
    out: &mut Outbox,
) {
    // Exercise 6.5: only the reply to the chunk that the transfer is waiting for counts; any other is
    // an old one. A follower that has stored the whole snapshot holds the log up to its last entry. One
    // that has stored less than before has crashed and lost its part, and is sent it again. Send what
    // comes next at once; if the chunk changed nothing, the next heartbeat tries again.
    todo!("exercise 6.5")
}

/// Row `elected`: as in module 4. A new leadership begins without transfers.
pub fn elected(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 6.5: a transfer belongs to the leadership in which it began, like Figure 2's nextIndex[].
    todo!("exercise 6.5")
}

//! Sending a snapshot (Figure 13): in chunks, to a follower that needs entries which are gone.

use persistence::data_model::{Outbox, OutgoingSnapshot, Progress, RaftNode, Role};
use persistence::protocol::{InstallSnapshot, InstallSnapshotReply, Request, ServerId};
use persistence::{commitment, election, replication};

/// Row `replicate_to`: entries, as module 3 sends them; or a chunk of a snapshot.
pub fn replicate_to(node: &mut RaftNode, peer: ServerId, out: &mut Outbox) {
    // Exercise 6.5: §7: the leader sends a snapshot when it "has already discarded the next log
    // entry that it needs to send to a follower". Until a transfer is complete, chunks are sent, and
    // nothing while a chunk is in flight.
    todo!("exercise 6.5")
}

/// Sends `peer` the chunk of a snapshot that it needs next.
pub fn send_chunk(node: &mut RaftNode, peer: ServerId, out: &mut Outbox) {
    // Exercise 6.5: Figure 13, arguments. A transfer begins with the latest snapshot and keeps it
    // (`node.snapshots.outgoing`); a chunk has at most `config.snapshot_chunk` bytes. It is in
    // flight until the reply or the next heartbeat.
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
    // Exercise 6.5: Figure 13; `reply.stored` says how many bytes of the snapshot the follower has.
    // News is followed by the next request at once; without news, the next heartbeat tries again.
    todo!("exercise 6.5")
}

/// Row `elected`: a leadership begins.
pub fn elected(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 6.5: §7. Module 4's row runs too.
    todo!("exercise 6.5")
}

/// Row `heartbeat_timeout`: a chunk without a reply may be lost, so it is sent again with this heartbeat.
/// Then as in module 2. Given.
pub fn heartbeat_timeout(node: &mut RaftNode, out: &mut Outbox) {
    for transfer in node.snapshots.outgoing.values_mut() {
        transfer.in_flight = false;
    }
    election::heartbeat_timeout(node, out);
}

//! Sending a snapshot (Figure 13): in chunks, to a follower that needs entries which are gone.

use persistence::data_model::{Outbox, OutgoingSnapshot, Progress, RaftNode, Role};
use persistence::protocol::{InstallSnapshot, InstallSnapshotReply, Request, ServerId};
use persistence::{commitment, election, replication};

/// Row `replicate_to`: entries, as module 3 sends them; or a chunk of a snapshot.
pub fn replicate_to(node: &mut RaftNode, peer: ServerId, out: &mut Outbox) {
    // Exercise 6.5: §7: the leader sends a snapshot when it "has already discarded the next log
    // entry that it needs to send to a follower". Until a transfer is complete, chunks are sent, and
    // nothing while a chunk is in flight.
    // Approach: the term of the entry before that one must be known too: at the base it is, below
    // it is not. This row runs for each command of a client. If each sent the same chunk again, a
    // follower that is down would cost more than all others together.
    let Role::Leader { progress } = &node.role else { return };
    let Some(Progress { next_index, .. }) = progress.get(&peer) else { return };
    let known = node.log.term_at(next_index.prev()).is_some();
    match node.snapshots.outgoing.get(&peer) {
        Some(transfer) if transfer.in_flight => {}
        None if known => replication::replicate_to(node, peer, out),
        _ => send_chunk(node, peer, out),
    }
}

/// Sends `peer` the chunk of a snapshot that it needs next.
pub fn send_chunk(node: &mut RaftNode, peer: ServerId, out: &mut Outbox) {
    // Exercise 6.5: Figure 13, arguments. A transfer begins with the latest snapshot and keeps it
    // (`node.snapshots.outgoing`); a chunk has at most `config.snapshot_chunk` bytes. It is in
    // flight until the reply or the next heartbeat.
    let Some(latest) = &node.snapshots.latest else { return };
    let outgoing = node.snapshots.outgoing.entry(peer);
    let transfer = outgoing.or_insert_with(|| OutgoingSnapshot {
        snapshot: latest.clone(),
        stored: 0,
        in_flight: false,
    });
    transfer.in_flight = true;
    let snapshot = &transfer.snapshot;
    let start = usize::try_from(transfer.stored).unwrap_or(usize::MAX).min(snapshot.data.len());
    let end = start.saturating_add(node.config.snapshot_chunk.max(1)).min(snapshot.data.len());
    let request = InstallSnapshot {
        term: node.current_term,
        leader_id: node.id,
        last_included_index: snapshot.last_included_index,
        last_included_term: snapshot.last_included_term,
        offset: start as u64,
        data: snapshot.data.slice(start..end),
        done: end == snapshot.data.len(),
    };
    node.call(peer, Request::InstallSnapshot(request), out);
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
    // Approach: only the reply to the chunk that the transfer waits for counts; any other is an old
    // one. A follower that has stored less than before has crashed and lost its part. If the chunk
    // changed nothing, the next heartbeat tries again.
    let Role::Leader { progress } = &mut node.role else { return };
    let Some(follower) = progress.get_mut(&from) else { return };
    let Some(transfer) = node.snapshots.outgoing.get_mut(&from) else { return };
    let index = transfer.snapshot.last_included_index;
    let expected = (request.last_included_index, request.offset) == (index, transfer.stored);
    if !expected || reply.stored == transfer.stored {
        return;
    }
    transfer.stored = reply.stored;
    transfer.in_flight = false;
    if reply.stored >= transfer.snapshot.data.len() as u64 {
        node.snapshots.outgoing.remove(&from);
        follower.match_index = follower.match_index.max(index);
        follower.next_index = follower.next_index.max(index.next());
    }
    node.replicate_to(from, out);
}

/// Row `elected`: a leadership begins.
pub fn elected(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 6.5: §7. Module 4's row runs too.
    // Approach: a transfer belongs to the leadership in which it began, like Figure 2's
    // nextIndex[].
    node.snapshots.outgoing.clear();
    commitment::elected(node, out);
}

/// Row `heartbeat_timeout`: a chunk without a reply may be lost, so it is sent again with this heartbeat.
/// Then as in module 2. Given.
pub fn heartbeat_timeout(node: &mut RaftNode, out: &mut Outbox) {
    for transfer in node.snapshots.outgoing.values_mut() {
        transfer.in_flight = false;
    }
    election::heartbeat_timeout(node, out);
}

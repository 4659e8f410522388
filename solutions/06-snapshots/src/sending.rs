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
    let Role::Leader { progress } = &node.role else { return };
    let Some(Progress { next_index, .. }) = progress.get(&peer) else { return };
    if node.log.term_at(next_index.prev()).is_some() {
        replication::replicate_to(node, peer, out);
    } else {
        send_chunk(node, peer, out);
    }
}

/// Sends `peer` the chunk of the snapshot that it needs next.
pub fn send_chunk(node: &mut RaftNode, peer: ServerId, out: &mut Outbox) {
    // Exercise 6.4: Figure 13, arguments: from what the follower has stored (`node.later.sending`,
    // 0 if nothing is known) at most `config.snapshot_chunk` bytes; `done` if these are the last.
    let Some(snapshot) = &node.later.snapshot else { return };
    let offset = node.later.sending.get(&peer).copied().unwrap_or(0);
    let start = usize::try_from(offset).unwrap_or(usize::MAX).min(snapshot.data.len());
    let end = start.saturating_add(node.config.snapshot_chunk.max(1)).min(snapshot.data.len());
    let request = InstallSnapshot {
        term: node.current_term,
        leader_id: node.id,
        last_included_index: snapshot.last_included_index,
        last_included_term: snapshot.last_included_term,
        offset,
        data: snapshot.data.slice(start..end),
        done: end == snapshot.data.len(),
    };
    node.call(peer, Request::InstallSnapshot(request), out);
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
    let Role::Leader { progress } = &mut node.role else { return };
    let Some(follower) = progress.get_mut(&from) else { return };
    let Some(snapshot) = &node.later.snapshot else { return };
    let offset = node.later.sending.get(&from).copied().unwrap_or(0);
    let index = snapshot.last_included_index;
    if (request.last_included_index, request.offset) != (index, offset) || reply.stored == offset {
        return;
    }
    if reply.stored < snapshot.data.len() as u64 {
        node.later.sending.insert(from, reply.stored);
    } else {
        node.later.sending.remove(&from);
        follower.match_index = follower.match_index.max(index);
        follower.next_index = follower.next_index.max(index.next());
    }
    node.replicate_to(from, out);
}

//! One change at a time, by one server (dissertation §4.1; §6 does it in two phases).
//!
//! With one server more or less, every majority of the old configuration has a server in common
//! with every majority of the new one. So the cluster can go from one to the other with a single
//! entry, if the next change waits for it.

use snapshots::commitment;
use snapshots::data_model::{Outbox, PendingCommand, Progress, RaftNode, Role};
use snapshots::protocol::{ClientError, ClientRequest, Entry, Index, Members, Payload, RequestId};
use snapshots::replication::LogEdit as _;

use crate::configuration::is_changing;

/// Whether this leader may begin to change the configuration to `members` now.
pub fn may_change(node: &RaftNode, members: &Members) -> bool {
    // Exercise 7.2: dissertation §4.1, and its correction of 2015: this leader must have committed
    // an entry of its term. A server that is catching up (7.3) is an open change too. A cluster
    // keeps at least one server.
    // Approach: until an entry of its own term is committed, a change that an earlier leader began
    // may come back.
    let by_one = node.members.symmetric_difference(members).count() == 1;
    let own_term = node.log.term_at(node.commit_index) == Some(node.current_term);
    let open = is_changing(node) || node.membership.catch_up.is_some();
    by_one && own_term && !open && !members.is_empty()
}

/// Appends the new configuration to the log of this server, which is leader. The client waits for it.
///
/// # Panics
/// If the previous change is still open, or this server is not leader.
pub fn append_members(node: &mut RaftNode, id: RequestId, members: Members, out: &mut Outbox) {
    // Exercise 7.2: §6. The client waits as in 4.5. Afterwards, every peer has a progress, and no
    // other server has one, or a transfer in `node.snapshots.outgoing`.
    // Approach: like a command, but in force at once. A server that is added gets the progress with
    // which a new leader begins, unless it has some already from catching up.
    assert!(
        !is_changing(node),
        "one change at a time (dissertation §4.1): {} has an uncommitted configuration in its log",
        node.id
    );
    let term = node.leads().expect("only a leader changes the configuration (§6)");
    let next_index = node.log.last_index().next();
    let index = node.log.append(Entry { term, payload: Payload::Members(members.clone()) });
    node.pending_commands.insert(index, PendingCommand { id, term });
    node.members = members;
    let peers = node.peers();
    if let Role::Leader { progress } = &mut node.role {
        progress.retain(|peer, _| peers.contains(peer));
        node.snapshots.outgoing.retain(|peer, _| peers.contains(peer));
        for peer in peers {
            progress.entry(peer).or_insert(Progress { next_index, match_index: Index(0) });
        }
    }
    node.replicate_to_all(out);
}

/// Row `client_request`: a client's request.
pub fn client_request(
    node: &mut RaftNode,
    id: RequestId,
    request: ClientRequest,
    out: &mut Outbox,
) {
    // Exercise 7.2: a leader appends a change that `may_change` allows, and answers `Refused` to
    // any other. Everything else is module 4's.
    match request {
        ClientRequest::Change(members) if node.leads().is_some() => {
            if may_change(node, &members) {
                append_members(node, id, members, out);
            } else {
                out.client(id, Err(ClientError::Refused));
            }
        }
        other => commitment::client_request(node, id, other, out),
    }
}

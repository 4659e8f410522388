//! Adding and removing one server (dissertation §4.1 to §4.2; §6 does it in two phases).
//!
//! With one server more or less, every majority of the old configuration has a server in common
//! with every majority of the new one. So the cluster can go over from one to the other with a
//! single entry, if the next change waits for it.

use persistence::commitment;
use persistence::data_model::{Change, Outbox, Progress, RaftNode, Role, Waiting};
use persistence::protocol::{
    ClientError, ClientRequest, Entry, Index, Members, Payload, RequestId,
};

use crate::configuration::is_changing;

/// So many heartbeats a leader waits for a new server to catch up.
pub const PATIENCE: u32 = 100;

/// Whether this leader may go over to `members` now.
pub fn may_change(node: &RaftNode, members: &Members) -> bool {
    // Exercise 6.8: dissertation §4.1: one server more or one less; not before the last change is
    // committed, or given up; and not before this leader has committed an entry of its own term:
    // until then, a change that a former leader has begun may come back (the mistake of 2014 that
    // was found in 2015). A cluster without servers would be dead.
    let by_one = node.members.symmetric_difference(members).count() == 1;
    let own_term = node.log.term_at(node.commit_index) == Some(node.current_term);
    by_one && own_term && !is_changing(node) && node.later.change.is_none() && !members.is_empty()
}

/// Puts the new configuration into the log of this server, which leads; the client waits for it.
pub fn append_members(node: &mut RaftNode, id: RequestId, members: Members, out: &mut Outbox) {
    // Exercise 6.8: §6: like a command (4.5), but in force at once. The progress of a server that
    // is removed goes; that of a new one is there already.
    let term = node.current_term;
    let payload = Payload::Members(members.clone());
    let index = node.log.append(Entry { term, payload });
    node.waiting.insert(index, Waiting { id, term });
    if let Role::Leader { progress } = &mut node.role {
        progress.retain(|peer, _| members.contains(peer));
    }
    node.members = members;
    for peer in node.peers() {
        node.replicate_to(peer, out);
    }
}

/// A client asks the leader to go over to `members`.
pub fn change(node: &mut RaftNode, id: RequestId, members: Members, out: &mut Outbox) {
    // Exercise 6.8: what may not be is refused. A removal goes into the log at once. A new server
    // is sent the log first (dissertation §4.2.1), with the progress that a new leader would give
    // it, and is no member until it has caught up: counted at once, it could stop the cluster from
    // committing anything.
    if !may_change(node, &members) {
        return out.client(id, Err(ClientError::Refused));
    }
    let Some(&joining) = members.difference(&node.members).next() else {
        return append_members(node, id, members, out);
    };
    let next_index = node.log.last_index().next();
    if let Role::Leader { progress } = &mut node.role {
        progress.insert(joining, Progress { next_index, match_index: Index(0) });
    }
    node.later.change = Some(Change { id, members, joining, patience: PATIENCE });
    node.replicate_to(joining, out);
}

/// Row `client_request`: a client asks.
pub fn client_request(
    node: &mut RaftNode,
    id: RequestId,
    request: ClientRequest,
    out: &mut Outbox,
) {
    // Exercise 6.8: a change of members, if this server leads; everything else as in module 4.
    match request {
        ClientRequest::Change(members) if node.leads().is_some() => change(node, id, members, out),
        other => commitment::client_request(node, id, other, out),
    }
}

/// Row `heartbeat_timeout`: as before, and one for the server that is joining.
pub fn heartbeat_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 6.8: it is no peer yet. If it has not caught up after `PATIENCE` heartbeats, the
    // change is given up: its progress goes, and the client is refused.
    persistence::election::heartbeat_timeout(node, out);
    let Some(mut change) = node.later.change.take() else { return };
    change.patience -= 1;
    if change.patience > 0 {
        node.replicate_to(change.joining, out);
        node.later.change = Some(change);
        return;
    }
    if let Role::Leader { progress } = &mut node.role {
        progress.remove(&change.joining);
    }
    out.client(change.id, Err(ClientError::Refused));
}

/// Takes the new server in, if it has caught up.
pub fn admit(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 6.8: it has caught up when it holds everything that this leader knows to be
    // committed.
    let Role::Leader { progress } = &node.role else { return };
    let commit_index = node.commit_index;
    let caught_up = node.later.change.take_if(|change| {
        progress.get(&change.joining).is_some_and(|new| new.match_index >= commit_index)
    });
    if let Some(change) = caught_up {
        append_members(node, change.id, change.members, out);
    }
}

/// Row `advance_commit`: takes a new server in, then commits what can be committed, and steps down
/// if that was this leader's own removal.
pub fn advance_commit(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 6.8: §6: a leader that is not part of the new configuration leads on, without
    // counting itself, until the change is committed; then it "steps down (returns to follower
    // state)". Before that it sends its commit index once more.
    admit(node, out);
    commitment::advance_commit(node, out);
    if node.leads().is_none() || node.members.contains(&node.id) || is_changing(node) {
        return;
    }
    for peer in node.peers() {
        node.replicate_to(peer, out);
    }
    node.become_follower(node.current_term, None);
}

/// Row `deposed`: a change that is not in the log will not be made by this server.
pub fn deposed(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 6.8: nothing was done, and its client hears so. Then as in module 4.
    if let Some(change) = node.later.change.take() {
        out.client(change.id, Err(ClientError::Refused));
    }
    commitment::deposed(node, out);
}

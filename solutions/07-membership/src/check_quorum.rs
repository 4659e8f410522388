//! Stepping down without a quorum (dissertation §6.2).
//!
//! Followers ignore candidates as long as they hear their leader (exercise 7.5). If that leader reaches
//! only a minority, it can commit nothing, and yet keeps its followers from electing another one. With
//! partial connectivity that can last forever, although a quorum of connected servers is up. So a leader
//! that does not hear from a majority for an election timeout must step down.

use snapshots::data_model::{Outbox, RaftNode};
use snapshots::protocol::{CallId, Reply, Request, ServerId};
use snapshots::{commitment, election, sending};

use crate::configuration;

/// Row `elected`: as in module 6; and the first check of this leadership is due after an election
/// timeout.
pub fn elected(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.6: dissertation §6.2. `node.membership.responders` notes who has replied since the
    // last check.
    // Approach: no server has replied to this leadership yet.
    node.membership.responders.clear();
    election::reset_election_timer(node, out);
    sending::elected(node, out);
}

/// Row `reply_received`: as in module 4; and the leader has heard from this server.
pub fn reply_received(
    node: &mut RaftNode,
    call: CallId,
    from: ServerId,
    request: &Request,
    reply: &Reply,
    out: &mut Outbox,
) {
    // Exercise 7.6: dissertation §6.2.
    // Approach: any reply of the current term counts, even a rejection.
    node.membership.responders.insert(from);
    commitment::reply_received(node, call, from, request, reply, out);
}

/// Row `election_timeout`: a leader checks whether a majority has replied since the last check; every
/// other server does as in 7.1.
pub fn election_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.6: dissertation §6.2: a leader "steps down if an election timeout elapses without
    // a successful round of heartbeats to a majority of its cluster; this allows clients to retry
    // their requests with another server".
    // Approach: it steps down in its own term. Otherwise the next check begins.
    if node.leads().is_none() {
        return configuration::election_timeout(node, out);
    }
    let responders = std::mem::take(&mut node.membership.responders);
    if node.is_majority(|id| id == node.id || responders.contains(&id)) {
        election::reset_election_timer(node, out);
    } else {
        node.become_follower(node.current_term, None);
    }
}

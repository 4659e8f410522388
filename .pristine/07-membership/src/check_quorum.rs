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
    todo!("exercise 7.6")
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
    todo!("exercise 7.6")
}

/// Row `election_timeout`: a leader checks whether a majority has replied since the last check; every
/// other server does as in 7.1.
pub fn election_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.6: dissertation §6.2: a leader "steps down if an election timeout elapses without
    // a successful round of heartbeats to a majority of its cluster; this allows clients to retry
    // their requests with another server".
    todo!("exercise 7.6")
}

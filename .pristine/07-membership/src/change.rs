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
    // Exercise 7.2: dissertation §4.1: one server more or one less; not before the last change is
    // committed or abandoned (`node.membership.catch_up`, exercise 7.3); and not before this leader
    // has committed an entry of its own term: until then, a change that an earlier leader began may
    // come back (a mistake in the dissertation that was found in 2015). A cluster without servers would
    // be dead.
    todo!("exercise 7.2")
}

/// Appends the new configuration to the log of this server, which is leader. The client waits for it.
///
/// # Panics
/// If the previous change is still open, or this server is not leader.
pub fn append_members(node: &mut RaftNode, id: RequestId, members: Members, out: &mut Outbox) {
    // Exercise 7.2: §6: like a command (4.5), but in force at once. The progress of a server that is
    // removed goes, and so does a snapshot that it is being sent. A server that is added gets the
    // progress with which a new leader begins, unless it has some already.
    todo!("exercise 7.2")
}

/// Row `client_request`: a client's request.
pub fn client_request(
    node: &mut RaftNode,
    id: RequestId,
    request: ClientRequest,
    out: &mut Outbox,
) {
    // Exercise 7.2: a leader appends a change of the configuration that may begin now, and refuses any
    // other change. Everything else is as in module 4.
    todo!("exercise 7.2")
}

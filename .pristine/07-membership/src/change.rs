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
    todo!("exercise 7.2")
}

/// Appends the new configuration to the log of this server, which is leader. The client waits for it.
///
/// # Panics
/// If the previous change is still open, or this server is not leader.
pub fn append_members(node: &mut RaftNode, id: RequestId, members: Members, out: &mut Outbox) {
    // Exercise 7.2: §6. The client waits as in 4.5. Afterwards, every peer has a progress, and no
    // other server has one, or a transfer in `node.snapshots.outgoing`.
    todo!("exercise 7.2")
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
    todo!("exercise 7.2")
}

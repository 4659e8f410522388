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
    todo!("exercise 6.8")
}

/// Puts the new configuration into the log of this server, which leads; the client waits for it.
pub fn append_members(node: &mut RaftNode, id: RequestId, members: Members, out: &mut Outbox) {
    // Exercise 6.8: §6: like a command (4.5), but in force at once. The progress of a server that
    // is removed goes; that of a new one is there already.
    todo!("exercise 6.8")
}

/// A client asks the leader to go over to `members`.
pub fn change(node: &mut RaftNode, id: RequestId, members: Members, out: &mut Outbox) {
    // Exercise 6.8: what may not be is refused. A removal goes into the log at once. A new server
    // is sent the log first (dissertation §4.2.1), with the progress that a new leader would give
    // it, and is no member until it has caught up: counted at once, it could stop the cluster from
    // committing anything.
    todo!("exercise 6.8")
}

/// Row `client_request`: a client asks.
pub fn client_request(
    node: &mut RaftNode,
    id: RequestId,
    request: ClientRequest,
    out: &mut Outbox,
) {
    // Exercise 6.8: a change of members, if this server leads; everything else as in module 4.
    todo!("exercise 6.8")
}

/// Row `heartbeat_timeout`: as before, and one for the server that is joining.
pub fn heartbeat_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 6.8: it is no peer yet. If it has not caught up after `PATIENCE` heartbeats, the
    // change is given up: its progress goes, and the client is refused.
    todo!("exercise 6.8")
}

/// Takes the new server in, if it has caught up.
pub fn admit(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 6.8: it has caught up when it holds everything that this leader knows to be
    // committed.
    todo!("exercise 6.8")
}

/// Row `advance_commit`: takes a new server in, then commits what can be committed, and steps down
/// if that was this leader's own removal.
pub fn advance_commit(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 6.8: §6: a leader that is not part of the new configuration leads on, without
    // counting itself, until the change is committed; then it "steps down (returns to follower
    // state)". Before that it sends its commit index once more.
    todo!("exercise 6.8")
}

/// Row `deposed`: a change that is not in the log will not be made by this server.
pub fn deposed(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 6.8: nothing was done, and its client hears so. Then as in module 4.
    todo!("exercise 6.8")
}

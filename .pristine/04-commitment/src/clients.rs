//! Clients of a leader, of a follower, and of a deposed leader (§8).

use replication::LogEdit as _;
use replication::data_model::{Outbox, PendingCommand, RaftNode, Role};
use replication::protocol::{
    ClientError, ClientRequest, Command, Entry, Payload, RequestId, ServerId,
};

use crate::{apply_next, read, register};

/// Appends a client's command to the log of this leader.
pub fn accept(node: &mut RaftNode, id: RequestId, command: Command, out: &mut Outbox) {
    // Exercise 4.5: §5.3, §8. `node.pending_commands` holds who waits, and the entry's term.
    todo!("exercise 4.5")
}

/// Row `apply`: applies what is committed, and answers waiting clients.
pub fn apply(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 4.5: §8. A client whose command was overwritten gets `Unknown`.
    todo!("exercise 4.5")
}

/// Row `client_request`: a client's request.
pub fn client_request(
    node: &mut RaftNode,
    id: RequestId,
    request: ClientRequest,
    out: &mut Outbox,
) {
    // Exercise 4.6: §8. Without leadership: `NotLeader`, with `known_leader`. Commands go to
    // `accept`, queries to `read` (4.10), registrations to `register` (4.9); the rest: `Refused`.
    todo!("exercise 4.6")
}

/// Row `deposed`: a leadership has ended.
pub fn deposed(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 4.6: §8. Waiting commands get `Unknown`, waiting reads `NotLeader`. Module 2's row
    // runs too.
    todo!("exercise 4.6")
}

/// The leader of the current term, if the server has heard from it. Given.
fn known_leader(node: &RaftNode) -> Option<ServerId> {
    match node.role {
        Role::Follower { leader } => leader,
        _ => None,
    }
}

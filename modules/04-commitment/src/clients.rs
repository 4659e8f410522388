//! Clients of a leader, of a follower, and of a deposed leader (§8).

use replication::LogEdit as _;
use replication::data_model::{Outbox, PendingCommand, RaftNode, Role};
use replication::protocol::{
    ClientError, ClientRequest, Command, Entry, Payload, RequestId, ServerId,
};

use crate::{apply_next, read};

/// Appends a client's command to the log of this server, which is leader. The client waits for it.
pub fn accept(node: &mut RaftNode, id: RequestId, command: Command, out: &mut Outbox) {
    // Exercise 4.5: §5.3, §8: as in module 3; and note in `node.pending_commands` which client waits
    // for the entry, and the entry's term.
    todo!("exercise 4.5")
}

/// Row `apply`: applies what is committed, and answers the clients that wait for it.
pub fn apply(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 4.5: §8: a client receives the result of its own command after it was applied. It
    // waits for an entry of a certain term: if the entry at that index has another term, the command
    // may be lost, and its outcome is unknown.
    todo!("exercise 4.5")
}

/// Row `client_request`: a client's request.
pub fn client_request(
    node: &mut RaftNode,
    id: RequestId,
    request: ClientRequest,
    out: &mut Outbox,
) {
    // Exercise 4.6: §8: a server that is not leader "will reject the client's request and supply
    // information about the most recent leader it has heard from". A leader takes commands by
    // `accept`, and queries by `read` (exercise 4.10); it refuses the rest.
    todo!("exercise 4.6")
}

/// Row `deposed`: this server led, and no longer does.
pub fn deposed(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 4.6: clients that wait at a leader that steps down are told so. A command may still be
    // executed under another leader, or not. A read has no effect, so its client can simply ask
    // elsewhere. Then do what module 2 does.
    todo!("exercise 4.6")
}

/// The leader of the current term, if it was heard. Given.
fn known_leader(node: &RaftNode) -> Option<ServerId> {
    match node.role {
        Role::Follower { leader } => leader,
        _ => None,
    }
}

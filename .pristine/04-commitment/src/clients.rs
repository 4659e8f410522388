//! Clients at a leader, at a follower, and at one who was leader (§8).

use replication::data_model::{Outbox, RaftNode, Role, Waiting};
use replication::protocol::{
    ClientError, ClientRequest, Command, Entry, Payload, RequestId, ServerId,
};

use crate::{apply_next, read};

/// Takes a client's command into the log of this server, which leads; the client waits for it.
pub fn accept(node: &mut RaftNode, id: RequestId, command: Command, out: &mut Outbox) {
    // Exercise 4.5: §5.3, §8: as in module 3, and besides note in `node.waiting` who waits for the
    // entry, and in which term it was made.
    todo!("exercise 4.5")
}

/// Row `apply`: applies what is committed, and answers the clients that wait for it.
pub fn apply(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 4.5: §8: a client hears the result of its own command, after it was applied. Who
    // waits at an index waits for an entry of a certain term: if another one stands there, the
    // command may be lost, and all that can be said is that its end is unknown.
    todo!("exercise 4.5")
}

/// Row `client_request`: a client asks.
pub fn client_request(
    node: &mut RaftNode,
    id: RequestId,
    request: ClientRequest,
    out: &mut Outbox,
) {
    // Exercise 4.6: §8: a server that does not lead "will reject the client's request and supply
    // information about the most recent leader it has heard from". A leader takes commands by
    // `accept`, and queries by `read` (exercise 4.10); it refuses the rest.
    todo!("exercise 4.6")
}

/// Row `deposed`: this server led, and has seen a newer term.
pub fn deposed(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 4.6: who waits at a leader that steps down hears of it: its command may still be
    // executed, under another leader, or not. A read has no effect, so its client may just ask
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

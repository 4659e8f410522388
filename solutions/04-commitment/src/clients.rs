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
    let term = node.current_term;
    let index = node.log.append(Entry { term, payload: Payload::Command(command) });
    node.pending_commands.insert(index, PendingCommand { id, term });
    node.replicate_to_all(out);
}

/// Row `apply`: applies what is committed, and answers waiting clients.
pub fn apply(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 4.5: §8. A client whose command was overwritten gets `Unknown`.
    // Approach: an index can be used twice: the entry there is the client's only if its term is the
    // one that the client waits for. More than one entry may be due.
    while let Some((index, result)) = apply_next(node) {
        let Some(pending) = node.pending_commands.remove(&index) else { continue };
        let own = node.log.term_at(index) == Some(pending.term);
        out.client(pending.id, if own { result } else { Err(ClientError::Unknown) });
    }
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
    if node.leads().is_none() {
        return out.client(id, Err(ClientError::NotLeader(known_leader(node))));
    }
    match request {
        ClientRequest::Command(command) => accept(node, id, command, out),
        ClientRequest::Query(query) => read(node, id, query, out),
        ClientRequest::Register => register(node, id, out),
        _ => out.client(id, Err(ClientError::Refused)),
    }
}

/// Row `deposed`: a leadership has ended.
pub fn deposed(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 4.6: §8. Waiting commands get `Unknown`, waiting reads `NotLeader`. Module 2's row
    // runs too.
    // Approach: a command may still be executed under another leader, or not. A read has no effect,
    // so its client can simply ask elsewhere.
    for command in std::mem::take(&mut node.pending_commands).into_values() {
        out.client(command.id, Err(ClientError::Unknown));
    }
    for read in std::mem::take(&mut node.pending_reads) {
        out.client(read.id, Err(ClientError::NotLeader(known_leader(node))));
    }
    replication::election::deposed(node, out);
}

/// The leader of the current term, if the server has heard from it. Given.
fn known_leader(node: &RaftNode) -> Option<ServerId> {
    match node.role {
        Role::Follower { leader } => leader,
        _ => None,
    }
}

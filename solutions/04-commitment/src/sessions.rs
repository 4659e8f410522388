//! Bonus: a command that a client repeats is executed once (§8; dissertation §6.3).

use replication::LogEdit as _;
use replication::data_model::{ClientSession, Outbox, PendingCommand, RaftNode};
use replication::protocol::{
    Bytes, ClientError, ClientId, Command, Entry, Index, Payload, RequestId,
};

/// A client asks for a session.
pub fn register(node: &mut RaftNode, id: RequestId, out: &mut Outbox) {
    // Exercise 4.9: dissertation Figure 6.1, RegisterClient RPC; `Payload::Register`.
    // Until then: out.client(id, Err(ClientError::Refused))
    // Approach: a leader that invented an id by itself could invent one that another leader gives to
    // another client. No two entries have the same index.
    let term = node.current_term;
    let index = node.log.append(Entry { term, payload: Payload::Register });
    node.pending_commands.insert(index, PendingCommand { id, term });
    node.replicate_to_all(out);
}

/// A registration is applied.
pub fn open_session(node: &mut RaftNode, index: Index) {
    // Exercise 4.9: dissertation Figure 6.1, RegisterClient RPC. The client's id is `index`. Beyond
    // `config.max_sessions`, the least recently used session ends.
    // Until then: ()
    // Approach: what a server has seen apart from the log is not what the others have seen.
    while node.sessions.len() >= node.config.max_sessions.max(1) {
        let least = node.sessions.iter().min_by_key(|(_, session)| session.last_used);
        let Some((&client, _)) = least else { break };
        node.sessions.remove(&client);
    }
    let session = ClientSession { serial: 0, result: Bytes::new(), last_used: index };
    node.sessions.insert(ClientId(index.0), session);
}

/// The answer to a command that must not run, if any.
pub fn answer_without_executing(
    node: &RaftNode,
    command: &Command,
) -> Option<Result<Bytes, ClientError>> {
    // Exercise 4.9: §8: "If it receives a command whose serial number has already been executed, it
    // responds immediately without re-executing the request." Smaller numbers get `Unknown`, an
    // unknown session `SessionExpired` (dissertation §6.3). Without a session, execute.
    // Until then: None
    // Approach: of a smaller number it is not known what its result was: only the last result is kept,
    // and that belongs to another command. Executed now, it would undo newer ones. Without its
    // session, nobody knows whether a command was executed before.
    let named = command.session?;
    let Some(session) = node.sessions.get(&named.client) else {
        return Some(Err(ClientError::SessionExpired));
    };
    if named.serial < session.serial {
        return Some(Err(ClientError::Unknown));
    }
    (named.serial == session.serial).then(|| Ok(session.result.clone()))
}

/// Remembers that the command in the entry at `index` was executed, and with which result.
pub fn remember(node: &mut RaftNode, index: Index, command: &Command, result: &Bytes) {
    // Exercise 4.9: §8: "the state machine tracks the latest serial number processed for each
    // client, along with the associated response". `last_used` is the index of the entry.
    // Until then: ()
    let Some(named) = command.session else { return };
    if let Some(session) = node.sessions.get_mut(&named.client) {
        *session = ClientSession { serial: named.serial, result: result.clone(), last_used: index };
    }
}

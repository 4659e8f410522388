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
    out.client(id, Err(ClientError::Refused))
}

/// A registration is applied.
pub fn open_session(node: &mut RaftNode, index: Index) {
    // Exercise 4.9: dissertation Figure 6.1, RegisterClient RPC. The client's id is `index`. Beyond
    // `config.max_sessions`, the least recently used session ends.
    // Until then: ()
    ()
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
    None
}

/// Remembers that the command in the entry at `index` was executed, and with which result.
pub fn remember(node: &mut RaftNode, index: Index, command: &Command, result: &Bytes) {
    // Exercise 4.9: §8: "the state machine tracks the latest serial number processed for each
    // client, along with the associated response". `last_used` is the index of the entry.
    // Until then: ()
    ()
}

//! Bonus: a command that a client repeats is executed once (§8).

use replication::data_model::RaftNode;
use replication::protocol::{Bytes, Command};

/// The result, if a command was executed before.
pub fn result_of(node: &RaftNode, command: &Command) -> Option<Bytes> {
    // Exercise 4.9: §8: "If it receives a command whose serial number has already been executed, it
    // responds immediately without re-executing the request." Smaller numbers count as executed. A
    // command without a session is always new.
    // Until then: None
    // Approach: an older number was executed too: its client has received the answer, or it would
    // not have sent the next command.
    let session = command.session?;
    let (serial, result) = node.sessions.get(&session.client)?;
    (session.serial <= *serial).then(|| result.clone())
}

/// Remembers the result of a client's command.
pub fn remember(node: &mut RaftNode, command: &Command, result: &Bytes) {
    // Exercise 4.9: §8: "the state machine tracks the latest serial number processed for each
    // client, along with the associated response".
    // Until then: ()
    if let Some(session) = command.session {
        node.sessions.insert(session.client, (session.serial, result.clone()));
    }
}

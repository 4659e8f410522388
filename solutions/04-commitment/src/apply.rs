//! Applying what is committed (§5.3), and telling the clients (§8).

use replication::data_model::{Outbox, RaftNode};
use replication::protocol::{Bytes, ClientError, Index, Payload};

use crate::{remember, result_of};

/// Applies the next committed entry, if there is one: gives its index, and the result of its command.
pub fn apply_next(node: &mut RaftNode) -> Option<(Index, Bytes)> {
    // Exercise 4.4: Rules for Servers, All Servers (§5.3): "If commitIndex > lastApplied: increment lastApplied,
    // apply log[lastApplied] to state machine". What `execute` below gives is the result.
    if node.last_applied >= node.commit_index {
        return None;
    }
    node.last_applied = node.last_applied.next();
    Some((node.last_applied, execute(node, node.last_applied)))
}

/// Row `apply`: applies what is committed, and answers the clients that wait for it.
pub fn apply(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 4.5: §8: a client hears the result of its own command, after it was applied. Who waits at an
    // index waits for an entry of a certain term: if another one stands there, the command may be lost, and
    // all that can be said is that its end is unknown.
    while let Some((index, result)) = apply_next(node) {
        let Some(waiting) = node.waiting.remove(&index) else { continue };
        let own = node.log.term_at(index) == Some(waiting.term);
        out.client(waiting.id, if own { Ok(result) } else { Err(ClientError::Unknown) });
    }
}

/// Executes the command at `index`, unless it was executed before (4.9). An entry without a command has an
/// empty result. Given.
fn execute(node: &mut RaftNode, index: Index) -> Bytes {
    let Some(Payload::Command(command)) = node.log.entry(index).map(|entry| entry.payload.clone())
    else {
        return Bytes::new();
    };
    if let Some(result) = result_of(node, &command) {
        return result;
    }
    let result = node.machine.apply(index, &command.bytes);
    remember(node, &command, &result);
    result
}

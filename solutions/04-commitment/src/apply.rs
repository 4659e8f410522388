//! Applying what is committed (§5.3).

use replication::data_model::RaftNode;
use replication::protocol::{Bytes, Index, Payload};

use crate::{remember, result_of};

/// Applies the next committed entry, if there is one. Returns index and result.
///
/// # Panics
/// If more is applied than committed.
pub fn apply_next(node: &mut RaftNode) -> Option<(Index, Bytes)> {
    // Exercise 4.4: Rules for Servers, All Servers (§5.3), with `execute`.
    assert!(
        node.last_applied <= node.commit_index,
        "only committed entries are applied (§5.3): {} has applied up to {}, and committed up to {}",
        node.id,
        node.last_applied,
        node.commit_index
    );
    if node.last_applied == node.commit_index {
        return None;
    }
    node.last_applied = node.last_applied.next();
    Some((node.last_applied, execute(node, node.last_applied)))
}

/// Executes the command at `index`, unless it was executed before (4.9). An entry without a command
/// has an empty result. Given.
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

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
    todo!("exercise 4.4")
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

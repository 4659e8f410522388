//! Applying what is committed (§5.3).

use replication::data_model::RaftNode;
use replication::protocol::{Bytes, ClientError, Index, Payload};

use crate::{answer_without_executing, open_session, remember};

/// Applies the next committed entry, if there is one. Returns its index, and what its client is answered.
///
/// # Panics
/// If more is applied than committed.
pub fn apply_next(node: &mut RaftNode) -> Option<(Index, Result<Bytes, ClientError>)> {
    // Exercise 4.4: Rules for Servers, All Servers (§5.3), with `execute`.
    todo!("exercise 4.4")
}

/// Executes the command at `index`, unless its session says otherwise (4.9). The result of a registration
/// is the client's id; that of any other entry without a command is empty. Given.
fn execute(node: &mut RaftNode, index: Index) -> Result<Bytes, ClientError> {
    let Some(entry) = node.log.entry(index) else { return Ok(Bytes::new()) };
    node.snapshots.applied_bytes += entry.bytes();
    match entry.payload.clone() {
        Payload::Register => {
            open_session(node, index);
            Ok(index.to_string().into())
        }
        Payload::Command(command) => {
            if let Some(answer) = answer_without_executing(node, &command) {
                return answer;
            }
            let result = node.machine.apply(index, &command.bytes);
            remember(node, index, &command, &result);
            Ok(result)
        }
        Payload::Members(_) | Payload::NoOp => Ok(Bytes::new()),
    }
}

//! A disk that fails: the server stops, and says why.

use std::io;

use commitment::data_model::RaftNode;

use crate::save;

/// Runs `access`, unless the disk has failed before.
///
/// # Errors
/// If it fails, or has failed before.
pub fn guard_disk(
    node: &mut RaftNode,
    access: fn(&mut RaftNode) -> io::Result<()>,
) -> io::Result<()> {
    // Exercise 5.6: `node.disk_failure` records the first error. Every later access returns it.
    // Approach: after an error it is unknown what the disk holds, and a later sync that succeeds
    // does not bring back what an earlier one has lost.
    if let Some(reason) = &node.disk_failure {
        return Err(io::Error::other(format!("the disk has failed before: {reason}")));
    }
    let result = access(node);
    if let Err(error) = &result {
        node.disk_failure = Some(error.to_string());
    }
    result
}

/// Row `persist`: saves what changed, before any effect is released.
///
/// # Errors
/// If the disk fails.
pub fn persist(node: &mut RaftNode) -> io::Result<()> {
    // Exercise 5.6: `save`, guarded.
    guard_disk(node, save)
}

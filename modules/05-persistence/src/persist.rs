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
    todo!("exercise 5.6")
}

/// Row `persist`: saves what changed, before any effect is released.
///
/// # Errors
/// If the disk fails.
pub fn persist(node: &mut RaftNode) -> io::Result<()> {
    // Exercise 5.6: `save`, guarded.
    todo!("exercise 5.6")
}

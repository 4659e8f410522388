//! A disk that fails: the server stops, and says why.

use std::io;

use commitment::data_model::RaftNode;

use crate::save;

/// Runs `access`, which reads or writes the disk, unless the disk has failed before.
///
/// # Errors
/// If it fails, or has failed before: then the server must stop.
pub fn guard_disk(
    node: &mut RaftNode,
    access: fn(&mut RaftNode) -> io::Result<()>,
) -> io::Result<()> {
    // Exercise 5.6: after an error it is unknown what the disk holds, and a later sync that succeeds
    // does not bring back what an earlier one has lost. So the first error is final: it is recorded in
    // `node.disk_failure`, and every later access returns it again.
    todo!("exercise 5.6")
}

/// Row `persist`: what changed must be on disk before any effect is released.
///
/// # Errors
/// If the disk cannot promise to keep it. Then the event loop releases no effect.
pub fn persist(node: &mut RaftNode) -> io::Result<()> {
    // Exercise 5.6: `save`, unless the disk has failed before.
    todo!("exercise 5.6")
}

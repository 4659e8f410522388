//! A disk that fails: the server stops, and says why.

use std::io;

use commitment::data_model::RaftNode;

use crate::save;

/// Does what writes to the disk, unless the disk has failed before.
///
/// # Errors
/// If it fails, or has failed before: then the server must stop.
pub fn unless_failed(
    node: &mut RaftNode,
    write: fn(&mut RaftNode) -> io::Result<()>,
) -> io::Result<()> {
    // Exercise 5.6: after an error nobody knows what the disk holds, and a later sync that succeeds
    // does not bring back what an earlier one has lost. So the first error is the last word: it is
    // remembered in `node.saved.failed`, and whoever asks this server to go on hears of it again.
    todo!("exercise 5.6")
}

/// Row `persist`: what changed must be on disk before anything is let out.
///
/// # Errors
/// If the disk cannot promise to keep it; then the event loop lets nothing out.
pub fn persist(node: &mut RaftNode) -> io::Result<()> {
    // Exercise 5.6: `save`, unless the disk has failed before.
    todo!("exercise 5.6")
}

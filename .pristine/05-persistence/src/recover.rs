//! Coming back: a server from its disk.

use std::io;

use commitment::data_model::{Log, RaftNode};
use commitment::replication::LogEdit as _;

use crate::{LOG, Record, corrupt, note_saved, read_records};

/// Replays one record: the state becomes what it was then.
///
/// # Errors
/// If it does not follow the records before it.
pub fn replay(node: &mut RaftNode, record: Record) -> io::Result<()> {
    // Exercise 5.5: see [`Record`].
    todo!("exercise 5.5")
}

/// Row `recover`: the server has restarted.
///
/// # Errors
/// If the disk cannot be read, or is damaged.
pub fn recover(node: &mut RaftNode) -> io::Result<()> {
    // Exercise 5.5: Figure 2, "Persistent state". The first record says where the log begins.
    // Afterwards, the file holds whole records only, all durable.
    todo!("exercise 5.5")
}

//! Coming back: a server from its disk.

use std::io;

use commitment::data_model::{Log, RaftNode};
use commitment::replication::LogEdit as _;

use crate::{LOG, Record, corrupt, note_saved, read_records};

/// Replays one record: the state is then what it was when the record was written.
///
/// # Errors
/// If the record does not follow what the records before it said.
pub fn replay(node: &mut RaftNode, record: Record) -> io::Result<()> {
    // Exercise 5.5: term and vote as the record says; the log up to `prev_log_index` stays, what
    // followed that is gone, and the entries are appended. If the log has no entry of `prev_log_term`
    // there, a record is missing or is not this server's: that is damage.
    todo!("exercise 5.5")
}

/// Row `recover`: the server has restarted, and takes up what its disk has kept.
///
/// # Errors
/// If the disk cannot be read, or is damaged.
pub fn recover(node: &mut RaftNode) -> io::Result<()> {
    // Exercise 5.5: Figure 2: term, vote and log are persistent; everything else starts over and is
    // found again. The first record says where the log begins: at index 0, until module 6 compacts
    // it. A torn tail is cut off the file (`replace`), or the next record would come after it and be
    // lost. What is whole may not have been synced before the crash, so it is now: from here on this
    // server acts on it.
    todo!("exercise 5.5")
}

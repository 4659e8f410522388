//! Coming back: a server from its disk.

use std::io;

use commitment::data_model::{Log, RaftNode};

use crate::{LOG, Record, damaged, note_saved, read_records};

/// Takes one record in: the state is then what it was when the record was written.
///
/// # Errors
/// If the record does not follow upon what the records before it have said.
pub fn replay(node: &mut RaftNode, record: Record) -> io::Result<()> {
    // Exercise 5.5: term and vote as the record says; the log up to `prev_log_index` stays, what
    // followed upon that is gone, and the entries are appended. If the log has no entry of
    // `prev_log_term` there, a record is missing, or this is none of ours: that is damage.
    todo!("exercise 5.5")
}

/// Row `recover`: the server has been made anew, and takes up what its disk has kept.
///
/// # Errors
/// If the disk cannot be read, or is damaged.
pub fn recover(node: &mut RaftNode) -> io::Result<()> {
    // Exercise 5.5: Figure 2: term, vote and log are persistent; everything else starts over and is
    // found again. The first record says where the log begins: at index 0, until module 6 compacts
    // it. A torn tail is cut off the file (`replace`), or the next record would stand behind it and
    // be lost. What is whole may not have been synced before the crash, so it is now: from here on
    // this server stands by it.
    todo!("exercise 5.5")
}

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
    // Approach: if the log has no entry of `prev_log_term` there, a record is missing or is not
    // this server's.
    let (index, term) = (record.prev_log_index, record.prev_log_term);
    if node.log.term_at(index) != Some(term) {
        return Err(corrupt(format!(
            "a record follows index {index} of term {term}, which is not in the log"
        )));
    }
    node.current_term = record.current_term;
    node.voted_for = record.voted_for;
    node.log.truncate_from(index.next());
    for entry in record.entries {
        node.log.append(entry);
    }
    Ok(())
}

/// Row `recover`: the server has restarted.
///
/// # Errors
/// If the disk cannot be read, or is damaged.
pub fn recover(node: &mut RaftNode) -> io::Result<()> {
    // Exercise 5.5: Figure 2, "Persistent state". The first record says where the log begins.
    // Afterwards, the file holds whole records only, all durable.
    // Approach: a torn tail is cut off (`replace`), or the next record would come after it and be
    // lost. What is whole may not have been synced before the crash, so it is synced now: from here
    // on this server acts on it.
    let bytes = node.disk.read(LOG)?;
    let (records, intact) = read_records(&bytes)?;
    if let Some(first) = records.first() {
        node.log = Log::with_base(first.prev_log_index, first.prev_log_term, Vec::new());
    }
    for record in records {
        replay(node, record)?;
    }
    if intact < bytes.len() {
        node.disk.replace(LOG, &bytes[..intact])?;
    } else {
        node.disk.sync(LOG)?;
    }
    note_saved(node);
    Ok(())
}

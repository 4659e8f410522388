//! Figure 3, on logs.

use protocol::Index;
use protocol::execution::{Execution, Mismatch, Rewritten};

/// Leader Append-Only (§5.3): a leader never overwrites or deletes entries in its log; it only appends
/// new entries.
///
/// # Errors
/// An entry that a leader has overwritten or deleted.
pub fn leader_append_only(execution: &Execution) -> Result<(), Rewritten> {
    // Exercise 0.2: Figure 3. The evidence is any index at which a leader broke the property.
    todo!("exercise 0.2")
}

/// Log Matching (§5.3): if two logs contain an entry with the same index and term, then the logs are
/// identical in all entries up through the given index.
///
/// # Errors
/// Two logs that have an entry of the same index and term, and are not identical up to there.
pub fn log_matching(execution: &Execution) -> Result<(), Mismatch> {
    // Exercise 0.3: Figure 3, of all logs that the execution has shown. The evidence is any index
    // and term that two such logs share.
    todo!("exercise 0.3")
}

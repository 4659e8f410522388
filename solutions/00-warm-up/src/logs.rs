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
    // Approach: for each change of a leader's log, every entry that was there before must still be
    // there, at its index. A follower may lose entries (§5.3).
    for (moment, before) in execution.log_changes() {
        for (entry, index) in before.iter().zip((1..).map(Index)) {
            if moment.leads && moment.entry(index) != Some(entry) {
                return Err(Rewritten {
                    server: moment.server,
                    term: moment.term,
                    index,
                    moment: moment.number,
                });
            }
        }
    }
    Ok(())
}

/// Log Matching (§5.3): if two logs contain an entry with the same index and term, then the logs are
/// identical in all entries up through the given index.
///
/// # Errors
/// Two logs that have an entry of the same index and term, and are not identical up to there.
pub fn log_matching(execution: &Execution) -> Result<(), Mismatch> {
    // Exercise 0.3: Figure 3, of all logs that the execution has shown. The evidence is any index
    // and term that two such logs share.
    // Approach: every log that there ever was is compared with every other one, index by index.
    for (one, _) in execution.log_changes() {
        for (other, _) in execution.log_changes() {
            for (at, (entry, others)) in one.log.iter().zip(&other.log).enumerate() {
                if entry.term == others.term && one.log[..=at] != other.log[..=at] {
                    return Err(Mismatch {
                        index: Index(at as u64 + 1),
                        term: entry.term,
                        servers: [one.server, other.server],
                        moments: [one.number, other.number],
                    });
                }
            }
        }
    }
    Ok(())
}

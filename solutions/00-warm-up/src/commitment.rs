//! Figure 3, on what is committed and applied.

use protocol::execution::{Execution, Missing, TwoEntries};

/// State Machine Safety (§5.4.3): if a server has applied a log entry at a given index to its state
/// machine, no other server will ever apply a different log entry for the same index.
///
/// # Errors
/// Two different entries that were applied at one index.
pub fn state_machine_safety(execution: &Execution) -> Result<(), TwoEntries> {
    // Exercise 0.4: Figure 3. The evidence is any two applications that break the property.
    // Approach: everything that was applied is compared with everything else that was applied at
    // the same index, whichever server applied it, and when.
    for (one, index, entry) in execution.applications() {
        for (other, place, another) in execution.applications() {
            if index == place && entry != another {
                return Err(TwoEntries {
                    index,
                    servers: [one.server, other.server],
                    moments: [one.number, other.number],
                });
            }
        }
    }
    Ok(())
}

/// Leader Completeness (§5.4): if a log entry is committed in a given term, then that entry will be
/// present in the logs of the leaders for all higher-numbered terms.
///
/// # Errors
/// A leader that lacks an entry which was committed in an earlier term.
pub fn leader_completeness(execution: &Execution) -> Result<(), Missing> {
    // Exercise 0.5: Figure 3. The evidence is any commitment and any election that break the
    // property.
    // Approach: everything that was committed is compared with each election of a higher term.
    // Higher, not later: a leader of an older term may still be elected, or commit something, after
    // a newer term has begun elsewhere.
    for (committed, index, entry) in execution.commits() {
        for leader in execution.elections() {
            if leader.term > committed.term && leader.entry(index) != Some(entry) {
                return Err(Missing {
                    index,
                    servers: [committed.server, leader.server],
                    terms: [committed.term, leader.term],
                    moments: [committed.number, leader.number],
                });
            }
        }
    }
    Ok(())
}

//! Figure 3, on what is committed and applied.

use protocol::execution::{Execution, Missing, TwoEntries};

/// State Machine Safety (§5.4.3): if a server has applied a log entry at a given index to its state
/// machine, no other server will ever apply a different log entry for the same index.
///
/// # Errors
/// Two different entries that were applied at one index.
pub fn state_machine_safety(execution: &Execution) -> Result<(), TwoEntries> {
    // Exercise 0.4: Figure 3. The evidence is any two applications that break the property.
    todo!("exercise 0.4")
}

/// Leader Completeness (§5.4): if a log entry is committed in a given term, then that entry will be
/// present in the logs of the leaders for all higher-numbered terms.
///
/// # Errors
/// A leader that lacks an entry which was committed in an earlier term.
pub fn leader_completeness(execution: &Execution) -> Result<(), Missing> {
    // Exercise 0.5: Figure 3. The evidence is any commitment and any election that break the
    // property.
    todo!("exercise 0.5")
}

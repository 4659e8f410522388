//! Figure 3, on what is committed and applied.

use protocol::execution::{Execution, Missing, TwoEntries};

/// State Machine Safety (§5.4.3): if a server has applied a log entry at a given index to its state
/// machine, no other server will ever apply a different log entry for the same index.
///
/// # Errors
/// Two different entries that were applied at one index.
pub fn state_machine_safety(execution: &Execution) -> Result<(), TwoEntries> {
    // Exercise 0.4: hold all that was applied against each other, whoever applied it and when.
    todo!("exercise 0.4")
}

/// Leader Completeness (§5.4): if a log entry is committed in a given term, then that entry will be
/// present in the logs of the leaders for all higher-numbered terms.
///
/// # Errors
/// A leader that lacks an entry which was committed in an earlier term.
pub fn leader_completeness(execution: &Execution) -> Result<(), Missing> {
    // Exercise 0.5: hold all that was committed against each election of a later term. Later by its
    // number, not by the clock: a leader of an older term may still be elected or commit something
    // when a newer term has begun elsewhere.
    todo!("exercise 0.5")
}

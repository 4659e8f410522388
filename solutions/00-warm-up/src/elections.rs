//! Figure 3, on elections. What an execution consists of is in `modules/protocol/src/execution.rs`.

use protocol::execution::{Execution, TwoLeaders};

/// Election Safety (§5.2): at most one leader can be elected in a given term.
///
/// # Errors
/// Two servers that were elected in one term.
pub fn election_safety(execution: &Execution) -> Result<(), TwoLeaders> {
    // Exercise 0.1: hold each election against each other one. Two leaders at one time are nothing bad;
    // two of one term are, however far apart they are elected.
    for one in execution.elections() {
        for other in execution.elections() {
            if one.term == other.term && one.server != other.server {
                return Err(TwoLeaders {
                    term: one.term,
                    servers: [one.server, other.server],
                    moments: [one.number, other.number],
                });
            }
        }
    }
    Ok(())
}

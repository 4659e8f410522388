//! Figure 3, on elections. What an execution consists of is in `modules/protocol/src/execution.rs`.

use protocol::execution::{Execution, TwoLeaders};

/// Election Safety (§5.2): at most one leader can be elected in a given term.
///
/// # Errors
/// Two servers that were elected in one term.
pub fn election_safety(execution: &Execution) -> Result<(), TwoLeaders> {
    // Exercise 0.1: Figure 3. The evidence is any two elections that break the property.
    // Approach: every election is compared with every other one. Two leaders at the same time break
    // nothing; two leaders of the same term do, however far apart they were elected.
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

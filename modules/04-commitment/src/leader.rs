//! A leader's first entry (§8).

use replication::LogEdit as _;
use replication::data_model::{Outbox, RaftNode};
use replication::protocol::{Entry, Payload};

/// Row `elected`: a leadership begins.
pub fn elected(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 4.8: §8: "a blank no-op entry into the log at the start of its term"; this lab's
    // rule: at once. Module 2's row runs too.
    todo!("exercise 4.8")
}

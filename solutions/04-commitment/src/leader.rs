//! A leader's first entry (§8).

use replication::LogEdit as _;
use replication::data_model::{Outbox, RaftNode};
use replication::protocol::{Entry, Payload};

/// Row `elected`: a leadership begins.
pub fn elected(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 4.8: §8: "a blank no-op entry into the log at the start of its term"; this lab's
    // rule: at once. Module 2's row runs too.
    // Approach: module 2's row comes first: its heartbeats then begin where the followers' logs
    // end, before the no-op.
    replication::election::elected(node, out);
    node.log.append(Entry { term: node.current_term, payload: Payload::NoOp });
    node.replicate_to_all(out);
}

//! Leaders (§5.2): heartbeats.

use data_model::protocol::{AppendEntries, Index, Request, ServerId, Term, Timer};
use data_model::{Outbox, RaftNode};

/// Row `replicate_to`: sends `peer` a heartbeat.
pub fn replicate_to(node: &mut RaftNode, peer: ServerId, out: &mut Outbox) {
    // Exercise 2.6: Figure 2, AppendEntries RPC, arguments. Before module 3, `prev_log_index` and
    // `prev_log_term` are 0.
    todo!("exercise 2.6")
}

/// Sends every peer a heartbeat, and arms the timer for the next.
pub fn send_heartbeats(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.6: Rules for Servers, Leaders (§5.2), by the row `replicate_to`.
    todo!("exercise 2.6")
}

/// Row `heartbeat_timeout`: the heartbeat timer has fired.
pub fn heartbeat_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.6: §5.2.
    todo!("exercise 2.6")
}

/// Row `elected`: a leadership begins.
pub fn elected(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.6: Rules for Servers, Leaders: "Upon election: send initial empty AppendEntries RPCs
    // (heartbeat) to each server".
    todo!("exercise 2.6")
}

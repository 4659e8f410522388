//! Leaders (§5.2): heartbeats.

use data_model::protocol::{AppendEntries, Index, Request, ServerId, Term, Timer};
use data_model::{Outbox, RaftNode};

/// Row `replicate_to`: sends `peer` a heartbeat. Module 3 puts log entries into it.
pub fn replicate_to(node: &mut RaftNode, peer: ServerId, out: &mut Outbox) {
    // Exercise 2.6: Figure 2, AppendEntries: entries[] are "log entries to store (empty for heartbeat;
    // …)". As long as none are sent, what precedes them is the place before the first entry: index 0,
    // term 0.
    todo!("exercise 2.6")
}

/// Sends every peer a heartbeat, and arms the timer for the next round.
pub fn send_heartbeats(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.6: Rules for Servers, Leaders: "repeat during idle periods to prevent election
    // timeouts (§5.2)". Through `node.replicate_to_all`, so that module 3's version is found.
    todo!("exercise 2.6")
}

/// Row `heartbeat_timeout`: it is time for the next heartbeats.
pub fn heartbeat_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.6: only a leader sends them.
    todo!("exercise 2.6")
}

/// Row `elected`: this server has just become leader.
pub fn elected(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.6: Rules for Servers, Leaders: "Upon election: send initial empty AppendEntries RPCs
    // (heartbeat) to each server".
    todo!("exercise 2.6")
}

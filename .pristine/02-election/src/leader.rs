//! Leaders and those who follow them (§5.2): heartbeats.

use data_model::protocol::{
    AppendEntries, AppendEntriesReply, Index, Request, ServerId, Term, Timer,
};
use data_model::{Outbox, RaftNode, Role};

use crate::reset_election_timer;

/// Row `replicate_to`: sends `peer` a heartbeat. Module 3 puts log entries into it.
pub fn replicate_to(node: &mut RaftNode, peer: ServerId, out: &mut Outbox) {
    // Exercise 2.6: Figure 2, AppendEntries: entries[] are "log entries to store (empty for heartbeat;
    // …)". What precedes the entries is, as long as none are sent, the place before the first: index 0,
    // term 0.
    todo!("exercise 2.6")
}

/// Row `heartbeat_timeout`: it is time for the next heartbeats.
pub fn heartbeat_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.6: Rules for Servers, Leaders: "repeat during idle periods to prevent election
    // timeouts (§5.2)". To every peer by `node.replicate_to`; then arm the timer again. Who no longer
    // leads sends none.
    todo!("exercise 2.6")
}

/// Row `elected`: this server has just become leader.
pub fn elected(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.6: Rules for Servers, Leaders: "Upon election: send initial empty AppendEntries RPCs
    // (heartbeat) to each server". That is what the row `heartbeat_timeout` does.
    todo!("exercise 2.6")
}

/// Follows `leader`, the leader of the current term, and waits for its next word.
pub fn follow(node: &mut RaftNode, leader: ServerId, out: &mut Outbox) {
    // Exercise 2.6: §5.2: a candidate that hears "another server claiming to be leader" of its term
    // "recognizes the leader as legitimate and returns to follower state".
    todo!("exercise 2.6")
}

/// Row `append_entries`: a leader calls. The term rule has run before.
pub fn append_entries(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    // Exercise 2.6: Figure 2, AppendEntries, receiver, step 1: a leader of an older term is refused,
    // and has no say about the election timer. The leader of this term is followed, whatever the logs
    // look like. Entries are module 3's: until then nothing is stored, and `success` is false.
    todo!("exercise 2.6")
}

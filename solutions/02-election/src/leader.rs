//! Leaders (§5.2): heartbeats.

use data_model::protocol::{AppendEntries, Index, Request, ServerId, Term, Timer};
use data_model::{Outbox, RaftNode};

/// Row `replicate_to`: sends `peer` a heartbeat.
pub fn replicate_to(node: &mut RaftNode, peer: ServerId, out: &mut Outbox) {
    // Exercise 2.6: Figure 2, AppendEntries RPC, arguments. Before module 3, `prev_log_index` and
    // `prev_log_term` are 0.
    let heartbeat = AppendEntries {
        term: node.current_term,
        leader_id: node.id,
        prev_log_index: Index(0),
        prev_log_term: Term(0),
        entries: Vec::new(),
        leader_commit: node.commit_index,
    };
    node.call(peer, Request::AppendEntries(heartbeat), out);
}

/// Sends every peer a heartbeat, and arms the timer for the next.
pub fn send_heartbeats(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.6: Rules for Servers, Leaders (§5.2), by the row `replicate_to`.
    // Approach: through the table, so that module 3's version is found.
    node.replicate_to_all(out);
    out.set_timer(Timer::Heartbeat, node.config.heartbeat_interval);
}

/// Row `heartbeat_timeout`: the heartbeat timer has fired.
pub fn heartbeat_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.6: §5.2.
    // Approach: it may fire when this server no longer leads.
    if node.leads().is_some() {
        send_heartbeats(node, out);
    }
}

/// Row `elected`: a leadership begins.
pub fn elected(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.6: Rules for Servers, Leaders: "Upon election: send initial empty AppendEntries RPCs
    // (heartbeat) to each server".
    send_heartbeats(node, out);
}

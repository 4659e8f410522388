//! What a leader knows of its followers: Figure 2, "volatile state on leaders".

use election::data_model::{Outbox, Progress, RaftNode, Role};
use election::protocol::Index;

/// Row `elected`: this server has just become leader.
pub fn elected(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 3.1: Figure 2: nextIndex[] is "initialized to leader last log index + 1",
    // matchIndex[] "to 0": a new leader hopes for the best and knows nothing. For each peer. Then
    // do what module 2 does upon election.
    let next_index = node.log.last_index().next();
    let unknown = Progress { next_index, match_index: Index(0) };
    let peers = node.peers();
    if let Role::Leader { progress } = &mut node.role {
        *progress = peers.into_iter().map(|peer| (peer, unknown)).collect();
    }
    election::elected(node, out);
}

//! What a leader knows of its followers: Figure 2, "volatile state on leaders".

use election::data_model::{Outbox, Progress, RaftNode, Role};
use election::protocol::Index;

/// Row `elected`: this server has just become leader.
pub fn elected(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 3.1: Figure 2: nextIndex[] is "initialized to leader last log index + 1",
    // matchIndex[] "to 0": a new leader hopes for the best and knows nothing. For each peer. Then
    // do what module 2 does upon election.
    todo!("exercise 3.1")
}

//! The election timeout (§5.2): how long a server waits for a leader before it wants to lead itself.

use std::time::Duration;

use data_model::protocol::Timer;
use data_model::{Outbox, RaftNode};
use rand::RngExt as _;

/// A random election timeout from `node.config.election_timeout`.
pub fn draw_election_timeout(node: &mut RaftNode) -> Duration {
    // Exercise 2.1: §5.2, with `node.rng` alone.
    node.rng.random_range(node.config.election_timeout.clone())
}

/// Arms the election timer.
pub fn reset_election_timer(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.1: §5.2: "each candidate restarts its randomized election timeout at the start of
    // an election".
    // Approach: each time with a new draw. Two servers that draw the same time once must not keep
    // it.
    let after = draw_election_timeout(node);
    out.set_timer(Timer::Election, after);
}

/// Row `start`: the server has started.
pub fn start(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.1: §5.2: "When servers start up, they begin as followers" and wait for a leader.
    reset_election_timer(node, out);
}

/// Row `deposed`: a leadership has ended.
pub fn deposed(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.1: §5.2, Figure 4.
    // Approach: the timer may have fired while this server led, and was ignored. From now on it
    // waits for a leader like any other follower.
    reset_election_timer(node, out);
}

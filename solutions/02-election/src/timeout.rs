//! The election timeout (§5.2): how long a server waits for a leader before it wants to lead itself.

use std::time::Duration;

use data_model::protocol::Timer;
use data_model::{Outbox, RaftNode};
use rand::RngExt as _;

/// How long to wait this time, drawn from `node.config.election_timeout`.
pub fn draw_election_timeout(node: &mut RaftNode) -> Duration {
    // Exercise 2.1: §5.2: "election timeouts are chosen randomly from a fixed interval". Draw with
    // `node.rng`, which alone keeps a simulation repeatable.
    node.rng.random_range(node.config.election_timeout.clone())
}

/// Arms the election timer again, with a fresh draw.
pub fn reset_election_timer(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.1: §5.2: "each candidate restarts its randomized election timeout at the start of an
    // election". Two servers that draw the same time once must not draw it forever.
    let after = draw_election_timeout(node);
    out.set_timer(Timer::Election, after);
}

/// Row `start`: the server has started, as a follower.
pub fn start(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.1: §5.2: "When servers start up, they begin as followers" and wait for a leader.
    reset_election_timer(node, out);
}

/// Row `deposed`: this server led, and no longer does.
pub fn deposed(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.1: a leader's election timer may have run out while it led; from now on it waits for
    // a leader like any other follower.
    reset_election_timer(node, out);
}

//! Disruptive servers (§6): a server that was removed hears no more heartbeats, and starts elections
//! that it cannot win. The others ignore it while they hear a leader.

use snapshots::data_model::{Outbox, RaftNode, Role};
use snapshots::election;
use snapshots::protocol::{Reply, Request, RequestVoteReply, ServerId, Timer};

/// Whether this server is leader, or has heard from the leader of its term within the minimum
/// election timeout.
pub fn hears_leader(node: &RaftNode) -> bool {
    // Exercise 7.5: §6. `node.membership.leader_heard` is true for that time after a request of a
    // leader.
    todo!("exercise 7.5")
}

/// Row `intercept_request`: whether to ignore a request, including its term.
pub fn intercept_request(
    node: &mut RaftNode,
    _from: ServerId,
    request: &Request,
    _out: &mut Outbox,
) -> Option<Reply> {
    // Exercise 7.5: §6: "if a server receives a RequestVote RPC within the minimum election timeout
    // of hearing from a current leader, it does not update its term or grant its vote"; it replies
    // that the vote is not granted. With `leadership_transfer`, a RequestVote is handled as usual.
    todo!("exercise 7.5")
}

/// Row `follow`: as in module 2; and the server has heard from the leader.
pub fn follow(node: &mut RaftNode, leader: ServerId, out: &mut Outbox) {
    // Exercise 7.5: §6. The timer `LeaderLease` measures the minimum election timeout.
    todo!("exercise 7.5")
}

/// Row `lease_timeout`: the server has heard from no leader for the minimum election timeout.
pub fn lease_timeout(node: &mut RaftNode, _out: &mut Outbox) {
    // Exercise 7.5: §6.
    todo!("exercise 7.5")
}

//! Disruptive servers (§6): a server that was removed hears no more heartbeats, and starts elections
//! that it cannot win. The others ignore it while they hear a leader.

use snapshots::data_model::{Outbox, RaftNode, Role};
use snapshots::election;
use snapshots::protocol::{Reply, Request, RequestVoteReply, ServerId, Timer};

/// Whether this server has heard from the leader of its term within the minimum election timeout.
pub fn hears_leader(node: &RaftNode) -> bool {
    // Exercise 7.5: a leader hears itself. A follower hears its leader as long as
    // `node.membership.leader_heard` is true. A candidate has given up on it.
    match node.role {
        Role::Leader { .. } => true,
        Role::Follower { leader } => leader.is_some() && node.membership.leader_heard,
        Role::Candidate { .. } => false,
    }
}

/// Row `intercept_request`: whether to ignore a request, including its term.
pub fn intercept_request(
    node: &mut RaftNode,
    _from: ServerId,
    request: &Request,
    _out: &mut Outbox,
) -> Option<Reply> {
    // Exercise 7.5: §6: "if a server receives a RequestVote RPC within the minimum election timeout
    // of hearing from a current leader, it does not update its term or grant its vote". Only an
    // election for which the leader has asked passes (`leadership_transfer`, exercise 7.11).
    let Request::RequestVote(vote) = request else { return None };
    if !hears_leader(node) || vote.leadership_transfer {
        return None;
    }
    Some(Reply::RequestVote(RequestVoteReply { term: node.current_term, vote_granted: false }))
}

/// Row `follow`: as in module 2; and the leader has been heard.
pub fn follow(node: &mut RaftNode, leader: ServerId, out: &mut Outbox) {
    // Exercise 7.5: for the minimum election timeout from now on, which the timer `LeaderLease`
    // measures.
    election::follow(node, leader, out);
    node.membership.leader_heard = true;
    out.set_timer(Timer::LeaderLease, node.config.election_timeout.start);
}

/// Row `lease_timeout`: no leader was heard for the minimum election timeout.
pub fn lease_timeout(node: &mut RaftNode, _out: &mut Outbox) {
    // Exercise 7.5: from now on candidates are listened to.
    node.membership.leader_heard = false;
}

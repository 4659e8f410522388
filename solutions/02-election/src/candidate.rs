//! Candidates (§5.2): asking for votes, counting them, and becoming leader.

use std::collections::BTreeSet;

use data_model::protocol::{Index, Request, RequestVote, RequestVoteReply, ServerId};
use data_model::{Outbox, Progress, RaftNode, Role};

use crate::reset_election_timer;

/// Becomes leader of the current term, which this server has won.
///
/// # Panics
/// If it is not a candidate of this term.
pub fn become_leader(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.4: Figure 2, "volatile state on leaders (reinitialized after election)": for each
    // peer, nextIndex[] is "initialized to leader last log index + 1", matchIndex[] "to 0": a new
    // leader hopes for the best and knows nothing. What else a new leader does is the row `elected`.
    assert!(
        matches!(node.role, Role::Candidate { .. }),
        "only a candidate becomes leader (§5.2, Figure 4); {} is {:?} in term {}",
        node.id,
        node.role,
        node.current_term
    );
    let next_index = node.log.last_index().next();
    let unknown = Progress { next_index, match_index: Index(0) };
    let progress = node.peers().into_iter().map(|peer| (peer, unknown)).collect();
    node.role = Role::Leader { progress };
    node.elected(out);
}

/// Makes a candidate that has the votes of a majority the leader of its term.
pub fn become_leader_if_elected(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.4: Rules for Servers, Candidates: "If votes received from majority of servers: become
    // leader".
    let Role::Candidate { votes } = &node.role else { return };
    if node.is_majority(|id| votes.contains(&id)) {
        become_leader(node, out);
    }
}

/// Row `request_vote_reply`: the reply to a request of the current term has arrived.
pub fn request_vote_reply(
    node: &mut RaftNode,
    from: ServerId,
    _request: &RequestVote,
    reply: &RequestVoteReply,
    out: &mut Outbox,
) {
    // Exercise 2.4: §5.2. Only a candidate counts votes, and each server's vote once, however often it
    // arrives.
    let Role::Candidate { votes } = &mut node.role else { return };
    if reply.vote_granted {
        votes.insert(from);
    }
    become_leader_if_elected(node, out);
}

/// Becomes a candidate: in a new term, with its own vote.
///
/// # Panics
/// If it is leader. A leader stays leader until it learns of a newer term.
pub fn become_candidate(node: &mut RaftNode) {
    // Exercise 2.5: Rules for Servers, Candidates: "On conversion to candidate, start election:
    // increment currentTerm, vote for self".
    assert!(
        node.leads().is_none(),
        "a leader starts no election (Figure 4); {} leads term {}",
        node.id,
        node.current_term
    );
    node.current_term = node.current_term.next();
    node.voted_for = Some(node.id);
    node.role = Role::Candidate { votes: BTreeSet::from([node.id]) };
}

/// Starts an election. `leadership_transfer` says that the leader asked for it: false until module 7.
pub fn campaign(node: &mut RaftNode, leadership_transfer: bool, out: &mut Outbox) {
    // Exercise 2.5: Rules for Servers, Candidates: after the conversion "reset election timer", "send
    // RequestVote RPCs to all other servers". In a cluster of one, its own vote is a majority.
    become_candidate(node);
    reset_election_timer(node, out);
    let request = RequestVote {
        term: node.current_term,
        candidate_id: node.id,
        last_log_index: node.log.last_index(),
        last_log_term: node.log.last_term(),
        leadership_transfer,
    };
    for peer in node.peers() {
        node.call(peer, Request::RequestVote(request), out);
    }
    become_leader_if_elected(node, out);
}

/// Row `election_timeout`: no leader was heard for the whole timeout.
pub fn election_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.5: Rules for Servers, Followers and Candidates: "If election timeout elapses: start
    // new election". A leader does not.
    if node.leads().is_none() {
        campaign(node, false, out);
    }
}

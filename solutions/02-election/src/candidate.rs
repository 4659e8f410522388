//! Candidates (§5.2): asking for votes, counting them, and becoming leader.

use std::collections::BTreeSet;

use data_model::protocol::{Index, Request, RequestVote, RequestVoteReply, ServerId};
use data_model::{Outbox, Progress, RaftNode, Role};

use crate::reset_election_timer;

/// Becomes leader of the current term.
///
/// # Panics
/// If it is not a candidate.
pub fn become_leader(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.4: Figure 2, volatile state on leaders. The row `elected` does the rest.
    // Approach: a new leader hopes for the best (`next_index`) and knows nothing (`match_index`).
    // The progress is complete before `elected` runs.
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

/// Turns an elected candidate into the leader.
pub fn become_leader_if_elected(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.4: Rules for Servers, Candidates (§5.2).
    let Role::Candidate { votes } = &node.role else { return };
    if node.is_majority(|id| votes.contains(&id)) {
        become_leader(node, out);
    }
}

/// Row `request_vote_reply`: a server has replied in this term.
pub fn request_vote_reply(
    node: &mut RaftNode,
    from: ServerId,
    _request: &RequestVote,
    reply: &RequestVoteReply,
    out: &mut Outbox,
) {
    // Exercise 2.4: Rules for Servers, Candidates (§5.2).
    // Approach: only a candidate counts votes. The votes are a set, so a duplicate does not count
    // twice.
    let Role::Candidate { votes } = &mut node.role else { return };
    if reply.vote_granted {
        votes.insert(from);
    }
    become_leader_if_elected(node, out);
}

/// Becomes a candidate.
///
/// # Panics
/// If it is leader.
pub fn become_candidate(node: &mut RaftNode) {
    // Exercise 2.5: Rules for Servers, Candidates: "increment currentTerm", "vote for self".
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

/// Starts an election. Its requests carry `leadership_transfer`.
pub fn campaign(node: &mut RaftNode, leadership_transfer: bool, out: &mut Outbox) {
    // Exercise 2.5: Rules for Servers, Candidates (§5.2).
    // Approach: in a cluster of one, its own vote is a majority, and no reply will ever come.
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

/// Row `election_timeout`: the election timer has fired.
pub fn election_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 2.5: Rules for Servers, Followers and Candidates: "If election timeout elapses:
    // start new election".
    // Approach: a leader neither follows nor runs: its timer means nothing.
    if node.leads().is_none() {
        campaign(node, false, out);
    }
}

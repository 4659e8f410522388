//! Granting votes: the box "RequestVote RPC" of Figure 2, receiver implementation.

use data_model::protocol::{Index, RequestVote, RequestVoteReply, Term};
use data_model::{Log, Outbox, RaftNode};

use crate::reset_election_timer;

/// Whether a log with this last entry is as up to date as `log`, or more.
pub fn is_up_to_date(log: &Log, last_log_index: Index, last_log_term: Term) -> bool {
    // Exercise 2.2: §5.4.1, last paragraph.
    // Approach: a tuple compares its first element first: the length decides only between equal
    // terms.
    (last_log_term, last_log_index) >= (log.last_term(), log.last_index())
}

/// Row `request_vote`: the request of a candidate.
pub fn request_vote(
    node: &mut RaftNode,
    request: &RequestVote,
    out: &mut Outbox,
) -> RequestVoteReply {
    // Exercise 2.3: Figure 2, RequestVote RPC, receiver steps 1 and 2 (§5.1, §5.2, §5.4); Rules for
    // Servers, Followers.
    // Approach: a vote once given stays given for the term, and a candidate that asks again gets
    // the same answer. Granting a vote gives the candidate time to win, so the timer is reset; a
    // rejection does not touch it.
    let current = request.term >= node.current_term;
    let free = node.voted_for.is_none_or(|candidate| candidate == request.candidate_id);
    let vote_granted =
        current && free && is_up_to_date(&node.log, request.last_log_index, request.last_log_term);
    if vote_granted {
        node.voted_for = Some(request.candidate_id);
        reset_election_timer(node, out);
    }
    RequestVoteReply { term: node.current_term, vote_granted }
}

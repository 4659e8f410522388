//! Granting votes: the box "RequestVote RPC" of Figure 2, receiver implementation.

use data_model::protocol::{Index, RequestVote, RequestVoteReply, Term};
use data_model::{Log, Outbox, RaftNode};

use crate::reset_election_timer;

/// Whether a log that ends with an entry of `last_log_term` at `last_log_index` is at least as up to
/// date as `log`.
pub fn is_up_to_date(log: &Log, last_log_index: Index, last_log_term: Term) -> bool {
    // Exercise 2.2: §5.4.1, last paragraph: the later last term is more up to date; with the same last
    // term, the longer log.
    (last_log_term, last_log_index) >= (log.last_term(), log.last_index())
}

/// Row `request_vote`: a candidate asks for this server's vote. The term rule has run before.
pub fn request_vote(
    node: &mut RaftNode,
    request: &RequestVote,
    out: &mut Outbox,
) -> RequestVoteReply {
    // Exercise 2.3: Figure 2, RequestVote, receiver, steps 1 and 2 (§5.1, §5.2, §5.4). A vote once
    // given stays given for the term; the same candidate that asks again gets the same answer. A
    // server that grants its vote gives the candidate time to win: Rules for Servers, Followers.
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

//! Granting votes: the box "RequestVote RPC" of Figure 2, receiver implementation.

use data_model::protocol::{Index, RequestVote, RequestVoteReply, Term};
use data_model::{Log, Outbox, RaftNode};

use crate::reset_election_timer;

/// Whether a log that ends with an entry of `last_log_term` at `last_log_index` is at least as up to
/// date as `log`.
pub fn is_up_to_date(log: &Log, last_log_index: Index, last_log_term: Term) -> bool {
    // Exercise 2.2: §5.4.1, last paragraph: the later last term is more up to date; with the same last
    // term, the longer log.
    todo!("exercise 2.2")
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
    todo!("exercise 2.3")
}

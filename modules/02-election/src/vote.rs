//! Granting votes: the box "RequestVote RPC" of Figure 2, receiver implementation.

use data_model::protocol::{Index, RequestVote, RequestVoteReply, Term};
use data_model::{Log, Outbox, RaftNode};

use crate::reset_election_timer;

/// Whether a log with this last entry is as up to date as `log`, or more.
pub fn is_up_to_date(log: &Log, last_log_index: Index, last_log_term: Term) -> bool {
    // Exercise 2.2: §5.4.1, last paragraph.
    todo!("exercise 2.2")
}

/// Row `request_vote`: the request of a candidate.
pub fn request_vote(
    node: &mut RaftNode,
    request: &RequestVote,
    out: &mut Outbox,
) -> RequestVoteReply {
    // Exercise 2.3: Figure 2, RequestVote RPC, receiver steps 1 and 2 (§5.1, §5.2, §5.4); Rules for
    // Servers, Followers.
    todo!("exercise 2.3")
}

//! Bonus: asking before an election whether it could be won (dissertation §9.6). So a server that
//! was cut off for a while does not come back with a higher term, and depose a leader that served
//! everybody else well.

use std::collections::BTreeSet;

use persistence::data_model::{Outbox, RaftNode};
use persistence::election;
use persistence::protocol::{PreVote, PreVoteReply, Request, ServerId};

use crate::configuration::may_campaign;
use crate::disruption;

/// Row `election_timeout`: asks the others first; the term stays as it is.
pub fn election_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 6.11: "a candidate only increments its term if it first learns from a majority of
    // the cluster that they would be willing to grant the candidate their votes". A server that may
    // campaign and does not lead asks all peers, with its current term and the end of its log, and
    // counts itself (`node.later.pre_votes`). The timer is armed anew: if too few answer, it asks
    // again. Everybody else does as before (6.9).
    // Until then: disruption::election_timeout(node, out)
    disruption::election_timeout(node, out)
}

/// Starts the election when a majority would vote for this server.
pub fn campaign_with_majority(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 6.11: once; answers that come later are to a question that is settled.
    // Until then: ()
    ()
}

/// Row `late.pre_vote`: would this server vote for the candidate? The term rule has run before.
pub fn pre_vote(node: &mut RaftNode, request: &PreVote, _out: &mut Outbox) -> PreVoteReply {
    // Exercise 6.11: yes, if the candidate's term is not an older one and its log is up to date
    // (2.2), and this server neither hears a leader (6.9) nor leads. Nothing is promised: neither
    // vote nor timer change.
    // Until then: PreVoteReply { term: node.current_term, vote_granted: false }
    PreVoteReply { term: node.current_term, vote_granted: false }
}

/// Row `late.pre_vote_reply`: the answer to a question of the current term has come.
pub fn pre_vote_reply(
    node: &mut RaftNode,
    from: ServerId,
    _request: &PreVote,
    reply: &PreVoteReply,
    out: &mut Outbox,
) {
    // Exercise 6.11: it counts if this server is still asking, and does not hear a leader again.
    // Until then: ()
    ()
}

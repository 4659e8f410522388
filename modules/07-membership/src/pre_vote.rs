//! Bonus: asking before an election whether it could be won (dissertation §9.6). A server that was cut
//! off for a while then does not return with a higher term and depose a leader that served all others
//! well.

use std::collections::BTreeSet;

use snapshots::data_model::{Outbox, RaftNode};
use snapshots::election;
use snapshots::protocol::{PreVote, PreVoteReply, Request, ServerId};

use crate::check_quorum;
use crate::configuration::may_campaign;
use crate::leader_lease::hears_leader;

/// Row `election_timeout`: asks the others first; the term stays as it is.
pub fn election_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.9: dissertation §9.6: "a candidate only increments its term if it first learns
    // from a majority of the cluster that they would be willing to grant the candidate their
    // votes". Those that are willing are in `node.membership.pre_votes`, this server included;
    // while it asks, it hears no leader. A leader, and a server that may not campaign, do as in
    // 7.6.
    // Until then: check_quorum::election_timeout(node, out)
    check_quorum::election_timeout(node, out)
}

/// Starts the election if a majority is willing to vote for this server.
pub fn campaign_if_willing(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.9: dissertation §9.6.
    // Until then: ()
    ()
}

/// Row `pre_vote`: would this server vote for the candidate? The term rule has run before.
pub fn pre_vote(node: &mut RaftNode, request: &PreVote, _out: &mut Outbox) -> PreVoteReply {
    // Exercise 7.9: dissertation §9.6. A server that hears a leader (7.5) is not willing.
    // Until then: PreVoteReply { term: node.current_term, vote_granted: false }
    PreVoteReply { term: node.current_term, vote_granted: false }
}

/// Row `pre_vote_reply`: the reply to a question of the current term has arrived.
pub fn pre_vote_reply(
    node: &mut RaftNode,
    from: ServerId,
    _request: &PreVote,
    reply: &PreVoteReply,
    out: &mut Outbox,
) {
    // Exercise 7.9: dissertation §9.6. A reply counts while this server is asking and hears no
    // leader.
    // Until then: ()
    ()
}

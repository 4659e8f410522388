//! Wrong servers that the learner's own scenario must notice: one row of the learner's own table is
//! spoilt in each.

use gates::own::Sabotage;

use super::RULES;
use super::model::{Outbox, RaftNode, Role, Rules};
use super::subject::protocol::{RequestVote, RequestVoteReply, ServerId};
use super::subject::reset_election_timer;

/// All of them, in the order in which the scenario meets them.
pub(super) static ALL: [Sabotage<Rules>; 6] = [
    Sabotage {
        server: "does not begin as a follower",
        rules: &BOLD,
        why: "§5.2: \"When servers start up, they begin as followers\".",
        advice: "Right after `cluster`, before any timeout, say with `expect` which role and term every \
                 server has.",
    },
    Sabotage {
        server: "leads before anybody else has voted for it",
        rules: &HASTY,
        why: "§5.2: a candidate wins \"if it receives votes from a majority of the servers in the full \
              cluster\".",
        advice: "After the first `timeout`, and before anything is delivered, say with `expect` what \
                 that server is.",
    },
    Sabotage {
        server: "does not vote for itself",
        rules: &MODEST,
        why: "Rules for Servers, Candidates (§5.2): \"On conversion to candidate […]: vote for self\".",
        advice: "After a `timeout`, say with `expect` for whom that server has voted (`vote=S1`). Or let \
                 the two candidates of the split vote ask each other.",
    },
    Sabotage {
        server: "votes twice in a term",
        rules: &FORGETFUL,
        why: "§5.2: \"Each server will vote for at most one candidate in a given term\".",
        advice: "In the split vote, let a server that has voted in this term be asked by the other \
                 candidate too, and say with `expect` whose vote it is after that.",
    },
    Sabotage {
        server: "mistakes a rejection for a vote",
        rules: &DEAF,
        why: "Figure 2, RequestVote: only \"voteGranted: true means candidate received vote\".",
        advice: "In the split vote, let the rejections reach the candidates (`deliver`), and say with \
                 `expect` that nobody leads (`leaders=none`).",
    },
    Sabotage {
        server: "never tries again",
        rules: &RESIGNED,
        why: "Rules for Servers, Candidates (§5.2): \"If election timeout elapses: start new election\".",
        advice: "Let the split vote end by the `timeout` of a server that was a candidate already, and \
                 say with `expect` who leads then, and in which term.",
    },
];

static BOLD: Rules = Rules { start: begin_as_candidate, ..RULES };
static HASTY: Rules = Rules { election_timeout: lead_at_once, ..RULES };
static MODEST: Rules = Rules { election_timeout: vote_for_nobody, ..RULES };
static FORGETFUL: Rules = Rules { request_vote: forget_the_vote, ..RULES };
static DEAF: Rules = Rules { request_vote_reply: hear_a_vote, ..RULES };
static RESIGNED: Rules = Rules { election_timeout: try_once, ..RULES };

fn begin_as_candidate(node: &mut RaftNode, out: &mut Outbox) {
    (RULES.start)(node, out);
    node.role = Role::Candidate { votes: [node.id].into() };
}

fn lead_at_once(node: &mut RaftNode, out: &mut Outbox) {
    (RULES.election_timeout)(node, out);
    node.role = Role::Leader { progress: [].into() };
}

fn vote_for_nobody(node: &mut RaftNode, out: &mut Outbox) {
    (RULES.election_timeout)(node, out);
    node.voted_for = None;
}

fn forget_the_vote(
    node: &mut RaftNode,
    request: &RequestVote,
    out: &mut Outbox,
) -> RequestVoteReply {
    if request.term == node.current_term {
        node.voted_for = None;
    }
    (RULES.request_vote)(node, request, out)
}

fn hear_a_vote(
    node: &mut RaftNode,
    from: ServerId,
    request: &RequestVote,
    reply: &RequestVoteReply,
    out: &mut Outbox,
) {
    let heard = RequestVoteReply { vote_granted: true, ..*reply };
    (RULES.request_vote_reply)(node, from, request, &heard, out);
}

fn try_once(node: &mut RaftNode, out: &mut Outbox) {
    if matches!(node.role, Role::Candidate { .. }) {
        reset_election_timer(node, out);
    } else {
        (RULES.election_timeout)(node, out);
    }
}

//! Exercise 2.9: the bugs that a learner hunts. Each is one wrong row over the learner's own table.

use gates::hunt::HuntedBug;

use super::RULES;
use super::model::{Outbox, RaftNode, Role, Rules};
use super::subject::protocol::{
    AppendEntries, AppendEntriesReply, RequestVote, RequestVoteReply, Term,
};

pub(super) static BUGS: [HuntedBug<Rules>; 4] = [
    HuntedBug {
        rules: &LONGER_WINS,
        was: "The servers granted a vote to any candidate whose log was at least as long as their own, whatever the \
              term of its last entry (§5.4.1). A candidate without a committed entry could have been elected.",
    },
    HuntedBug {
        rules: &LOYAL,
        was: "A heartbeat of an older term counted like one of the current term (AppendEntries, step 1). A leader \
              that was deposed long ago would have kept candidates quiet.",
    },
    HuntedBug {
        rules: &HOARDING,
        was: "A candidate kept the votes of the term before when it started the next election. With them it won terms \
              in which no majority had voted for it, so a term could have had two leaders.",
    },
    HuntedBug {
        rules: &PROUD,
        was: "A candidate did not recognize the leader of its own term (§5.2), and went on to the next election. A \
              cluster with such servers changes its leader much more often than it has to.",
    },
];

static LONGER_WINS: Rules = Rules { request_vote: compare_lengths, ..RULES };
static LOYAL: Rules = Rules { append_entries: obey_old_leaders, ..RULES };
static HOARDING: Rules = Rules { election_timeout: keep_votes, ..RULES };
static PROUD: Rules = Rules { append_entries: stay_candidate, ..RULES };

fn compare_lengths(
    node: &mut RaftNode,
    request: &RequestVote,
    out: &mut Outbox,
) -> RequestVoteReply {
    let is_long = request.last_log_index >= node.log.last_index();
    let last_log_term = if is_long { Term(u64::MAX) } else { Term(0) };
    (RULES.request_vote)(node, &RequestVote { last_log_term, ..*request }, out)
}

fn obey_old_leaders(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    let term = request.term.max(node.current_term);
    (RULES.append_entries)(node, &AppendEntries { term, ..request.clone() }, out)
}

fn keep_votes(node: &mut RaftNode, out: &mut Outbox) {
    let before = match &node.role {
        Role::Candidate { votes } => votes.clone(),
        Role::Follower { .. } | Role::Leader { .. } => [].into(),
    };
    (RULES.election_timeout)(node, out);
    if let Role::Candidate { votes } = &mut node.role {
        votes.extend(before);
    }
}

fn stay_candidate(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    if matches!(node.role, Role::Candidate { .. }) {
        return AppendEntriesReply { term: node.current_term, success: false, conflict: None };
    }
    (RULES.append_entries)(node, request, out)
}

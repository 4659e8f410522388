//! Exercise 4.14: servers with a mistake that takes two elections and a command to show.

use gates::shortest::Shortest;

use super::model::{Outbox, RaftNode, Rules};
use super::subject::protocol::{Index, RequestVote, RequestVoteReply};
use super::{RULES, servers_with};

/// The learner's table with the wrong row.
pub(super) static WRONG: Rules = Rules { request_vote: compare_terms_only, ..RULES };

/// The exercise, with the learner's own table.
pub(super) fn task(own: &'static Rules) -> Shortest<Rules> {
    Shortest {
        exercise: "4.14",
        servers_with,
        own,
        wrong: &WRONG,
        was: "When the last entries of two logs had the same term, the servers did not compare their indexes, and any of \
              the two was up to date enough (§5.4.1). A candidate could win that had missed a committed entry of the \
              last term.",
        search: "cluster 3\nexplore elections=2 campaigners=S1/S2 client S1 \"set x 1\"\n---\n",
    }
}

fn compare_terms_only(
    node: &mut RaftNode,
    request: &RequestVote,
    out: &mut Outbox,
) -> RequestVoteReply {
    let is_same_term = request.last_log_term == node.log.last_term();
    let last_log_index = if is_same_term { Index(u64::MAX) } else { request.last_log_index };
    (RULES.request_vote)(node, &RequestVote { last_log_index, ..*request }, out)
}

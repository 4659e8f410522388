//! Exercise 6.9: the bugs that a learner hunts. Each is one wrong row over the learner's own table.

use gates::hunt::HuntedBug;

use super::RULES;
use super::model::{Outbox, RaftNode, Rules};
use super::subject::protocol::{
    AppendEntries, AppendEntriesReply, Index, RequestVote, RequestVoteReply, Term,
};

pub(super) static BUGS: [HuntedBug<Rules>; 3] = [
    HuntedBug {
        rules: &BLANK,
        was: "A server whose log was compacted to its end took its log for empty when a candidate asked for its vote. It \
              would have elected a leader without entries that its own snapshot holds.",
    },
    HuntedBug {
        rules: &PICKY,
        was: "A server rejected a request that begins before the end of its snapshot, even if the entries behind the \
              snapshot were new. A request that was delayed, or repeated, would have stopped the replication.",
    },
    HuntedBug {
        rules: &BASELESS,
        was: "A server rejected entries that follow the last entry of its snapshot, because it had forgotten the term \
              of that entry. No such follower could ever be brought up to date.",
    },
];

static BLANK: Rules = Rules { request_vote: as_if_empty, ..RULES };
static PICKY: Rules = Rules { append_entries: nothing_before_the_base, ..RULES };
static BASELESS: Rules = Rules { append_entries: not_after_the_base, ..RULES };

fn as_if_empty(node: &mut RaftNode, request: &RequestVote, out: &mut Outbox) -> RequestVoteReply {
    let is_empty = node.log.last_index() == node.log.base_index();
    let last_log_term = if is_empty { Term(u64::MAX) } else { request.last_log_term };
    (RULES.request_vote)(node, &RequestVote { last_log_term, ..*request }, out)
}

fn nothing_before_the_base(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    if request.prev_log_index < node.log.base_index() && request.term >= node.current_term {
        let elsewhere = AppendEntries { entries: Vec::new(), ..request.clone() };
        return AppendEntriesReply {
            success: false,
            ..(RULES.append_entries)(node, &elsewhere, out)
        };
    }
    (RULES.append_entries)(node, request, out)
}

fn not_after_the_base(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    let base = node.log.base_index();
    if base > Index(0) && request.prev_log_index == base && request.term >= node.current_term {
        let elsewhere = AppendEntries { prev_log_term: Term(0), ..request.clone() };
        return (RULES.append_entries)(node, &elsewhere, out);
    }
    (RULES.append_entries)(node, request, out)
}

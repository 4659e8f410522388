//! Exercise 3.11: the bugs that a learner hunts. Each is one wrong row over the learner's own table.

use gates::hunt::HuntedBug;

use super::RULES;
use super::model::{Log, Outbox, RaftNode, Role, Rules};
use super::subject::LogEdit as _;
use super::subject::protocol::{
    AppendEntries, AppendEntriesReply, ClientRequest, Index, RequestId, ServerId, Term,
};

pub(super) static BUGS: [HuntedBug<Rules>; 4] = [
    HuntedBug {
        rules: &OPTIMISTIC,
        was: "When a follower replied with success, the leader took the end of its *own* log for the follower's match \
              index, and not the last entry that the request had carried. An entry that no request had carried yet \
              could have been committed.",
    },
    HuntedBug {
        rules: &NERVOUS,
        was: "A rejection that arrived late moved the next index back to where that request had begun, below what the \
              follower had acknowledged since.",
    },
    HuntedBug {
        rules: &NARROW,
        was: "A follower accepted entries only at the very end of its log. Entries that conflict with the leader's were \
              never replaced.",
    },
    HuntedBug {
        rules: &OLD_FASHIONED,
        was: "A leader gave a new entry the term of the entry before it, and not its own current term. Two leaders \
              could have made different entries with the same index and term, which breaks Log Matching.",
    },
];

static OPTIMISTIC: Rules = Rules { append_entries_reply: believe_in_all, ..RULES };
static NERVOUS: Rules = Rules { append_entries_reply: believe_old_rejections, ..RULES };
static NARROW: Rules = Rules { append_entries: only_at_the_end, ..RULES };
static OLD_FASHIONED: Rules = Rules { client_request: with_the_last_term, ..RULES };

fn believe_in_all(
    node: &mut RaftNode,
    from: ServerId,
    request: &AppendEntries,
    reply: &AppendEntriesReply,
    out: &mut Outbox,
) {
    (RULES.append_entries_reply)(node, from, request, reply, out);
    let last = node.log.last_index();
    if let Role::Leader { progress } = &mut node.role
        && let Some(of) = progress.get_mut(&from)
        && reply.success
    {
        of.match_index = last;
        of.next_index = last.next();
    }
}

fn believe_old_rejections(
    node: &mut RaftNode,
    from: ServerId,
    request: &AppendEntries,
    reply: &AppendEntriesReply,
    out: &mut Outbox,
) {
    (RULES.append_entries_reply)(node, from, request, reply, out);
    if let Role::Leader { progress } = &mut node.role
        && let Some(of) = progress.get_mut(&from)
        && !reply.success
    {
        of.next_index = request.prev_log_index.max(Index(1));
    }
}

fn only_at_the_end(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    let reply = {
        let heartbeat = AppendEntries { entries: Vec::new(), ..request.clone() };
        (RULES.append_entries)(node, &heartbeat, out)
    };
    if reply.success && request.prev_log_index < node.log.last_index() {
        return AppendEntriesReply { success: request.entries.is_empty(), ..reply };
    }
    (RULES.append_entries)(node, request, out)
}

fn with_the_last_term(
    node: &mut RaftNode,
    id: RequestId,
    request: ClientRequest,
    out: &mut Outbox,
) {
    let before = node.log.last_index();
    let term = node.log.last_term();
    (RULES.client_request)(node, id, request, out);
    if node.log.last_index() > before && before > Index(0) {
        let mut entries = node.log.entries_from(Index(1), usize::MAX).to_vec();
        if let Some(last) = entries.last_mut() {
            last.term = term;
        }
        node.log = Log::with_base(Index(0), Term(0), entries);
    }
}

//! Wrong servers that the learner's own scenario must notice: one row of the learner's own table is
//! spoilt in each.

use gates::own::Sabotage;

use super::RULES;
use super::model::{Log, Outbox, RaftNode, Rules};
use super::subject::LogEdit as _;
use super::subject::protocol::{
    AppendEntries, AppendEntriesReply, Effect, Entry, Index, Request, ServerId, Term,
};

/// All of them.
pub(super) static ALL: [Sabotage<Rules>; 6] = [
    Sabotage {
        server: "does not step back when it is rejected",
        rules: &STUBBORN,
        why: "Rules for Servers, Leaders (§5.3): \"If AppendEntries fails because of log inconsistency: \
              decrement nextIndex and retry\".",
        advice: "Give a follower another log than the leader's, `settle`, and say with `expect` that it \
                 has the leader's log then (`log=1/1/3`).",
    },
    Sabotage {
        server: "takes entries whatever precedes them",
        rules: &CREDULOUS,
        why: "AppendEntries, receiver, step 2 (§5.3): \"Reply false if log doesn't contain an entry at \
              prevLogIndex whose term matches prevLogTerm\".",
        advice: "Give a follower another log than the leader's, `settle`, and say with `expect` that it \
                 has the leader's log then (`log=1/1/3`).",
    },
    Sabotage {
        server: "keeps its own entries where the leader has others",
        rules: &OBSTINATE,
        why: "AppendEntries, receiver, step 3 (§5.3): \"If an existing entry conflicts with a new one \
              […], delete the existing entry and all that follow it\".",
        advice: "Give a follower an entry that the leader has with another term, `settle`, and say with \
                 `expect` that the leader's is there instead.",
    },
    Sabotage {
        server: "replaces an entry that conflicts, and keeps those that follow it",
        rules: &HALFHEARTED,
        why: "AppendEntries, receiver, step 3 (§5.3): \"delete the existing entry and all that follow it\".",
        advice: "Give a follower more entries that conflict than the leader has there: at the end its log \
                 must be as short as the leader's.",
    },
    Sabotage {
        server: "drops what follows the entries of a call",
        rules: &FORGETFUL,
        why: "AppendEntries, receiver, step 3 (§5.3): entries go only \"if an existing entry conflicts with a \
              new one\". A call can be overtaken by a later one.",
        advice: "Let a client send a command, and `hold` the call that carries it to one server. Send a \
                 second command and `settle`: the held call stays behind. Then `release` and `deliver` it, \
                 and say with `expect`, before any further `settle`, that both entries are still there.",
    },
    Sabotage {
        server: "hands old entries on as if they were of its own term",
        rules: &FORGING,
        why: "Figure 2, State: an entry holds the \"term when entry was received by leader\", and keeps it.",
        advice: "Let the leader have entries of earlier terms that a follower lacks, `settle`, and say with \
                 `expect` of which terms that follower's entries are (`log=1/1/3`).",
    },
];

static STUBBORN: Rules = Rules { append_entries_reply: hear_success_only, ..RULES };
static CREDULOUS: Rules = Rules { append_entries: take_anything, ..RULES };
static OBSTINATE: Rules = Rules { append_entries: keep_own, ..RULES };
static HALFHEARTED: Rules = Rules { append_entries: keep_the_rest, ..RULES };
static FORGETFUL: Rules = Rules { append_entries: end_with_the_call, ..RULES };
static FORGING: Rules = Rules { replicate_to: send_as_own, ..RULES };

fn hear_success_only(
    node: &mut RaftNode,
    from: ServerId,
    request: &AppendEntries,
    reply: &AppendEntriesReply,
    out: &mut Outbox,
) {
    if reply.success {
        (RULES.append_entries_reply)(node, from, request, reply, out);
    }
}

fn take_anything(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    let prev_log_index = request.prev_log_index.min(node.log.last_index());
    let prev_log_term = node.log.term_at(prev_log_index).unwrap_or_default();
    let fitting = AppendEntries { prev_log_index, prev_log_term, ..request.clone() };
    (RULES.append_entries)(node, &fitting, out)
}

/// The server's own handling of the request without its entries, and whether it has succeeded.
fn without_entries(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    let heartbeat = AppendEntries { entries: Vec::new(), ..request.clone() };
    (RULES.append_entries)(node, &heartbeat, out)
}

/// The entries of a request, each with its index.
fn indexed(request: &AppendEntries) -> impl Iterator<Item = (Index, &Entry)> {
    (request.prev_log_index.0 + 1..).map(Index).zip(&request.entries)
}

fn keep_own(node: &mut RaftNode, request: &AppendEntries, out: &mut Outbox) -> AppendEntriesReply {
    let reply = without_entries(node, request, out);
    if reply.success {
        for (index, entry) in indexed(request) {
            if index > node.log.last_index() {
                node.log.append(entry.clone());
            }
        }
    }
    reply
}

fn keep_the_rest(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    let reply = without_entries(node, request, out);
    if reply.success {
        let mut entries = node.log.entries_from(Index(1), usize::MAX).to_vec();
        for ((_, entry), at) in indexed(request).zip(position(request.prev_log_index)..) {
            match entries.get_mut(at) {
                Some(place) => *place = entry.clone(),
                None => entries.push(entry.clone()),
            }
        }
        node.log = Log::with_base(Index(0), Term(0), entries);
    }
    reply
}

/// The position of the entry after this one in a list that begins with the first.
fn position(index: Index) -> usize {
    usize::try_from(index.0).unwrap_or(usize::MAX)
}

fn end_with_the_call(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    let reply = (RULES.append_entries)(node, request, out);
    if reply.success {
        let last = request.prev_log_index.0 + request.entries.len() as u64;
        node.log.truncate_from(Index(last + 1));
    }
    reply
}

fn send_as_own(node: &mut RaftNode, peer: ServerId, out: &mut Outbox) {
    let mut honest = Outbox::new();
    (RULES.replicate_to)(node, peer, &mut honest);
    for effect in honest.into_effects() {
        let Effect::Call { call, to, request: Request::AppendEntries(mut request) } = effect else {
            continue;
        };
        for entry in &mut request.entries {
            entry.term = request.term;
        }
        out.call(call, to, Request::AppendEntries(request));
    }
}

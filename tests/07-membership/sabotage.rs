//! Wrong servers that the learner's own scenario must notice: in each, one or two rows of the learner's own
//! table are spoilt.

use std::io;

use gates::own::Sabotage;

use super::QUORUM;
use super::model::{Outbox, RaftNode, Rules};
use super::subject::configuration::is_changing;
use super::subject::protocol::{
    AppendEntries, AppendEntriesReply, ClientRequest, Index, Payload, RequestId,
};
use super::subject::snapshots::snapshot::members_at;

/// All of them, in the order in which the scenario meets them.
pub(super) static ALL: [Sabotage<Rules>; 6] = [
    Sabotage {
        server: "uses a configuration only when it is committed",
        rules: &LATE,
        why: "§6: a server \"always uses the latest configuration in its log, regardless of whether the entry is \
              committed\".",
        advice: "While the leader is cut off with its change, check its members with `expect`.",
    },
    Sabotage {
        server: "begins a change while another one is open",
        rules: &HASTY,
        why: "Dissertation §4.1: one change at a time.",
        advice: "While the leader is cut off with its change, ask it for another one, with one server less; then \
                 check with `expect` that its log has not grown.",
    },
    Sabotage {
        server: "forgets an open change when it restarts",
        rules: &FORGETFUL,
        why: "§6: the configuration in the log is in force, even on a server that has just restarted.",
        advice: "Let the leader crash and restart while its change is open, and check its members with `expect`.",
    },
    Sabotage {
        server: "begins a change before it has committed an entry of its own term",
        rules: &EARLY,
        why: "The correction of 2015 to dissertation §4.1: the change of an earlier leader may still come back.",
        advice: "Let another server be elected, and cut it off before its first entry is committed. Ask it for a \
                 change, and check with `expect` that its log has not grown.",
    },
    Sabotage {
        server: "keeps using a configuration that was truncated",
        rules: &STUBBORN,
        why: "§6: a server uses the latest configuration in its log. One that was truncated is no longer in it.",
        advice: "Let the earlier leader come back, so that its change is replaced by other entries, and check its \
                 members with `expect`.",
    },
    Sabotage {
        server: "lets a removed server depose the leader",
        rules: &OBEDIENT,
        why: "§6: candidates are ignored while the server hears from a leader.",
        advice: "Finally, remove a server that is not leader while it is cut off. Then let it reach the others, let \
                 its election timer run out twice, `settle`, and check with `expect` that the leader still leads \
                 its term.",
    },
];

static LATE: Rules =
    Rules { append_entries: go_by_committed, advance_commit: until_committed, ..QUORUM };
static HASTY: Rules = Rules { client_request: change_at_any_time, ..QUORUM };
static FORGETFUL: Rules = Rules { recover: forget, ..QUORUM };
static EARLY: Rules = Rules { client_request: change_at_once, ..QUORUM };
static STUBBORN: Rules = Rules { append_entries: keep_members, ..QUORUM };
static OBEDIENT: Rules = Rules { intercept_request: |_, _, _, _| None, ..QUORUM };

fn go_by_committed(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    let reply = (QUORUM.append_entries)(node, request, out);
    node.members = members_at(node, node.commit_index);
    reply
}

fn until_committed(node: &mut RaftNode, out: &mut Outbox) {
    (QUORUM.advance_commit)(node, out);
    node.members = members_at(node, node.commit_index);
}

/// Runs the row as if the whole log were committed.
fn as_if_committed(node: &mut RaftNode, id: RequestId, request: ClientRequest, out: &mut Outbox) {
    let commit_index = std::mem::replace(&mut node.commit_index, node.log.last_index());
    (QUORUM.client_request)(node, id, request, out);
    node.commit_index = commit_index;
}

/// Whether the leader has committed an entry of its own term.
fn has_committed(node: &RaftNode) -> bool {
    node.log.term_at(node.commit_index) == Some(node.current_term)
}

fn change_at_any_time(
    node: &mut RaftNode,
    id: RequestId,
    request: ClientRequest,
    out: &mut Outbox,
) {
    if is_changing(node) && has_committed(node) {
        as_if_committed(node, id, request, out);
    } else {
        (QUORUM.client_request)(node, id, request, out);
    }
}

fn change_at_once(node: &mut RaftNode, id: RequestId, request: ClientRequest, out: &mut Outbox) {
    if is_changing(node) || has_committed(node) {
        (QUORUM.client_request)(node, id, request, out);
    } else {
        as_if_committed(node, id, request, out);
    }
}

fn forget(node: &mut RaftNode) -> io::Result<()> {
    (QUORUM.recover)(node)?;
    node.members = members_at(node, Index(0));
    Ok(())
}

fn keep_members(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    let before = node.members.clone();
    let reply = (QUORUM.append_entries)(node, request, out);
    let brings = request.entries.iter().any(|entry| matches!(entry.payload, Payload::Members(_)));
    if !brings {
        node.members = before;
    }
    reply
}

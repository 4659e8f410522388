//! Wrong servers that the learner's own scenario must notice: one row of the learner's own table, or two, are
//! spoilt in each.

use std::io;

use gates::own::Sabotage;

use super::super::DISREGARD;
use super::super::model::{LateRules, Outbox, RaftNode, Rules};
use super::super::subject::configuration::is_changing;
use super::super::subject::protocol::{
    AppendEntries, AppendEntriesReply, ClientRequest, Index, Payload, RequestId,
};
use super::super::subject::snapshot::members_at;

/// All of them, in the order in which the scenario meets them.
pub(super) static ALL: [Sabotage<Rules>; 6] = [
    Sabotage {
        server: "goes by a configuration only when it is committed",
        rules: &LATE,
        why: "§6: a server \"always uses the latest configuration in its log, regardless of whether the entry is \
              committed\".",
        advice: "While the leader is cut off with its change, say with `expect` what members it goes by.",
    },
    Sabotage {
        server: "begins a change while another one is open",
        rules: &HASTY,
        why: "Dissertation §4.1: one change at a time.",
        advice: "While the leader is cut off with its change, ask it for another one, by one server more or less than \
                 that; then say with `expect` that its log has not grown.",
    },
    Sabotage {
        server: "forgets an open change when it restarts",
        rules: &FORGETFUL,
        why: "§6: the configuration in the log is in force, also for a server that has just restarted.",
        advice: "Let the leader crash and restart while its change is open, and say with `expect` what members it \
                 goes by.",
    },
    Sabotage {
        server: "begins a change before it has committed an entry of its own term",
        rules: &EARLY,
        why: "The correction of 2015 to dissertation §4.1: the change of a former leader may still come back.",
        advice: "Let another server be elected, and cut it off before its first entry is committed. Ask it for a \
                 change, and say with `expect` that its log has not grown.",
    },
    Sabotage {
        server: "goes on by a configuration that was truncated",
        rules: &STUBBORN,
        why: "§6: a server goes by the latest configuration in its log. One that has given way is not in it.",
        advice: "Let the former leader come back, so that its change gives way to other entries, and say with \
                 `expect` what members it goes by then.",
    },
    Sabotage {
        server: "lets a removed server depose the leader",
        rules: &OBEDIENT,
        why: "§6: candidates are disregarded while a leader is heard.",
        advice: "At last remove a server that does not lead, while it is cut off. Then let it reach the others, let its \
                 election timer run out twice, `settle`, and say with `expect` that the leader leads on in its term.",
    },
];

static LATE: Rules =
    Rules { append_entries: go_by_committed, advance_commit: until_committed, ..DISREGARD };
static HASTY: Rules = Rules { client_request: change_at_any_time, ..DISREGARD };
static FORGETFUL: Rules = Rules { recover: forget, ..DISREGARD };
static EARLY: Rules = Rules { client_request: change_at_once, ..DISREGARD };
static STUBBORN: Rules = Rules { append_entries: keep_members, ..DISREGARD };
static OBEDIENT: Rules =
    Rules { late: LateRules { before_term: |_, _, _, _| None, ..DISREGARD.late }, ..DISREGARD };

fn go_by_committed(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    let reply = (DISREGARD.append_entries)(node, request, out);
    node.members = members_at(node, node.commit_index);
    reply
}

fn until_committed(node: &mut RaftNode, out: &mut Outbox) {
    (DISREGARD.advance_commit)(node, out);
    node.members = members_at(node, node.commit_index);
}

/// Lets the row see the whole log committed.
fn as_if_committed(node: &mut RaftNode, id: RequestId, request: ClientRequest, out: &mut Outbox) {
    let commit_index = std::mem::replace(&mut node.commit_index, node.log.last_index());
    (DISREGARD.client_request)(node, id, request, out);
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
        (DISREGARD.client_request)(node, id, request, out);
    }
}

fn change_at_once(node: &mut RaftNode, id: RequestId, request: ClientRequest, out: &mut Outbox) {
    if is_changing(node) || has_committed(node) {
        (DISREGARD.client_request)(node, id, request, out);
    } else {
        as_if_committed(node, id, request, out);
    }
}

fn forget(node: &mut RaftNode) -> io::Result<()> {
    (DISREGARD.recover)(node)?;
    node.members = members_at(node, Index(0));
    Ok(())
}

fn keep_members(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    let before = node.members.clone();
    let reply = (DISREGARD.append_entries)(node, request, out);
    let brings = request.entries.iter().any(|entry| matches!(entry.payload, Payload::Members(_)));
    if !brings {
        node.members = before;
    }
    reply
}

//! Wrong servers that the learner's own scenario must notice: one row of the learner's own table is
//! spoilt in each.

use std::io;

use gates::own::Sabotage;

use super::RULES;
use super::model::{Log, Outbox, RaftNode, Rules};
use super::subject::protocol::{
    InstallSnapshot, InstallSnapshotReply, KeyValue, ServerId, StateMachine as _,
};
use super::subject::recovery::restore;
use super::subject::replication::LogEdit as _;

/// All of them, in the order in which the scenario meets them.
pub(super) static ALL: [Sabotage<Rules>; 7] = [
    Sabotage {
        server: "believes that a follower with the first chunk has the whole snapshot",
        rules: &HASTY,
        why: "Figure 13, done: \"true if this is the last chunk\". A follower has what it reports as stored, \
              and no more.",
        advice: "Send the snapshot in several chunks (`config chunk=8`), and say with `expect` what the \
                 follower has at the end.",
    },
    Sabotage {
        server: "does not notice that a follower has lost the chunks that it had",
        rules: &FORGETFUL,
        why: "§5.5: a follower that crashes has lost what it had not saved. Its next reply says that less is \
              stored than before, and the leader must send it again.",
        advice: "In (a), let the follower crash after the first chunk and come back, deliver the next chunk \
                 and the reply to it, and say with `expect` what the follower has at the end.",
    },
    Sabotage {
        server: "reports a chunk after a gap as stored",
        rules: &CARELESS,
        why: "protocol::InstallSnapshotReply: stored counts the bytes from the start without a gap. The leader \
              never sends again what is reported as stored.",
        advice: "In (a), let the follower crash after the first chunk and come back: the next chunk comes \
                 after a gap. Deliver it, and say with `expect` what the follower has at the end. (A newer \
                 snapshot would cover the mistake: let the leader take only one.)",
    },
    Sabotage {
        server: "keeps its own entries after the snapshot, although they conflict with it",
        rules: &STUBBORN,
        why: "Figure 13, receiver, step 7: a log that does not hold the snapshot's last entry is discarded as a \
              whole.",
        advice: "Cut a leader off, and give it more commands than the snapshot will replace. When it has \
                 installed the snapshot, say with `expect` what is in its log.",
    },
    Sabotage {
        server: "does not save a snapshot that it has received",
        rules: &UNSAVED,
        why: "Figure 13, receiver, step 5: \"Save snapshot file\".",
        advice: "In (b), let the follower crash after it has installed the snapshot, and say with `expect` \
                 what it has when it is back.",
    },
    Sabotage {
        server: "comes back with its snapshot, and an empty state machine",
        rules: &EMPTY,
        why: "§7: the state machine comes back from the snapshot. The entries that could rebuild it are gone.",
        advice: "In (b), let the follower crash after it has installed the snapshot, and come back. Let it lead \
                 later, and ask it for the state.",
    },
    Sabotage {
        server: "returns to its snapshot when the last chunk of one arrives again",
        rules: &BACKWARD,
        why: "Figure 3, State Machine Safety: a server never takes back what it has applied (§7).",
        advice: "In (c), keep a copy of the last chunk (`duplicate`, `hold`). Let the follower apply one more \
                 entry, `release` the copy, and say with `expect` how far the follower has applied.",
    },
];

static HASTY: Rules = Rules { install_snapshot_reply: take_for_whole, ..RULES };
static FORGETFUL: Rules = Rules { install_snapshot_reply: ignore_lost_chunks, ..RULES };
static CARELESS: Rules = Rules { install_snapshot: report_after_a_gap, ..RULES };
static STUBBORN: Rules = Rules { install_snapshot: keep_own_entries, ..RULES };
static UNSAVED: Rules = Rules { install_snapshot: install_without_saving, ..RULES };
static EMPTY: Rules = Rules { recover: come_back_empty, ..RULES };
static BACKWARD: Rules = Rules { install_snapshot: return_to_snapshot, ..RULES };

fn take_for_whole(
    node: &mut RaftNode,
    from: ServerId,
    request: &InstallSnapshot,
    reply: &InstallSnapshotReply,
    out: &mut Outbox,
) {
    let stored = if reply.stored > 0 { u64::MAX } else { 0 };
    let reply = InstallSnapshotReply { stored, ..*reply };
    (RULES.install_snapshot_reply)(node, from, request, &reply, out);
}

fn ignore_lost_chunks(
    node: &mut RaftNode,
    from: ServerId,
    request: &InstallSnapshot,
    reply: &InstallSnapshotReply,
    out: &mut Outbox,
) {
    if reply.stored >= request.offset {
        (RULES.install_snapshot_reply)(node, from, request, reply, out);
    }
}

fn report_after_a_gap(
    node: &mut RaftNode,
    request: &InstallSnapshot,
    out: &mut Outbox,
) -> InstallSnapshotReply {
    let reply = (RULES.install_snapshot)(node, request, out);
    let end = request.offset + request.data.len() as u64;
    InstallSnapshotReply { stored: reply.stored.max(end), ..reply }
}

fn keep_own_entries(
    node: &mut RaftNode,
    request: &InstallSnapshot,
    out: &mut Outbox,
) -> InstallSnapshotReply {
    let (index, term) = (request.last_included_index, request.last_included_term);
    let own = node.log.entries_from(index.next(), usize::MAX).to_vec();
    let was_installed = node.last_applied >= index;
    let reply = (RULES.install_snapshot)(node, request, out);
    if !was_installed && node.last_applied >= index && node.log.last_index() == index {
        node.log = Log::with_base(index, term, own);
    }
    reply
}

fn install_without_saving(
    node: &mut RaftNode,
    request: &InstallSnapshot,
    out: &mut Outbox,
) -> InstallSnapshotReply {
    let reply = (RULES.install_snapshot)(node, request, out);
    if let Some(latest) = &node.snapshots.latest {
        node.saved.snapshot_index = latest.last_included_index;
    }
    reply
}

fn come_back_empty(node: &mut RaftNode) -> io::Result<()> {
    (RULES.recover)(node)?;
    node.machine.restore(&KeyValue::new().snapshot());
    Ok(())
}

fn return_to_snapshot(
    node: &mut RaftNode,
    request: &InstallSnapshot,
    out: &mut Outbox,
) -> InstallSnapshotReply {
    let is_old = request.done && request.last_included_index <= node.last_applied;
    let reply = (RULES.install_snapshot)(node, request, out);
    let latest = node.snapshots.latest.clone();
    if let Some(latest) = latest.filter(|_| is_old) {
        let (index, term) = (latest.last_included_index, latest.last_included_term);
        // Its bytes have been a snapshot before, so they still are.
        let _ = restore(node, index, term, latest.data);
    }
    reply
}

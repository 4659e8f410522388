//! Snapshots that a leader sends in chunks, and what has become of the server that they are sent to.

use gates::{Context, Failure, Verdict};

use super::model::{Log, RaftNode};
use super::servers::{
    S2, ask, entries, fill, is_log, log_of, members, server, session, told_to, x_after, x_of,
};
use super::subject::protocol::{
    Bytes, ClientId, Index, InstallSnapshot, InstallSnapshotReply, Payload, Reply, Request, Term,
};
use super::subject::snapshot::take_snapshot;
use super::table;

/// The terms of the leader's entries. The snapshot usually replaces the first four.
pub(super) const TERMS: [u64; 6] = [1, 1, 2, 2, 3, 3];

/// The data of a snapshot of the first `applied` of these entries. The server that took it remembers a
/// command of client 7; if `change` is given, its entry 2 is that configuration.
pub(super) fn data(applied: u64, change: Option<&[u64]>) -> Bytes {
    let mut other = server(table(7), 3, &TERMS, 0);
    if let Some(ids) = change {
        let mut entries = entries(1, &TERMS);
        entries[1].payload = Payload::Members(members(ids));
        other.log = Log::with_base(Index(0), Term(0), entries);
        other.members = members(ids);
    }
    let mut other = fill(other, 3, &[], applied);
    other.sessions.insert(ClientId(7), session(2, "ok", 3));
    take_snapshot(&mut other);
    other.snapshots.latest.map(|snapshot| snapshot.data).unwrap_or_default()
}

/// All of a snapshot in one chunk, from S2, which leads `term`.
pub(super) fn whole(term: u64, (index, last_term): (u64, u64), data: Bytes) -> InstallSnapshot {
    InstallSnapshot {
        term: Term(term),
        leader_id: S2,
        last_included_index: Index(index),
        last_included_term: Term(last_term),
        offset: 0,
        data,
        done: true,
    }
}

/// The same in two chunks.
pub(super) fn halves(whole: &InstallSnapshot) -> [InstallSnapshot; 2] {
    let half = whole.data.len() / 2;
    let first = InstallSnapshot { data: whole.data.slice(..half), done: false, ..whole.clone() };
    let second =
        InstallSnapshot { data: whole.data.slice(half..), offset: half as u64, ..whole.clone() };
    [first, second]
}

/// S1 is sent a chunk. Returns its reply.
pub(super) fn sent(
    check: &mut Context,
    node: &mut RaftNode,
    chunk: &InstallSnapshot,
) -> Result<InstallSnapshotReply, Box<Failure>> {
    check.step(format!(
        "S1 is in term {}, has a log with {}, and has committed {}; S2, which leads term {}, sends {}",
        node.current_term,
        log_of(node),
        node.commit_index,
        chunk.term,
        told_to(&Request::InstallSnapshot(chunk.clone()))
    ));
    match ask(check, node, Request::InstallSnapshot(chunk.clone()))? {
        Reply::InstallSnapshot(reply) => Ok(reply),
        other => Err(check.failure("a reply to InstallSnapshot", other.name())),
    }
}

/// S1 must have entries of these terms, of which the first `applied` are applied. At most the first `gone`
/// of them are compacted away.
pub(super) fn is(
    check: &Context,
    node: &RaftNode,
    terms: &[u64],
    applied: u64,
    gone: u64,
) -> Verdict {
    is_log(check, node, terms, gone)?;
    check.equal("commit_index", node.commit_index.0, applied)?;
    check.equal("last_applied", node.last_applied.0, applied)?;
    let x = x_after(&terms[..usize::try_from(applied).unwrap_or(0)]);
    check.same_text("x in the state machine", &x_of(node), &x)
}

/// S1 must have the snapshot of the leader's first entries, and nothing else: its own log is discarded.
pub(super) fn is_just(check: &Context, node: &RaftNode, index: u64) -> Verdict {
    is_discarded(check, node, index)?;
    is(check, node, &TERMS[..usize::try_from(index).unwrap_or(0)], index, index)
}

/// S1's own log must be discarded, whatever else has become of S1.
pub(super) fn is_discarded(check: &Context, node: &RaftNode, index: u64) -> Verdict {
    let terms = &TERMS[..usize::try_from(index).unwrap_or(0)];
    let term = terms.last().copied().unwrap_or(0);
    let expected = format!("base {index}@{term}, entries after it: none");
    check.same_text("the log", &log_of(node), &expected)
}

/// What must be the same if nothing has changed.
pub(super) fn seen(node: &RaftNode) -> (String, u64, u64, String) {
    (log_of(node), node.commit_index.0, node.last_applied.0, x_of(node))
}

//! A table of rules whose rows only record that they ran. It shows which rows the event loop runs,
//! in which order, and what state each of them finds.
//!
//! Each check runs in a thread of its own, and the notes are that thread's.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;

use super::servers::state;
use super::subject::protocol::{
    AppendEntries, AppendEntriesReply, Bytes, CallId, Effect, Index, InstallSnapshot,
    InstallSnapshotReply, PreVote, PreVoteReply, Reply, Request, RequestId, RequestVote,
    RequestVoteReply, ServerId, Term, TimeoutNow, TimeoutNowReply,
};
use super::subject::{Outbox, RaftNode, Rules};

/// What a row does to the server, besides noting that it ran.
pub(super) type Act = fn(&mut RaftNode);

thread_local! {
    static RAN: RefCell<Vec<(&'static str, String)>> = const { RefCell::new(Vec::new()) };
    static ACTS: RefCell<BTreeMap<&'static str, Act>> = const { RefCell::new(BTreeMap::new()) };
    static INTERCEPTED: Cell<Option<Reply>> = const { Cell::new(None) };
    static FAILING: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Forgets what ran and what was arranged.
pub(super) fn reset() {
    RAN.take();
    ACTS.take();
    INTERCEPTED.take();
    FAILING.take();
}

/// Arranges that the row does this to the server.
pub(super) fn when(row: &'static str, act: Act) {
    ACTS.with_borrow_mut(|acts| acts.insert(row, act));
}

/// Arranges that `intercept_request` has this answer.
pub(super) fn intercept_replies(reply: Reply) {
    INTERCEPTED.set(Some(reply));
}

/// Arranges that the row (`recover` or `persist`) fails.
pub(super) fn failing(row: &'static str) {
    FAILING.set(Some(row));
}

/// The rows that ran, in order.
pub(super) fn rows() -> Vec<&'static str> {
    RAN.with_borrow(|ran| ran.iter().map(|&(row, _)| row).collect())
}

/// What was the server's state when the row began.
pub(super) fn seen_by(row: &str) -> String {
    let find = |ran: &Vec<(&str, String)>| ran.iter().find(|it| it.0 == row).map(|it| it.1.clone());
    RAN.with_borrow(find).unwrap_or_else(|| format!("{row} did not run"))
}

/// The rows of a list, as one says it.
pub(super) fn told(rows: &[&str]) -> String {
    if rows.is_empty() { "none".to_owned() } else { rows.join(", ") }
}

/// Effects, as one says it: the probes leave their row's name in each of theirs.
pub(super) fn effects(effects: &[Effect]) -> String {
    let tell = |effect: &Effect| match effect {
        Effect::Client { result: Ok(row), .. } => {
            format!("what {} wants", String::from_utf8_lossy(row))
        }
        Effect::Answer { call, to, reply } => {
            format!("the answer to {call} of {to}: {}", answer(reply))
        }
        other => format!("{other:?}"),
    };
    if effects.is_empty() {
        return "nothing".to_owned();
    }
    effects.iter().map(tell).collect::<Vec<_>>().join("\n")
}

/// An answer, as one says it.
pub(super) fn answer(reply: &Reply) -> String {
    let term = reply.term();
    match reply {
        Reply::RequestVote(r) => format!("RequestVote, term {term}, granted {}", r.vote_granted),
        Reply::AppendEntries(r) => format!("AppendEntries, term {term}, success {}", r.success),
        Reply::InstallSnapshot(r) => format!("InstallSnapshot, term {term}, stored {}", r.stored),
        Reply::PreVote(r) => format!("PreVote, term {term}, granted {}", r.vote_granted),
        Reply::TimeoutNow(_) => format!("TimeoutNow, term {term}"),
    }
}

fn note(row: &'static str, node: &mut RaftNode) {
    RAN.with_borrow_mut(|ran| ran.push((row, state(node))));
    if let Some(act) = ACTS.with_borrow(|acts| acts.get(row).copied()) {
        act(node);
    }
}

fn run(row: &'static str, node: &mut RaftNode, out: &mut Outbox) {
    note(row, node);
    out.client(RequestId(0), Ok(Bytes::from_static(row.as_bytes())));
}

fn disk(row: &'static str, node: &mut RaftNode) -> io::Result<()> {
    note(row, node);
    if FAILING.get() == Some(row) { Err(io::Error::other(DISK_FULL)) } else { Ok(()) }
}

/// The error of a row that was arranged to fail.
pub(super) const DISK_FULL: &str = "the disk is full";

/// A term that no server is in: only a probe answers with it.
pub(super) const PROBE_TERM: Term = Term(77);

/// The answer of the probe in the row for this request.
pub(super) fn probe_answer(request: &Request) -> Reply {
    let term = PROBE_TERM;
    match request {
        Request::RequestVote(_) => {
            Reply::RequestVote(RequestVoteReply { term, vote_granted: true })
        }
        Request::AppendEntries(_) => {
            Reply::AppendEntries(AppendEntriesReply { term, success: true, conflict: None })
        }
        Request::InstallSnapshot(_) => {
            Reply::InstallSnapshot(InstallSnapshotReply { term, stored: 7 })
        }
        Request::PreVote(_) => Reply::PreVote(PreVoteReply { term, vote_granted: true }),
        Request::TimeoutNow(_) => Reply::TimeoutNow(TimeoutNowReply { term }),
    }
}

/// The table of probes.
pub(super) static PROBES: Rules = Rules {
    recover: |node| disk("recover", node),
    start: |node, out| run("start", node, out),
    election_timeout: |node, out| run("election_timeout", node, out),
    request_vote: |node, _, out| {
        run("request_vote", node, out);
        RequestVoteReply { term: PROBE_TERM, vote_granted: true }
    },
    request_vote_reply: |node, _, _, _, out| run("request_vote_reply", node, out),
    elected: |node, out| run("elected", node, out),
    deposed: |node, out| run("deposed", node, out),
    heartbeat_timeout: |node, out| run("heartbeat_timeout", node, out),
    append_entries: |node, _, out| {
        run("append_entries", node, out);
        AppendEntriesReply { term: PROBE_TERM, success: true, conflict: None }
    },
    follow: |node, _, out| run("follow", node, out),
    append_entries_reply: |node, _, _, _, out| run("append_entries_reply", node, out),
    replicate_to: |node, _, out| run("replicate_to", node, out),
    client_request: |node, _, _, out| run("client_request", node, out),
    advance_commit: |node, out| run("advance_commit", node, out),
    apply: |node, out| run("apply", node, out),
    persist: |node| disk("persist", node),
    // No event loop: it calls the event loop of this table.
    handle_all: super::subject::RULES.handle_all,
    install_snapshot: |node, _, out| {
        run("install_snapshot", node, out);
        InstallSnapshotReply { term: PROBE_TERM, stored: 7 }
    },
    install_snapshot_reply: |node, _, _, _, out| run("install_snapshot_reply", node, out),
    intercept_request: |node, _, _, out| {
        run("intercept_request", node, out);
        INTERCEPTED.get()
    },
    lease_timeout: |node, out| run("lease_timeout", node, out),
    reply_received: |node, call, _, _, _, out| {
        // The RPC's number is part of what the row receives: reads (module 4) count by it.
        run(
            if call == CALL {
                "reply_received"
            } else {
                "reply_received, with another call's number"
            },
            node,
            out,
        );
    },
    serve_reads: |node, out| run("serve_reads", node, out),
    pre_vote: |node, _, out| {
        run("pre_vote", node, out);
        PreVoteReply { term: PROBE_TERM, vote_granted: true }
    },
    pre_vote_reply: |node, _, _, _, out| run("pre_vote_reply", node, out),
    timeout_now: |node, _, out| {
        run("timeout_now", node, out);
        TimeoutNowReply { term: PROBE_TERM }
    },
};

/// The number that S2 or S3 has given to its request.
pub(super) const CALL: CallId = CallId(42);

/// One request of a kind: its name, the request of a server in `term`, a reply of one in `reply_term`
/// that rejects, and the rows for both.
pub(super) struct Call {
    pub(super) name: &'static str,
    pub(super) request: Request,
    pub(super) reply: Reply,
    pub(super) row: &'static str,
    /// Nothing must be done about the answer to a TimeoutNow.
    pub(super) reply_row: Option<&'static str>,
}

/// A request of each kind.
pub(super) fn calls(from: ServerId, term: u64, reply_term: u64) -> Vec<Call> {
    let reply_term = Term(reply_term);
    let requests: [(Request, Reply, &'static str, Option<&'static str>); 5] = [
        (
            request_vote(from, term),
            Reply::RequestVote(RequestVoteReply { term: reply_term, vote_granted: false }),
            "request_vote",
            Some("request_vote_reply"),
        ),
        (
            append_entries(from, term),
            Reply::AppendEntries(AppendEntriesReply {
                term: reply_term,
                success: false,
                conflict: None,
            }),
            "append_entries",
            Some("append_entries_reply"),
        ),
        (
            Request::InstallSnapshot(InstallSnapshot {
                term: Term(term),
                leader_id: from,
                last_included_index: Index(4),
                last_included_term: Term(1),
                offset: 0,
                data: Bytes::from_static(b"x 1"),
                done: true,
            }),
            Reply::InstallSnapshot(InstallSnapshotReply { term: reply_term, stored: 0 }),
            "install_snapshot",
            Some("install_snapshot_reply"),
        ),
        (
            Request::PreVote(PreVote {
                term: Term(term),
                candidate_id: from,
                last_log_index: Index(3),
                last_log_term: Term(1),
            }),
            Reply::PreVote(PreVoteReply { term: reply_term, vote_granted: false }),
            "pre_vote",
            Some("pre_vote_reply"),
        ),
        (
            Request::TimeoutNow(TimeoutNow { term: Term(term), leader_id: from }),
            Reply::TimeoutNow(TimeoutNowReply { term: reply_term }),
            "timeout_now",
            None,
        ),
    ];
    let call = |(request, reply, row, reply_row): (Request, Reply, _, _)| {
        let name = request.name();
        Call { name, request, reply, row, reply_row }
    };
    requests.into_iter().map(call).collect()
}

/// A RequestVote of that candidate and term.
pub(super) fn request_vote(from: ServerId, term: u64) -> Request {
    Request::RequestVote(RequestVote {
        term: Term(term),
        candidate_id: from,
        last_log_index: Index(3),
        last_log_term: Term(1),
        leadership_transfer: false,
    })
}

/// A heartbeat of that leader and term.
pub(super) fn append_entries(from: ServerId, term: u64) -> Request {
    Request::AppendEntries(AppendEntries {
        term: Term(term),
        leader_id: from,
        prev_log_index: Index(0),
        prev_log_term: Term(0),
        entries: Vec::new(),
        leader_commit: Index(0),
    })
}

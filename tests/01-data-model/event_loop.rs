//! Exercise 1.8: what follows from a change, and when others may hear of it.

use std::io;

use gates::{Check, Checks, Context, Verdict};

use super::probes::{self, CALL, DISK_FULL, PROBES, rows};
use super::servers::{ROLES, S1, S2, server, state};
use super::subject::protocol::{
    ClientRequest, Effect, Event, Node as _, Reply, RequestId, RequestVoteReply, RoleName, Term,
    Timer,
};
use super::subject::{RaftNode, Role};

const ORDER: &str = "Figure 2, Rules for Servers, All Servers (§5.3): what is committed is applied. First \
     comes what the event itself asks for; then commit, apply, and the reads that wait for what is applied \
     (§8); persist is last, since all before it may change what must be on disk.";
const DEPOSED: &str = "§5.1, §5.2: a leader that finds itself out of date reverts to follower. From then on \
     it has to wait for a leader, and its clients have to be told: `deposed` sees to that, once.";
const NEWER: &str = "§5.1, §5.2: a leadership belongs to its term. A server that leads a newer term than before \
     the event has lost the older one, and its clients have to be told: compare the term that it leads, not only \
     the role.";
const PERSIST: &str = "§5.1; Figure 2, State: persistent state is \"updated on stable storage before \
     responding to RPCs\". A vote that was sent and is not on disk is given a second time after a crash \
     (Election Safety).";
const EFFECTS: &str = "§5.1; Figure 2: a reply describes a state, so it leaves after that state is in place; \
     effects leave in the order in which the rows made them (see outbox.rs).";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("1.8")
        .about("handle")
        .claims([
            ("What follows from an event comes in its order, whatever the event", ORDER, order),
            ("A leader that steps down runs deposed before it persists", DEPOSED, deposed),
            ("A server that did not lead, or still leads, is not deposed", DEPOSED, not_deposed),
            (
                "A server that leads another term after an event than before it is deposed",
                NEWER,
                newer_leadership,
            ),
            ("Effects leave in the order in which they were made", EFFECTS, effects),
            ("An answer carries the number of the call, and goes to the caller", EFFECTS, answer),
            ("If persist fails, no effect is released", PERSIST, persist_fails),
            ("If recover fails, no effect is released", PERSIST, recover_fails),
            (
                "What a failed event wanted is not let out by the next one",
                PERSIST,
                nothing_is_left_over,
            ),
            ("A leader that steps down while it applies is deposed too", DEPOSED, deposed_late),
        ])
        .list()
}

/// What follows from every event.
const AFTER: [&str; 4] = ["advance_commit", "apply", "serve_reads", "persist"];

/// The answer of S2 to a RequestVote of S1 in term 5, in which it is.
fn vote() -> Event {
    let reply = Reply::RequestVote(RequestVoteReply { term: Term(5), vote_granted: true });
    Event::Reply { call: CALL, from: S2, request: probes::request_vote(S1, 5), reply }
}

fn request(term: u64) -> Event {
    Event::Request { call: CALL, from: S2, request: probes::append_entries(S2, term) }
}

fn client() -> Event {
    Event::Client { id: RequestId(1), request: ClientRequest::Command("set x 1".into()) }
}

/// Every kind of event, and the rows that run for it before those that follow from it.
fn events() -> Vec<(&'static str, Event, &'static [&'static str])> {
    vec![
        ("is started", Event::Start, &["recover", "start"]),
        ("has an election timeout", Event::Timeout(Timer::Election), &["election_timeout"]),
        ("has a heartbeat timeout", Event::Timeout(Timer::Heartbeat), &["heartbeat_timeout"]),
        ("has a lease timeout", Event::Timeout(Timer::LeaderLease), &["lease_timeout"]),
        ("hears an AppendEntries of term 5", request(5), &["intercept_request", "append_entries"]),
        ("hears S2's vote of term 5", vote(), &["request_vote_reply", "reply_received"]),
        ("hears a client", client(), &["client_request"]),
    ]
}

/// S1 takes in the event. That it "does" something in a row was arranged before.
fn take(
    check: &mut Context,
    node: &mut RaftNode,
    what: &str,
    event: Event,
) -> io::Result<Vec<Effect>> {
    check.step(format!("S1 ({}) {what}", state(node)));
    node.handle(event)
}

fn ran(check: &Context, expected: &[&str]) -> Verdict {
    check.same_text("rows that ran", &rows().join("\n"), &expected.join("\n"))
}

fn become_follower(node: &mut RaftNode) {
    node.role = Role::Follower { leader: None };
}

fn order(check: &mut Context) -> Verdict {
    for role in ROLES {
        for (what, event, first) in events() {
            probes::reset();
            let mut node = server(&PROBES, role, 5);
            let done = take(check, &mut node, what, event);
            check.holds(done.is_ok(), "no error", format!("{done:?}"))?;
            ran(check, &[first, &AFTER].concat())?;
        }
    }
    Ok(())
}

fn deposed(check: &mut Context) -> Verdict {
    let expected = |first: &[&'static str]| {
        [first, &["advance_commit", "apply", "serve_reads", "deposed", "persist"]].concat()
    };
    probes::reset();
    let mut node = server(&PROBES, RoleName::Leader, 5);
    let _ = take(check, &mut node, "hears an AppendEntries of term 6", request(6));
    ran(check, &expected(&["intercept_request", "append_entries"]))?;

    probes::reset();
    let mut node = server(&PROBES, RoleName::Leader, 5);
    let reply = Reply::RequestVote(RequestVoteReply { term: Term(6), vote_granted: false });
    let request = probes::request_vote(S1, 5);
    let event = Event::Reply { call: CALL, from: S2, request, reply };
    let _ = take(check, &mut node, "receives a rejection of term 6", event);
    ran(check, &expected(&[]))?;

    // And only once.
    probes::reset();
    let _ = take(check, &mut node, "hears a client, no longer leader", client());
    ran(check, &[&["client_request"][..], &AFTER].concat())
}

fn deposed_late(check: &mut Context) -> Verdict {
    for row in ["advance_commit", "apply"] {
        probes::reset();
        probes::when(row, become_follower);
        let mut node = server(&PROBES, RoleName::Leader, 5);
        let what = format!("hears a client, and steps down in {row}");
        let _ = take(check, &mut node, &what, client());
        ran(
            check,
            &["client_request", "advance_commit", "apply", "serve_reads", "deposed", "persist"],
        )
        .map_err(|failure| {
            failure.note(
                "A leader that is not part of the new configuration steps down when that is \
                 committed (§6): so the loop must ask whether it still leads at deposed's place in the order.",
            )
        })?;
    }
    Ok(())
}

fn newer_leadership(check: &mut Context) -> Verdict {
    probes::reset();
    probes::when("election_timeout", |node| node.current_term = Term(6));
    let mut node = server(&PROBES, RoleName::Leader, 5);
    let what = "has a timeout, and leads term 6 by it";
    let _ = take(check, &mut node, what, Event::Timeout(Timer::Election));
    let then = ["advance_commit", "apply", "serve_reads", "deposed", "persist"];
    ran(check, &[&["election_timeout"][..], &then].concat())
}

fn not_deposed(check: &mut Context) -> Verdict {
    for role in [RoleName::Follower, RoleName::Candidate] {
        probes::reset();
        let mut node = server(&PROBES, role, 5);
        let _ = take(check, &mut node, "hears an AppendEntries of term 6", request(6));
        ran(check, &[&["intercept_request", "append_entries"][..], &AFTER].concat())?;
    }
    probes::reset();
    let mut node = server(&PROBES, RoleName::Leader, 5);
    let what = "hears an AppendEntries of term 4";
    let _ = take(check, &mut node, what, request(4));
    let ran = rows().contains(&"deposed");
    check.holds(!ran, "deposed does not run", "deposed runs, for a request of an older term")
}

fn fails(check: &Context, done: Result<Vec<Effect>, io::Error>, row: &str) -> Verdict {
    match done {
        Err(error) => check.same_text("error", &error.to_string(), DISK_FULL),
        Ok(out) => {
            let out = probes::effects(&out).replace('\n', ", ");
            let happened = format!("no error, and these effects are released: {out}");
            Err(check.failure(format!("{row}'s error, and no effect released"), happened))
        }
    }
}

fn persist_fails(check: &mut Context) -> Verdict {
    for role in ROLES {
        for (what, event, _) in events() {
            probes::reset();
            probes::failing("persist");
            let mut node = server(&PROBES, role, 5);
            let done = take(check, &mut node, &format!("{what}; its disk is full"), event);
            fails(check, done, "persist")?;
        }
    }
    Ok(())
}

fn recover_fails(check: &mut Context) -> Verdict {
    probes::reset();
    probes::failing("recover");
    let mut node = server(&PROBES, RoleName::Follower, 0);
    let done = take(check, &mut node, "is started; its disk cannot be read", Event::Start);
    fails(check, done, "recover")
}

fn nothing_is_left_over(check: &mut Context) -> Verdict {
    probes::reset();
    probes::failing("persist");
    let mut node = server(&PROBES, RoleName::Follower, 5);
    let what = "hears an AppendEntries of term 5; its disk is full";
    let done = take(check, &mut node, what, request(5));
    fails(check, done, "persist")?;
    probes::reset();
    let what = "has an election timeout, right after an event at which persist failed";
    let done = take(check, &mut node, what, Event::Timeout(Timer::Election));
    let out = done.map(|out| probes::effects(&out)).unwrap_or_default();
    check.same_text("let out", &out, &wanted_by(&["election_timeout"], &AFTER[..3]))
}

fn wanted_by(first: &[&str], then: &[&str]) -> String {
    let rows = first.iter().chain(then);
    rows.map(|row| format!("what {row} wants")).collect::<Vec<_>>().join("\n")
}

fn effects(check: &mut Context) -> Verdict {
    probes::reset();
    let mut node = server(&PROBES, RoleName::Candidate, 5);
    let done = take(check, &mut node, "hears S2's vote of term 5", vote());
    let out = done.map(|out| probes::effects(&out)).unwrap_or_default();
    let first = ["request_vote_reply", "reply_received"];
    check.same_text("let out", &out, &wanted_by(&first, &AFTER[..3]))
}

fn answer(check: &mut Context) -> Verdict {
    for term in [5, 6] {
        probes::reset();
        let mut node = server(&PROBES, RoleName::Leader, 5);
        let what = format!("hears an AppendEntries of term {term}, which S2 counts as {CALL}");
        let done = take(check, &mut node, &what, request(term));
        let out = done.map(|out| probes::effects(&out)).unwrap_or_default();
        let first = wanted_by(&["intercept_request", "append_entries"], &[]);
        let answer = "the answer to call 42 of S2: AppendEntries, term 77, success true";
        let deposed: &[&str] = if term == 6 { &["deposed"] } else { &[] };
        let then = wanted_by(&AFTER[..3], deposed);
        check.same_text("let out", &out, &format!("{first}\n{answer}\n{then}"))?;
    }
    Ok(())
}

//! Exercise 6.8: how a new server joins, and what becomes of a change that does not come about. Here the
//! lab asks for more than §6: a new server is no member until it has caught up (dissertation §4.2.1).

use gates::{Check, Context, Verdict};

use super::super::model::{RaftNode, Role};
use super::super::subject::change::PATIENCE;
use super::super::subject::protocol::{
    CallId, ClientRequest, Event, Index, Reply, Request, RequestVote, RequestVoteReply, Term, Timer,
};
use super::change::{leads, success};
use super::servers::{
    S1, S2, S3, S4, Step, armed, called, client, hear, leader, named, of, role_of, said_at, told,
};

const CATCH_UP: &str = "Dissertation §4.2.1: a new server \"could take a while to catch up, during which the \
     cluster could not commit new entries\"; so it is sent the log first \"as a non-voting member\". Here: \
     until it holds everything that the leader knows to be committed.";
const ONCE: &str = "Dissertation §4.2.1: as soon as the new server has caught up, the reconfiguration goes \
     ahead, as an entry of the log.";
const GIVE_UP: &str = "Dissertation §4.2.1: \"the leader should also abort the change if the new server is \
     unavailable\". Here: after `PATIENCE` heartbeats. Until the client hears of it, no other change can begin.";
const END: &str = "§8: each request of a client comes to one end. A change that is not in the log is undone \
     with its leader; one that is in the log may still be committed by the next.";
const STEPS_DOWN: &str = "§6: a leader that is not part of the new configuration \"steps down (returns to \
     follower state) once it has committed\" it. Until then it \"will be managing a cluster that does not \
     include itself; it replicates log entries but does not count itself in majorities\".";

pub(super) fn checks() -> Vec<Check> {
    type Row = (&'static str, &'static str, &'static str, fn(&mut Context) -> Verdict);
    #[rustfmt::skip]
    let rows: [Row; 7] = [
        ("change", "A new server is sent the log, and does not count until it has caught up", CATCH_UP, sent_first),
        ("admit", "A new server becomes a member when it holds all that is committed", ONCE, admitted),
        ("heartbeat_timeout", "A new server that is not there is given up", GIVE_UP, given_up),
        ("heartbeat_timeout", "After a change was given up, another one can begin", GIVE_UP, begins_anew),
        ("deposed", "Who waits for a new server hears of it when the leader steps down", END, deposed),
        ("deposed", "Who waits for a change in the log hears of it when the leader steps down", END, in_the_log),
        ("advance_commit", "A leader that removes itself leads on until that is committed, and no longer", STEPS_DOWN, removes_itself),
    ];
    let make = |(about, claim, why, body): Row| Check::new("6.8", claim, why, body).about(about);
    rows.into_iter().map(make).collect()
}

/// S1 leads S2 and S3; a client has asked it to add S4. Index 2 is not committed.
fn joining(check: &mut Context) -> Step<RaftNode> {
    let mut node = leads(check, "123", "3 3", 1)?;
    if let Role::Leader { progress } = &mut node.role {
        for follower in progress.values_mut() {
            follower.match_index = Index(1);
        }
    }
    check.step("S1 leads term 3 with S2 and S3, index 1 is committed; a client asks it to add S4");
    let effects = client(check, &mut node, ClientRequest::Change(of("1234")))?;
    let told = told(&effects);
    check.same_text("the client is told", &told, "nothing")?;
    let called = called(&effects, "AppendEntries");
    check.holds(called.contains("S4"), "S4 is sent the log", format!("{called} is called"))?;
    Ok(node)
}

fn sent_first(check: &mut Context) -> Verdict {
    let mut node = joining(check)?;
    check.same_text("the members", &named(&node.members), "S1, S2, S3")?;
    check.equal("the last index of S1's log", node.log.last_index(), Index(2))?;
    check.step("S1's heartbeat timer runs out");
    let effects = hear(check, &mut node, Event::Timeout(Timer::Heartbeat))?;
    check.same_text("S1 calls", &called(&effects, "AppendEntries"), "S2, S3, S4")?;
    check.step("S2 acknowledges index 2, and S4 has nothing yet");
    hear(check, &mut node, success(S2, 2, 3))?;
    check.equal("S1's commit index: two of three hold it", node.commit_index, Index(2))?;
    check.same_text("the members", &named(&node.members), "S1, S2, S3")?;
    check.step("S4 acknowledges index 1");
    hear(check, &mut node, success(S4, 1, 3))?;
    check.same_text("the members", &named(&node.members), "S1, S2, S3")
}

fn admitted(check: &mut Context) -> Verdict {
    let mut node = joining(check)?;
    check.step("S4 acknowledges index 2");
    let effects = hear(check, &mut node, success(S4, 2, 3))?;
    check.same_text("the members", &named(&node.members), "S1, S2, S3, S4")?;
    check.same_text("index 3 says", &said_at(&node, 3), "S1, S2, S3, S4, of term 3")?;
    check.same_text("S1 calls", &called(&effects, "AppendEntries"), "S2, S3, S4")?;
    check.same_text("the client is told", &told(&effects), "nothing")?;
    check.step("S2 and S4 acknowledge index 3");
    let effects = hear(check, &mut node, success(S2, 3, 3))?;
    check.same_text("the client is told, when two of four hold it", &told(&effects), "nothing")?;
    let effects = hear(check, &mut node, success(S4, 3, 3))?;
    check.same_text("the client is told, when three of four hold it", &told(&effects), "c7: done")
}

/// The heartbeat timer of S1 runs out so often; what the client is told meanwhile.
fn beats(check: &mut Context, node: &mut RaftNode, times: u32) -> Step<String> {
    let mut effects = Vec::new();
    for _ in 0..times {
        effects.extend(hear(check, node, Event::Timeout(Timer::Heartbeat))?);
    }
    Ok(told(&effects))
}

fn given_up(check: &mut Context) -> Verdict {
    let mut node = joining(check)?;
    check.step(format!("S4 is silent for {} heartbeats, PATIENCE being {PATIENCE}", PATIENCE - 1));
    let told_early = beats(check, &mut node, PATIENCE - 1)?;
    check.same_text("the client is told", &told_early, "nothing")?;
    check.step("S4 is silent for ten heartbeats more");
    let told_late = beats(check, &mut node, 10)?;
    check.same_text("the client is told", &told_late, "c7: refused")?;
    check.same_text("the members", &named(&node.members), "S1, S2, S3")?;
    check.step("S1's heartbeat timer runs out once more");
    let effects = hear(check, &mut node, Event::Timeout(Timer::Heartbeat))?;
    check.same_text("S1 calls", &called(&effects, "AppendEntries"), "S2, S3")?;
    check.step("now S4 acknowledges index 2");
    let effects = hear(check, &mut node, success(S4, 2, 3))?;
    check.same_text("the members", &named(&node.members), "S1, S2, S3")?;
    check.same_text("the client is told", &told(&effects), "nothing")
}

fn begins_anew(check: &mut Context) -> Verdict {
    let mut node = joining(check)?;
    beats(check, &mut node, PATIENCE + 10)?;
    check.step("S4 was given up; a client asks S1 to remove S3");
    let effects = client(check, &mut node, ClientRequest::Change(of("12")))?;
    check.same_text("the client is told", &told(&effects), "nothing")?;
    check.same_text("the members", &named(&node.members), "S1, S2")
}

/// S2 refuses S1 its vote, in term 4.
fn newer_term() -> Event {
    let request = Request::RequestVote(RequestVote {
        term: Term(3),
        candidate_id: S1,
        last_log_index: Index(0),
        last_log_term: Term(0),
        leadership_transfer: false,
    });
    let reply = Reply::RequestVote(RequestVoteReply { term: Term(4), vote_granted: false });
    Event::Reply { call: CallId(1), from: S2, request, reply }
}

fn deposed(check: &mut Context) -> Verdict {
    let mut node = joining(check)?;
    check.step("S4 has not caught up; an answer tells S1 of term 4");
    let effects = hear(check, &mut node, newer_term())?;
    let told = told(&effects);
    // Either is true: nothing was done, and somebody else may lead.
    let ends = ["c7: refused", "c7: not the leader, and knows none"];
    check.holds(ends.contains(&told.as_str()), "the client is told that nothing was done", told)?;
    check.step("S1 leads again, in term 5, and beats");
    node.role = leader(&[(2, 0), (3, 0)]);
    node.current_term = Term(5);
    let told = beats(check, &mut node, PATIENCE + 10)?;
    check.same_text("the client is told once more", &told, "nothing")?;
    check.same_text("the members", &named(&node.members), "S1, S2, S3")
}

fn in_the_log(check: &mut Context) -> Verdict {
    let mut node = leads(check, "123", "3", 1)?;
    client(check, &mut node, ClientRequest::Change(of("12")))?;
    check.step("the removal of S3 is in S1's log; an answer tells S1 of term 4");
    let effects = hear(check, &mut node, newer_term())?;
    check.same_text("the client is told", &told(&effects), "c7: unknown")?;
    check.same_text("the members", &named(&node.members), "S1, S2")
}

fn removes_itself(check: &mut Context) -> Verdict {
    let mut node = leads(check, "123", "3", 1)?;
    check.step("S1 leads term 3 with S2 and S3; a client asks it to remove itself");
    client(check, &mut node, ClientRequest::Change(of("23")))?;
    check.same_text("S1", &role_of(&node), "the leader of term 3")?;
    check.step("S2 acknowledges the change: one of the two members holds it");
    hear(check, &mut node, success(S2, 2, 3))?;
    check.equal("S1's commit index", node.commit_index, Index(1))?;
    check.same_text("S1", &role_of(&node), "the leader of term 3")?;
    check.step("S3 acknowledges the change, too, and S1's heartbeat timer runs out");
    let mut effects = hear(check, &mut node, success(S3, 2, 3))?;
    effects.extend(hear(check, &mut node, Event::Timeout(Timer::Heartbeat))?);
    check.equal("S1's commit index", node.commit_index, Index(2))?;
    check.same_text("the client is told", &told(&effects), "c7: done")?;
    check.same_text("S1", &role_of(&node), "a follower in term 3")?;
    let waits = armed(&effects, Timer::Election).is_some();
    let happened = if waits { "it is" } else { "it is not" };
    check.holds(waits, "S1's election timer is armed, as that of any follower", happened)
}

//! Exercise 7.11, bonus: taking over from the leader, and how a transfer ends.

use gates::{Check, Checks, Context, Verdict};

use super::leader_lease::append;
use super::model::{PendingCommand, Progress, Role};
use super::servers::{
    S2, S3, asked, called, client, newer_term, no_result, role_of, server, success, told,
};
use super::subject::protocol::{
    ClientRequest, Effect, Event, Index, Request, RequestId, RequestVote, Term, TimeoutNow, Timer,
};
use super::table;
use super::transfer::handing_over;

const ABORT: &str = "Dissertation §3.10: \"if leadership transfer does not complete after about an election timeout, \
     the prior leader aborts the transfer and resumes accepting client requests\".";
const NOW: &str = "Dissertation §3.10, step 3: the server starts an election at once. The others still hear their \
     leader: they listen because `leadership_transfer` says that the leader asked for it (§4.2.3).";
const STALE: &str = "§5.1: a leader of an older term has no authority. And a server that waits to be added cannot lead.";
const END: &str = "§8: each client learns how its request ended. A transfer succeeded if the server that was to \
     lead has begun a newer term; if another server has, its outcome is unknown.";

const OTHERS: &str = "§8: each client learns how its request ended, even if the leader has handed over: a command that is in \
     its log may be committed by the next leader, or not.";

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("7.11").each([
        ("election_timeout", "A transfer that does not complete is abandoned after an election timeout", ABORT, abandoned),
        ("timeout_now", "A server that is asked to lead starts an election that the leader requested", NOW, starts),
        ("timeout_now", "A leader of an older term starts no election", STALE, stale),
        ("deposed", "The client of a transfer gets an answer when it has succeeded", END, done),
        ("deposed", "The client of a transfer gets an answer when another server has begun a newer term", END, another),
        ("deposed", "The clients that wait for commands get answers, too, when a transfer ends", OTHERS, all_told),
        ("election_timeout", "The client of a transfer gets one answer when the leader reaches no majority", END, cut_off),
    ]);
    checks.list()
}

fn abandoned(check: &mut Context) -> Verdict {
    let (mut node, _) = handing_over(check, table(11), 1)?;
    check.handle(&mut node, success(S3, 2))?;
    check.step("S1 hands over to S2; S3 has replied, and S1's election timer runs out");
    let effects = check.handle(&mut node, Event::Timeout(Timer::Election))?;
    // A TimeoutNow that is under way may still have its effect.
    no_result(check, &effects, 7)?;
    check.same_text("S1", &role_of(&node), "the leader of term 3")?;
    check.step("the transfer was abandoned; S2 acknowledges index 2");
    let effects = check.handle(&mut node, success(S2, 2))?;
    check.same_text("S1 sends TimeoutNow to", &called(&effects, "TimeoutNow"), "nobody")?;
    check.step("the transfer was abandoned; a client asks for a command");
    let effects = client(check, &mut node, ClientRequest::Command("set x 1".into()))?;
    check.same_text("the client gets", &told(&effects), "nothing")?;
    check.equal("the last index of S1's log", node.log.last_index(), Index(3))
}

/// S2, the leader of this term, hands over to S1.
fn timeout_now(term: u64) -> Request {
    Request::TimeoutNow(TimeoutNow { term: Term(term), leader_id: S2 })
}

pub(super) fn starts(check: &mut Context) -> Verdict {
    let mut node = server(check, table(11), "123", 3, "3 3")?;
    check.step("S1 follows S2, the leader of term 3, which hands over to it");
    asked(check, &mut node, S2, append(3, 0))?;
    let (_, effects) = asked(check, &mut node, S2, timeout_now(3))?;
    check.same_text("S1", &role_of(&node), "a candidate of term 4")?;
    check.same_text("S1 sends PreVote to", &called(&effects, "PreVote"), "nobody")?;
    check.same_text("S1 sends RequestVote to", &called(&effects, "RequestVote"), "S2, S3")?;
    let asked_for = effects.iter().all(|effect| match effect {
        Effect::Call { request: Request::RequestVote(request), .. } => request.leadership_transfer,
        _ => true,
    });
    check.holds(asked_for, "each request has `leadership_transfer`", "one does not")?;
    check.step("S1's own election timer runs out next: no leader asked for that election");
    let effects = check.handle(&mut node, Event::Timeout(Timer::Election))?;
    let asked_for = effects.iter().any(|effect| match effect {
        Effect::Call { request: Request::RequestVote(request), .. } => request.leadership_transfer,
        _ => false,
    });
    check.holds(!asked_for, "no request has `leadership_transfer`", "one does")
}

fn stale(check: &mut Context) -> Verdict {
    let mut node = server(check, table(11), "123", 3, "3 3")?;
    check.step("S1 is in term 3; S2, which led term 2, hands over to it");
    let (reply, _) = asked(check, &mut node, S2, timeout_now(2))?;
    check.equal("it replies with term", reply.term(), Term(3))?;
    check.same_text("S1", &role_of(&node), "a follower in term 3")?;
    let mut node = server(check, table(11), "", 3, "")?;
    check.step("S1 waits to be added; S2, the leader of term 3, hands over to it");
    asked(check, &mut node, S2, timeout_now(3))?;
    check.same_text("S1", &role_of(&node), "a follower in term 3")?;
    let mut node = server(check, table(11), "123", 3, "3 3")?;
    check.step("S2, the leader of term 3, hands over to S1, twice");
    asked(check, &mut node, S2, timeout_now(3))?;
    asked(check, &mut node, S2, timeout_now(3))?;
    check.same_text("S1", &role_of(&node), "a candidate of term 4")
}

fn done(check: &mut Context) -> Verdict {
    let vote = Request::RequestVote(RequestVote {
        term: Term(4),
        candidate_id: S2,
        last_log_index: Index(2),
        last_log_term: Term(3),
        leadership_transfer: true,
    });
    let ways = [("asks for S1's vote", vote), ("sends a heartbeat as the leader", append(4, 0))];
    for (how, request) in ways {
        let (mut node, _) = handing_over(check, table(11), 2)?;
        check.step(format!("S1 has handed over to S2, which {how} in term 4"));
        let (_, effects) = asked(check, &mut node, S2, request)?;
        check.same_text("the client gets", &told(&effects), "c7: done")?;
        check.same_text("S1", &role_of(&node), "a follower in term 4")?;
        check.step("S1 leads again, in term 5; a client asks it for a command");
        let mut again = node;
        again.current_term = Term(5);
        let unknown = Progress { next_index: Index(3), match_index: Index(0) };
        again.role = Role::Leader { progress: [(S2, unknown), (S3, unknown)].into() };
        let effects = client(check, &mut again, ClientRequest::Command("set x 1".into()))?;
        check.same_text("the clients get", &told(&effects), "nothing")?;
    }
    Ok(())
}

fn all_told(check: &mut Context) -> Verdict {
    let (mut node, _) = handing_over(check, table(11), 1)?;
    let waits = PendingCommand { id: RequestId(6), term: Term(3) };
    node.pending_commands.insert(Index(2), waits);
    check.step(
        "a client (c6) waits for index 2 of S1's log; S1 hands over to S2, which leads term 4 now",
    );
    let (_, effects) = asked(check, &mut node, S2, append(4, 0))?;
    let told = told(&effects);
    for (client, how) in [("c6: unknown", "unknown"), ("c7: done", "done")] {
        let (id, _) = client.split_once(':').unwrap_or_default();
        check.holds(told.contains(client), format!("{id} is told: {how}"), told.as_str())?;
    }
    Ok(())
}

fn cut_off(check: &mut Context) -> Verdict {
    let (mut node, _) = handing_over(check, table(11), 1)?;
    check.step("S1 hands over to S2; no server replies, and S1's election timer runs out twice");
    let mut effects = Vec::new();
    for _ in 0..2 {
        effects.extend(check.handle(&mut node, Event::Timeout(Timer::Election))?);
    }
    no_result(check, &effects, 7)
}

fn another(check: &mut Context) -> Verdict {
    let (mut node, _) = handing_over(check, table(11), 1)?;
    check.step("S1 hands over to S2; a reply tells it of term 4");
    let effects = check.handle(&mut node, newer_term())?;
    no_result(check, &effects, 7)
}

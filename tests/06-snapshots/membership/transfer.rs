//! Exercise 6.12, bonus: handing leadership over.

use gates::{Check, Context, Verdict};

use super::super::model::{Progress, RaftNode, Role};
use super::super::subject::protocol::{
    CallId, ClientRequest, Effect, Event, Index, Reply, Request, RequestId, RequestVote,
    RequestVoteReply, Term, TimeoutNow, Timer,
};
use super::super::table;
use super::change::success;
use super::servers::{
    S1, S2, S3, S4, Step, armed, asked, called, client, hear, leader, of, role_of, server, told,
};

const STEPS: &str = "Dissertation §3.10: the leader brings the other server's log up to date, and then sends it a \
     TimeoutNow, which \"has the same effect as the target server's election timer firing\".";
const BEHIND: &str = "Dissertation §3.10, step 2: first its log must match the leader's: otherwise it could not be \
     elected (§5.4.1).";
const REPEAT: &str = "Dissertation §3.10. Messages get lost: each answer of the server that is to lead is an \
     occasion to tell it once more.";
const STOP: &str = "Dissertation §3.10, step 1: \"the prior leader stops accepting new client requests\": they would \
     move the end of its log away from the server that is to lead.";
const POSSIBLE: &str = "Dissertation §3.10: leadership goes to another server of the cluster, and one transfer is \
     enough at a time.";
const ABORT: &str = "Dissertation §3.10: \"if leadership transfer does not complete after about an election timeout, \
     the prior leader aborts the transfer and resumes accepting client requests\".";
const NOW: &str = "Dissertation §3.10, step 3: the server starts an election at once. The others hear their leader \
     still: they listen because `leadership_transfer` says that it is the leader's own wish (§4.2.3).";
const STALE: &str =
    "§5.1: a leader of an older term has no say. And who waits to be added cannot lead.";
const END: &str = "§8: each request of a client comes to one end. This one is done when the server that was to \
     lead has begun a newer term; if somebody else has, nobody knows yet.";

pub(super) fn checks() -> Vec<Check> {
    type Row = (&'static str, &'static str, &'static str, fn(&mut Context) -> Verdict);
    #[rustfmt::skip]
    let rows: [Row; 10] = [
        ("hand_over", "A server that holds the leader's whole log is told at once to start an election", STEPS, at_once),
        ("hand_over", "A server that is behind is sent what it lacks first", BEHIND, behind),
        ("append_entries_reply", "As long as the server has not started, it is told again", REPEAT, repeats),
        ("client_request", "While leadership is handed over, commands and changes are refused", STOP, refuses),
        ("transfer", "Leadership is handed to another member, and to one at a time", POSSIBLE, possible),
        ("election_timeout", "A transfer that does not come about is given up after an election timeout", ABORT, gives_up),
        ("timeout_now", "Who is told to lead starts an election, in the leader's name", NOW, starts),
        ("timeout_now", "The word of a leader of an older term starts nothing", STALE, stale),
        ("deposed", "Who asked for a transfer hears that it came about", END, done),
        ("deposed", "Who asked for a transfer hears if another server has begun the newer term", END, somebody_else),
    ];
    let make = |(about, claim, why, body): Row| Check::new("6.12", claim, why, body).about(about);
    rows.into_iter().map(make).collect()
}

/// S1 leads term 3 with S2 and S3; its log has two entries, and S2 is known to hold so many of them.
fn leads(check: &Context, held: u64) -> Step<RaftNode> {
    let mut node = server(check, table(12), "123", 3, "3 3")?;
    (node.role, node.voted_for) = (leader(&[(2, held), (3, 2)]), Some(S1));
    (node.commit_index, node.last_applied) = (Index(1), Index(1));
    Ok(node)
}

/// A client asks S1 to hand over to S2.
fn handing_over(check: &mut Context, held: u64) -> Step<(RaftNode, Vec<Effect>)> {
    let mut node = leads(check, held)?;
    check.step(format!(
        "S1 leads term 3, and its log has two entries, of which S2 holds {held}; a client asks S1 to hand \
         over to S2"
    ));
    let effects = client(check, &mut node, ClientRequest::Transfer(S2))?;
    check.same_text("the client is told", &told(&effects), "nothing")?;
    Ok((node, effects))
}

/// A server that holds everything is told at once.
pub(super) fn at_once(check: &mut Context) -> Verdict {
    let (node, effects) = handing_over(check, 2)?;
    check.same_text("S1 sends TimeoutNow to", &called(&effects, "TimeoutNow"), "S2")?;
    check.same_text("S1", &role_of(&node), "the leader of term 3")
}

fn behind(check: &mut Context) -> Verdict {
    let (mut node, effects) = handing_over(check, 1)?;
    check.same_text("S1 sends TimeoutNow to", &called(&effects, "TimeoutNow"), "nobody")?;
    check.same_text("S1 sends AppendEntries to", &called(&effects, "AppendEntries"), "S2")?;
    check.step("S3 acknowledges index 2");
    let effects = hear(check, &mut node, success(S3, 2, 3))?;
    check.same_text("S1 sends TimeoutNow to", &called(&effects, "TimeoutNow"), "nobody")?;
    check.step("S2 acknowledges index 2");
    let effects = hear(check, &mut node, success(S2, 2, 3))?;
    check.same_text("S1 sends TimeoutNow to", &called(&effects, "TimeoutNow"), "S2")
}

fn repeats(check: &mut Context) -> Verdict {
    let (mut node, _) = handing_over(check, 2)?;
    check.step("TimeoutNow got lost; S2 answers the next heartbeat");
    hear(check, &mut node, Event::Timeout(Timer::Heartbeat))?;
    let effects = hear(check, &mut node, success(S2, 2, 3))?;
    check.same_text("S1 sends TimeoutNow to", &called(&effects, "TimeoutNow"), "S2")
}

fn refuses(check: &mut Context) -> Verdict {
    let requests = [
        ("a command", ClientRequest::Command("set x 1".into())),
        ("a change of members", ClientRequest::Change(of("12"))),
    ];
    for (what, request) in requests {
        let mut node = leads(check, 1)?;
        node.commit_index = Index(2);
        node.last_applied = Index(2);
        let id = RequestId(6);
        hear(check, &mut node, Event::Client { id, request: ClientRequest::Transfer(S2) })?;
        check.step(format!("S1 hands over to S2; a client asks for {what}"));
        let effects = client(check, &mut node, request)?;
        check.same_text("the client is told", &told(&effects), "c7: refused")?;
        check.equal("the last index of S1's log", node.log.last_index(), Index(2))?;
    }
    Ok(())
}

fn possible(check: &mut Context) -> Verdict {
    for (whom, to) in [("itself", S1), ("S4, which is no member,", S4)] {
        let mut node = leads(check, 2)?;
        check.step(format!("S1 leads S2 and S3; a client asks it to hand over to {whom}"));
        let effects = client(check, &mut node, ClientRequest::Transfer(to))?;
        check.same_text("the client is told", &told(&effects), "c7: refused")?;
        check.same_text("S1 sends TimeoutNow to", &called(&effects, "TimeoutNow"), "nobody")?;
    }
    let (mut node, _) = handing_over(check, 1)?;
    check.step("S1 hands over to S2; another client asks it to hand over to S3");
    let id = RequestId(8);
    let request = ClientRequest::Transfer(S3);
    let effects = hear(check, &mut node, Event::Client { id, request })?;
    check.same_text("the clients are told", &told(&effects), "c8: refused")?;
    let mut node = leads(check, 2)?;
    node.role = Role::Follower { leader: Some(S3) };
    check.step("S1 follows S3; a client asks S1 to hand over to S2");
    let effects = client(check, &mut node, ClientRequest::Transfer(S2))?;
    check.same_text("the client is told", &told(&effects), "c7: not the leader; S3 leads")
}

fn gives_up(check: &mut Context) -> Verdict {
    let (mut node, effects) = handing_over(check, 1)?;
    let armed = armed(&effects, Timer::Election);
    check.holds(
        armed.is_some_and(|after| node.config.election_timeout.contains(&after)),
        "S1's election timer, which measures how long it tries, is armed",
        armed.map_or("it is not".to_owned(), |after| format!("for {after:?}")),
    )?;
    check.step("S1's election timer runs out");
    let effects = hear(check, &mut node, Event::Timeout(Timer::Election))?;
    let told_now = told(&effects);
    // What was sent may still have its effect.
    let ends = ["c7: refused", "c7: unknown"];
    check.holds(
        ends.contains(&told_now.as_str()),
        "the client hears that it is given up",
        told_now,
    )?;
    check.same_text("S1", &role_of(&node), "the leader of term 3")?;
    check.step("the transfer was given up; S2 acknowledges index 2");
    let effects = hear(check, &mut node, success(S2, 2, 3))?;
    check.same_text("S1 sends TimeoutNow to", &called(&effects, "TimeoutNow"), "nobody")?;
    check.step("the transfer was given up; a client asks for a command");
    let effects = client(check, &mut node, ClientRequest::Command("set x 1".into()))?;
    check.same_text("the client is told", &told(&effects), "nothing")?;
    check.equal("the last index of S1's log", node.log.last_index(), Index(3))
}

/// S2, the leader of this term, hands over to S1.
fn timeout_now(term: u64) -> Request {
    Request::TimeoutNow(TimeoutNow { term: Term(term), leader_id: S2 })
}

fn starts(check: &mut Context) -> Verdict {
    let mut node = server(check, table(12), "123", 3, "3 3")?;
    check.step("S1 follows S2, the leader of term 3, which hands over to it");
    asked(check, &mut node, S2, super::disruption::append(3, 0))?;
    let (_, effects) = asked(check, &mut node, S2, timeout_now(3))?;
    check.same_text("S1", &role_of(&node), "a candidate of term 4")?;
    check.same_text("S1 sends PreVote to", &called(&effects, "PreVote"), "nobody")?;
    check.same_text("S1 sends RequestVote to", &called(&effects, "RequestVote"), "S2, S3")?;
    let in_its_name = effects.iter().all(|effect| match effect {
        Effect::Call { request: Request::RequestVote(request), .. } => request.leadership_transfer,
        _ => true,
    });
    check.holds(in_its_name, "each request says `leadership_transfer`", "one does not")?;
    check.step("S1's own election timer runs out next: nobody has asked for that election");
    let effects = hear(check, &mut node, Event::Timeout(Timer::Election))?;
    let in_its_name = effects.iter().any(|effect| match effect {
        Effect::Call { request: Request::RequestVote(request), .. } => request.leadership_transfer,
        _ => false,
    });
    check.holds(!in_its_name, "no request says `leadership_transfer`", "one does")
}

fn stale(check: &mut Context) -> Verdict {
    let mut node = server(check, table(12), "123", 3, "3 3")?;
    check.step("S1 is in term 3; S2, which led term 2, hands over to it");
    let (reply, _) = asked(check, &mut node, S2, timeout_now(2))?;
    check.equal("it answers with term", reply.term(), Term(3))?;
    check.same_text("S1", &role_of(&node), "a follower in term 3")?;
    let mut node = server(check, table(12), "", 3, "")?;
    check.step("S1 waits to be added; S2, the leader of term 3, hands over to it");
    asked(check, &mut node, S2, timeout_now(3))?;
    check.same_text("S1", &role_of(&node), "a follower in term 3")?;
    let mut node = server(check, table(12), "123", 3, "3 3")?;
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
    let ways = [
        ("asks for S1's vote", vote),
        ("sends a heartbeat as the leader", super::disruption::append(4, 0)),
    ];
    for (how, request) in ways {
        let (mut node, _) = handing_over(check, 2)?;
        check.step(format!("S1 has handed over to S2, which {how} in term 4"));
        let (_, effects) = asked(check, &mut node, S2, request)?;
        check.same_text("the client is told", &told(&effects), "c7: done")?;
        check.same_text("S1", &role_of(&node), "a follower in term 4")?;
        check.step("S1 leads again, in term 5; a client asks it for a command");
        let mut again = node;
        again.current_term = Term(5);
        let unknown = Progress { next_index: Index(3), match_index: Index(0) };
        again.role = Role::Leader { progress: [(S2, unknown), (S3, unknown)].into() };
        let effects = client(check, &mut again, ClientRequest::Command("set x 1".into()))?;
        check.same_text("the clients are told", &told(&effects), "nothing")?;
    }
    Ok(())
}

fn somebody_else(check: &mut Context) -> Verdict {
    let (mut node, _) = handing_over(check, 1)?;
    check.step("S1 hands over to S2; an answer of S3 tells it of term 4");
    let request = Request::RequestVote(RequestVote {
        term: Term(3),
        candidate_id: S1,
        last_log_index: Index(0),
        last_log_term: Term(0),
        leadership_transfer: false,
    });
    let reply = Reply::RequestVote(RequestVoteReply { term: Term(4), vote_granted: false });
    let event = Event::Reply { call: CallId(1), from: S3, request, reply };
    let effects = hear(check, &mut node, event)?;
    let told = told(&effects);
    let ends = ["c7: unknown", "c7: not the leader, and knows none"];
    check.holds(ends.contains(&told.as_str()), "the client hears that nobody knows yet", told)
}

//! Exercise 7.10, bonus: handing leadership over.

use gates::{Check, Checks, Context, Verdict};

use super::model::{RaftNode, Role};
use super::servers::{
    S1, S2, S3, S4, Step, armed, called, client, heartbeats, leader, nothing_done, of, role_of,
    server, success, told,
};
use super::subject::protocol::{ClientRequest, Effect, Event, Index, RequestId, Timer};
use super::{model, table};

const STEPS: &str = "Dissertation §3.10: the leader brings the other server's log up to date, and then sends it a \
     TimeoutNow, which \"has the same effect as the target server's election timer firing\".";
const BEHIND: &str = "Dissertation §3.10, step 2: its log must match the leader's first: otherwise it could not be \
     elected (§5.4.1).";
const REPEAT: &str = "Dissertation §3.10. Messages get lost, so each reply of the server that is to lead is an \
     opportunity to send it the TimeoutNow again.";
const STOP: &str = "Dissertation §3.10, step 1: \"the prior leader stops accepting new client requests\": they would \
     move the end of its log away from the server that is to lead.";
const POSSIBLE: &str =
    "Dissertation §3.10: leadership goes to another server of the cluster, and to one at a time.";
const LIMIT: &str = "Dissertation §3.10: a transfer that takes longer than about an election timeout is abandoned. The \
     leader's election timer measures that.";

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("7.10").each([
        ("hand_over", "A server that holds the leader's whole log is asked at once to start an election", STEPS, at_once),
        ("hand_over", "A server that is behind is sent what it lacks first", BEHIND, behind),
        ("append_entries_reply", "Until the server has started its election, it is asked again", REPEAT, repeats),
        ("client_request", "While leadership is handed over, commands and changes are rejected", STOP, refuses),
        ("transfer", "Leadership is handed to another member, and to one at a time", POSSIBLE, possible),
        ("transfer", "The leader's election timer measures how long a transfer takes", LIMIT, limited),
    ]);
    checks.list()
}

/// S1 leads term 3 with S2 and S3; its log has two entries, and S2 is known to hold `held` of them.
fn leads(check: &Context, rules: &'static model::Rules, held: u64) -> Step<RaftNode> {
    let mut node = server(check, rules, "123", 3, "3 3")?;
    (node.role, node.voted_for) = (leader(&[(2, held), (3, 2)]), Some(S1));
    (node.commit_index, node.last_applied) = (Index(1), Index(1));
    Ok(node)
}

/// A client asks S1 to hand over to S2.
pub(super) fn handing_over(
    check: &mut Context,
    rules: &'static model::Rules,
    held: u64,
) -> Step<(RaftNode, Vec<Effect>)> {
    let mut node = leads(check, rules, held)?;
    check.step(format!(
        "S1 leads term 3, and its log has two entries, of which S2 holds {held}; a client asks S1 to hand \
         over to S2"
    ));
    let effects = client(check, &mut node, ClientRequest::Transfer(S2))?;
    check.same_text("the client gets", &told(&effects), "nothing")?;
    Ok((node, effects))
}

fn at_once(check: &mut Context) -> Verdict {
    let (node, effects) = handing_over(check, table(10), 2)?;
    check.same_text("S1 sends TimeoutNow to", &called(&effects, "TimeoutNow"), "S2")?;
    check.same_text("S1", &role_of(&node), "the leader of term 3")
}

fn behind(check: &mut Context) -> Verdict {
    let (mut node, mut effects) = handing_over(check, table(10), 1)?;
    check.same_text("S1 sends TimeoutNow to", &called(&effects, "TimeoutNow"), "nobody")?;
    // At once, or with the next heartbeat.
    effects.extend(heartbeats(check, &mut node, 1)?);
    let sent = called(&effects, "AppendEntries");
    let expected = "S1 sends AppendEntries to S2";
    check.holds(sent.contains("S2"), expected, format!("S1 sends AppendEntries to {sent}"))?;
    check.step("S3 acknowledges index 2");
    let effects = check.handle(&mut node, success(S3, 2))?;
    check.same_text("S1 sends TimeoutNow to", &called(&effects, "TimeoutNow"), "nobody")?;
    check.step("S2 acknowledges index 2");
    let effects = check.handle(&mut node, success(S2, 2))?;
    check.same_text("S1 sends TimeoutNow to", &called(&effects, "TimeoutNow"), "S2")
}

fn repeats(check: &mut Context) -> Verdict {
    let (mut node, _) = handing_over(check, table(10), 2)?;
    check.step("TimeoutNow was lost; S2 replies to the next heartbeat");
    heartbeats(check, &mut node, 1)?;
    let effects = check.handle(&mut node, success(S2, 2))?;
    check.same_text("S1 sends TimeoutNow to", &called(&effects, "TimeoutNow"), "S2")
}

fn refuses(check: &mut Context) -> Verdict {
    let requests = [
        ("a command", ClientRequest::Command("set x 1".into())),
        ("a change of members", ClientRequest::Change(of("12"))),
    ];
    for (what, request) in requests {
        let mut node = leads(check, table(10), 1)?;
        node.commit_index = Index(2);
        node.last_applied = Index(2);
        let id = RequestId(6);
        check.handle(&mut node, Event::Client { id, request: ClientRequest::Transfer(S2) })?;
        check.step(format!("S1 hands over to S2; a client asks for {what}"));
        let effects = client(check, &mut node, request)?;
        nothing_done(check, &effects, 7)?;
        check.equal("the last index of S1's log", node.log.last_index(), Index(2))?;
    }
    Ok(())
}

fn possible(check: &mut Context) -> Verdict {
    for (whom, to) in [("itself", S1), ("S4, which is no member,", S4)] {
        let mut node = leads(check, table(10), 2)?;
        check.step(format!("S1 leads S2 and S3; a client asks it to hand over to {whom}"));
        let effects = client(check, &mut node, ClientRequest::Transfer(to))?;
        nothing_done(check, &effects, 7)?;
        check.same_text("S1 sends TimeoutNow to", &called(&effects, "TimeoutNow"), "nobody")?;
    }
    let (mut node, _) = handing_over(check, table(10), 1)?;
    check.step("S1 hands over to S2; another client asks it to hand over to S3");
    let id = RequestId(8);
    let request = ClientRequest::Transfer(S3);
    let effects = check.handle(&mut node, Event::Client { id, request })?;
    nothing_done(check, &effects, 8)?;
    let mut node = leads(check, table(10), 2)?;
    node.role = Role::Follower { leader: Some(S3) };
    check.step("S1 follows S3; a client asks S1 to hand over to S2");
    let effects = client(check, &mut node, ClientRequest::Transfer(S2))?;
    check.same_text("the client gets", &told(&effects), "c7: not the leader; S3 leads")
}

fn limited(check: &mut Context) -> Verdict {
    let (node, effects) = handing_over(check, table(10), 1)?;
    let armed = armed(&effects, Timer::Election);
    check.holds(
        armed.is_some_and(|after| node.config.election_timeout.contains(&after)),
        "S1's election timer is armed",
        armed.map_or("it is not".to_owned(), |after| format!("for {after:?}")),
    )
}

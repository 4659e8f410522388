//! Exercise 7.3: how a new server catches up before it becomes a member, and what happens if it does not.
//!
//! Here the lab asks for more than §6 (dissertation §4.2.1). How many rounds there are, and how the length
//! of a round is measured, is left to the server: a round without a single heartbeat is short by any
//! measure, and one of ten heartbeats, which outlasts the longest election timeout, is long.

use gates::{Check, Checks, Context, Verdict};

use super::model::RaftNode;
use super::servers::{
    S2, S3, S4, Step, begins_anew, called, client, heartbeats, leader, leads, named, newer_term,
    no_result, nothing_done, of, said_at, sending_a_snapshot, success, told,
};
use super::subject::catch_up::ROUND_HEARTBEATS;
use super::subject::protocol::{ClientRequest, Effect, Event, Index, RequestId, ServerId, Term};
use super::table;

const FIRST: &str = "Dissertation §4.2.1: the log of a new server \"could take quite a while to catch up to the \
     leader's, and during this time, the cluster is more vulnerable to unavailability\"; so it is sent the log first \
     \"as a non-voting member\".";
const ROUND: &str = "Dissertation §4.2.1: \"each round replicates all the log entries present in the leader's log \
     at the start of the round to the new server's log\". What is appended meanwhile belongs to the next round: \
     otherwise a round would never end while clients send commands.";
const SHORT: &str = "Dissertation §4.2.1: \"if the last round lasts less than an election timeout, then the leader \
     adds the new server to the cluster\".";
const LONG: &str = "Dissertation §4.2.1: a long round means that many entries were appended meanwhile, so \"the \
     algorithm waits\" for another one, which brings these. Each round is measured by itself.";
const LAST: &str = "Dissertation §4.2.1: the leader waits \"a fixed number of rounds\"; then it \"aborts the \
     configuration change with an error\". Until its client has an answer, no other change can begin.";
const ABSENT: &str = "Dissertation §4.2.1: \"the leader should also abort the change if the new server is \
     unavailable\". Here: after a round of `ROUND_HEARTBEATS` heartbeats. Until its client has an answer, no other change can begin.";
const ONE: &str =
    "Dissertation §4.1: one change at a time. A change whose server is catching up has begun.";
const MODULE_6: &str = "§5.5: RPCs are retried. In module 6, the row `heartbeat_timeout` ends the wait for the reply to a \
     chunk (6.5), and this module's row takes its place.";
const END: &str = "§8: each client learns how its request ended. A change that is not in the log is undone with its \
     leader.";

/// Longer than the longest election timeout.
const MANY_HEARTBEATS: u32 = 10;

/// More rounds than any leader allows.
const MANY_ROUNDS: u32 = 100;

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("7.3").each([
        ("client_request", "A new server is sent the log, and is no member until it has caught up", FIRST, sent_first),
        ("client_request", "No change begins while a new server catches up", ONE, one_at_a_time),
        ("finish_round", "A new server becomes a member after a short round", SHORT, short_round),
        ("finish_round", "A round brings a new server what was in the log when the round began", ROUND, round_end),
        ("finish_round", "A long round is followed by another one, which is measured by itself", LONG, long_round),
        ("finish_round", "A new server that never catches up is not waited for forever", LAST, last_round),
        ("heartbeat_timeout", "A chunk of a snapshot that is lost is sent again with the next heartbeat", MODULE_6, chunk_again),
        ("heartbeat_timeout", "A change whose new server does not reply is abandoned", ABSENT, abandoned),
        ("abandon", "A leader forgets a new server whose change was abandoned", ABSENT, forgotten),
        ("abandon", "After a change was abandoned, another one can begin", ABSENT, begins_again),
        ("abandon", "The client of a new server that is catching up gets an answer when the leader steps down", END, deposed),
    ]);
    checks.list()
}

/// S1 leads S2 and S3; a client has asked it to add S4. Index 2 is not committed.
fn adding(check: &mut Context) -> Step<RaftNode> {
    let mut node = leads(check, table(3), "123", "3 3", 1)?;
    node.role = leader(&[(2, 1), (3, 1)]);
    check.step(
        "S1 leads term 3 with S2 and S3, index 1 of 2 is committed; a client asks it to add S4",
    );
    let mut effects = client(check, &mut node, ClientRequest::Change(of("1234")))?;
    if !called(&effects, "AppendEntries").contains("S4") {
        // It may be sent the log with the next heartbeat.
        effects.extend(heartbeats(check, &mut node, 1)?);
    }
    check.same_text("the client gets", &told(&effects), "nothing")?;
    let called = called(&effects, "AppendEntries");
    check.holds(
        called.contains("S4"),
        "S4 is sent the log",
        format!("{called} are sent entries"),
    )?;
    Ok(node)
}

/// A client's command, which makes S1's log longer.
fn command(check: &Context, node: &mut RaftNode) -> Step<Vec<Effect>> {
    let request = ClientRequest::Command("set x 1".into());
    check.handle(node, Event::Client { id: RequestId(8), request })
}

/// This many heartbeats pass. S2 and S3 reply to each, so that S1 has no reason to step down (7.6).
fn pass(check: &Context, node: &mut RaftNode, times: u32) -> Step<Vec<Effect>> {
    let mut effects = Vec::new();
    for _ in 0..times {
        effects.extend(heartbeats(check, node, 1)?);
        for follower in [S2, S3] {
            effects.extend(check.handle(node, success(follower, 1))?);
        }
    }
    Ok(effects)
}

fn acknowledges(
    check: &mut Context,
    node: &mut RaftNode,
    server: ServerId,
    index: u64,
) -> Step<Vec<Effect>> {
    let before = check.current_step().to_owned();
    check.step(format!("{before}; {server} acknowledges index {index}"));
    check.handle(node, success(server, index))
}

fn sent_first(check: &mut Context) -> Verdict {
    let mut node = adding(check)?;
    check.same_text("S1's configuration", &named(&node.members), "S1, S2, S3")?;
    check.equal("the last index of S1's log", node.log.last_index(), Index(2))?;
    check.step("S1 adds S4, and its heartbeat timer runs out");
    let effects = heartbeats(check, &mut node, 1)?;
    check.same_text("S1 calls", &called(&effects, "AppendEntries"), "S2, S3, S4")?;
    check.step("S1 adds S4, which has nothing yet");
    acknowledges(check, &mut node, S2, 2)?;
    check.equal("S1's commit index: two of three hold it", node.commit_index, Index(2))?;
    check.same_text("S1's configuration", &named(&node.members), "S1, S2, S3")?;
    check.step("S1 adds S4; S2 holds the whole log");
    acknowledges(check, &mut node, S4, 1)?;
    check.same_text("S1's configuration", &named(&node.members), "S1, S2, S3")
}

fn chunk_again(check: &mut Context) -> Verdict {
    let mut node = adding(check)?;
    sending_a_snapshot(&mut node, S2);
    for time in ["the first", "the second"] {
        check.step(format!(
            "S1 is sending S2 a snapshot, and no reply arrives; its heartbeat timer runs out for {time} time"
        ));
        let effects = heartbeats(check, &mut node, 1)?;
        check.same_text("S1 sends a chunk to", &called(&effects, "InstallSnapshot"), "S2")?;
    }
    Ok(())
}

fn one_at_a_time(check: &mut Context) -> Verdict {
    let mut node = adding(check)?;
    for members in ["12", "1234"] {
        let to = named(&of(members));
        check.step(format!("S4 is catching up; a client asks for a change to {to}"));
        let (id, request) = (RequestId(9), ClientRequest::Change(of(members)));
        let effects = check.handle(&mut node, Event::Client { id, request })?;
        nothing_done(check, &effects, 9)?;
        check.equal("the last index of S1's log", node.log.last_index(), Index(2))?;
        check.same_text("S1's configuration", &named(&node.members), "S1, S2, S3")?;
    }
    Ok(())
}

fn short_round(check: &mut Context) -> Verdict {
    let mut node = adding(check)?;
    check.step("S1 adds S4");
    let mut effects = acknowledges(check, &mut node, S4, 2)?;
    check.same_text("S1's configuration", &named(&node.members), "S1, S2, S3, S4")?;
    check.same_text("index 3 holds", &said_at(&node, 3), "S1, S2, S3, S4, of term 3")?;
    // At once, or with the next heartbeat.
    effects.extend(heartbeats(check, &mut node, 1)?);
    check.same_text("S1 calls", &called(&effects, "AppendEntries"), "S2, S3, S4")?;
    check.same_text("the client gets", &told(&effects), "nothing")?;
    check.step("index 3 of S1's log adds S4");
    let effects = acknowledges(check, &mut node, S2, 3)?;
    check.same_text("when two of four hold it, the client gets", &told(&effects), "nothing")?;
    let effects = acknowledges(check, &mut node, S4, 3)?;
    check.same_text("when three of four hold it, the client gets", &told(&effects), "c7: done")
}

fn round_end(check: &mut Context) -> Verdict {
    let mut node = adding(check)?;
    check.step("S1 adds S4; two commands arrive");
    command(check, &mut node)?;
    command(check, &mut node)?;
    acknowledges(check, &mut node, S4, 2)?;
    check.same_text("S1's configuration", &named(&node.members), "S1, S2, S3, S4")?;
    check.same_text("index 5 holds", &said_at(&node, 5), "S1, S2, S3, S4, of term 3")
}

fn long_round(check: &mut Context) -> Verdict {
    let mut node = adding(check)?;
    command(check, &mut node)?;
    pass(check, &mut node, MANY_HEARTBEATS)?;
    check.step(format!(
        "S1 adds S4; a command arrives at index 3; {MANY_HEARTBEATS} heartbeats pass"
    ));
    let effects = acknowledges(check, &mut node, S4, 2)?;
    check.same_text("S1's configuration", &named(&node.members), "S1, S2, S3")?;
    if told(&effects) != "nothing" {
        // A leader may allow a single round.
        return no_result(check, &effects, 7);
    }
    check.step("the first round was long, and the second one has begun; S2 acknowledges index 3");
    check.handle(&mut node, success(S2, 3))?;
    check.same_text("S1's configuration", &named(&node.members), "S1, S2, S3")?;
    check.step("the first round was long; the second one lasts no heartbeat");
    acknowledges(check, &mut node, S4, 3)?;
    check.same_text("S1's configuration", &named(&node.members), "S1, S2, S3, S4")?;
    check.same_text("index 4 holds", &said_at(&node, 4), "S1, S2, S3, S4, of term 3")
}

fn last_round(check: &mut Context) -> Verdict {
    let mut node = adding(check)?;
    for round in 1..=MANY_ROUNDS {
        let end = node.log.last_index().0;
        check.step(format!(
            "round {round} of S4: a command arrives, {MANY_HEARTBEATS} heartbeats pass, and S4 \
             acknowledges index {end}"
        ));
        command(check, &mut node)?;
        pass(check, &mut node, MANY_HEARTBEATS)?;
        let effects = check.handle(&mut node, success(S4, end))?;
        check.same_text("S1's configuration", &named(&node.members), "S1, S2, S3")?;
        match told(&effects).as_str() {
            "nothing" => {}
            _ => return no_result(check, &effects, 7),
        }
    }
    Err(check.failure("the client learns that the change is refused", "it is still waiting"))
}

fn abandoned(check: &mut Context) -> Verdict {
    let mut node = adding(check)?;
    let half = ROUND_HEARTBEATS / 2;
    check.step(format!(
        "S4 is silent for {half} heartbeats; ROUND_HEARTBEATS is {ROUND_HEARTBEATS}"
    ));
    let early = pass(check, &mut node, half)?;
    check.same_text("the client gets", &told(&early), "nothing")?;
    check.step(format!("S4 is silent for {ROUND_HEARTBEATS} more heartbeats"));
    let late = pass(check, &mut node, ROUND_HEARTBEATS)?;
    no_result(check, &late, 7)?;
    check.same_text("S1's configuration", &named(&node.members), "S1, S2, S3")
}

/// S1, which has abandoned the addition of S4.
fn after_abandoning(check: &mut Context) -> Step<RaftNode> {
    let mut node = adding(check)?;
    pass(check, &mut node, ROUND_HEARTBEATS + MANY_HEARTBEATS)?;
    check.step("S4 did not reply, and its addition was abandoned");
    Ok(node)
}

fn forgotten(check: &mut Context) -> Verdict {
    let mut node = after_abandoning(check)?;
    let effects = heartbeats(check, &mut node, 1)?;
    check.same_text("S1 sends heartbeats to", &called(&effects, "AppendEntries"), "S2, S3")?;
    check.same_text("the client gets now", &told(&effects), "nothing")?;
    let effects = acknowledges(check, &mut node, S4, 1)?;
    check.same_text("S1 calls", &called(&effects, "AppendEntries"), "nobody")?;
    let effects = acknowledges(check, &mut node, S4, 2)?;
    check.same_text("S1's configuration", &named(&node.members), "S1, S2, S3")?;
    check.same_text("the client gets", &told(&effects), "nothing")
}

fn begins_again(check: &mut Context) -> Verdict {
    let mut node = after_abandoning(check)?;
    let before = check.current_step().to_owned();
    check.step(format!("{before}; a client asks S1 to remove S3"));
    let effects = client(check, &mut node, ClientRequest::Change(of("12")))?;
    check.same_text("the client gets", &told(&effects), "nothing")?;
    check.same_text("S1's configuration", &named(&node.members), "S1, S2")?;
    let mut node = adding(check)?;
    sending_a_snapshot(&mut node, S4);
    pass(check, &mut node, ROUND_HEARTBEATS + MANY_HEARTBEATS)?;
    check.step(
        "S4 was sent 8 bytes of a snapshot, then it did not reply, and its addition was abandoned; a client \
         asks S1 to add S4 again",
    );
    let mut effects = client(check, &mut node, ClientRequest::Change(of("1234")))?;
    effects.extend(heartbeats(check, &mut node, 1)?);
    check.same_text("the client gets", &told(&effects), "nothing")?;
    begins_anew(check, &effects, S4)?;
    acknowledges(check, &mut node, S3, 2)?;
    acknowledges(check, &mut node, S4, 2)?;
    check.same_text("S1's configuration", &named(&node.members), "S1, S2, S3, S4")
}

fn deposed(check: &mut Context) -> Verdict {
    let mut node = adding(check)?;
    check.step("S4 has not caught up; a reply tells S1 of term 4");
    let effects = check.handle(&mut node, newer_term())?;
    no_result(check, &effects, 7)?;
    check.step("S1 leads again, in term 5, and sends heartbeats");
    node.role = leader(&[(2, 0), (3, 0)]);
    node.current_term = Term(5);
    let effects = heartbeats(check, &mut node, ROUND_HEARTBEATS + MANY_HEARTBEATS)?;
    check.same_text("the client gets now", &told(&effects), "nothing")?;
    check.same_text("S1's configuration", &named(&node.members), "S1, S2, S3")
}

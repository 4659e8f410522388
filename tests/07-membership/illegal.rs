//! Exercises 7.2, 7.3 and 7.10: requests of clients that a leader must reject, each of a grid of requests.

use std::collections::BTreeSet;

use gates::{Check, Checks, Context, Verdict};

use super::model::RaftNode;
use super::servers::{
    S1, S2, S3, S4, Step, called, client, heartbeats, leads, named, nothing_done, of, success, told,
};
use super::subject::change::may_change;
use super::subject::protocol::{ClientRequest, Event, Index, Members, RequestId, ServerId, Timer};
use super::table;

const GRID: &str = "Dissertation §4.1: a change adds one server or removes one. How many servers there are before \
     and after does not show that: {S1, S2, S3} and {S1, S4} differ by one in size, and by three servers; S2 and \
     S3 are a majority of the first, S1 and S4 of the second, and each may elect a leader.";
const NOTHING: &str = "Dissertation §4.1; protocol, ClientError::Refused: \"the request cannot be served now, and \
     nothing was done\". So neither the log nor the configuration changes, and no other server is sent anything because of it.";
const TARGET: &str = "Dissertation §3.10: leadership goes to another member of the cluster. A transfer that cannot \
     succeed would only keep the leader from taking commands.";

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("7.2").each([
        ("may_change", "Of all changes among five servers, those of one server may begin", GRID, by_one),
        ("client_request", "Whatever change a client asks for, one that may not begin changes nothing", NOTHING, removals),
    ])
    .then("7.3").each([
        ("client_request", "No addition begins together with another change", NOTHING, additions),
    ])
    .then("7.10").each([
        ("transfer", "A transfer that cannot succeed does not begin", TARGET, transfers),
    ]);
    checks.list()
}

/// All sets of the servers S1 to S5; the empty one, too.
fn sets() -> impl Iterator<Item = Members> {
    (0..32_u32).map(|bits| (1..=5).filter(|id| bits >> (id - 1) & 1 == 1).map(ServerId).collect())
}

/// Whether one server more or less makes `new` of `old`.
fn is_one_step(old: &Members, new: &Members) -> bool {
    !new.is_empty() && old.symmetric_difference(new).count() == 1
}

fn by_one(check: &mut Context) -> Verdict {
    for old in sets().filter(|old| old.contains(&S1)) {
        let mut node = leads(check, table(2), "123", "3", 1)?;
        node.members.clone_from(&old);
        for new in sets() {
            check.step(format!(
                "S1 leads term 3 with members {}; its log is committed; a client asks for a change to {}",
                named(&old),
                named(&new)
            ));
            let expected = is_one_step(&old, &new);
            check.equal("it may begin", may_change(&node, &new), expected)?;
        }
    }
    Ok(())
}

/// A client asks S1, which leads S1, S2 and S3, for a change that may not begin.
fn refuses(check: &mut Context, node: &mut RaftNode, new: &Members) -> Verdict {
    let last = node.log.last_index();
    check.step(format!(
        "S1 leads term 3 with S2 and S3, and no change is open; a client asks for a change to {}",
        named(new)
    ));
    let mut effects = client(check, node, ClientRequest::Change(new.clone()))?;
    nothing_done(check, &effects, 7)?;
    check.equal("the last index of S1's log", node.log.last_index(), last)?;
    check.same_text("S1's configuration", &named(&node.members), "S1, S2, S3")?;
    // Neither now nor with the next heartbeat.
    effects.extend(heartbeats(check, node, 1)?);
    let called = called(&effects, "AppendEntries");
    check.same_text("S1 sends AppendEntries to", &called, "S2, S3")
}

fn removals(check: &mut Context) -> Verdict {
    let old = of("123");
    for new in sets().filter(|new| !is_one_step(&old, new)) {
        let mut node = leads(check, table(2), "123", "3", 1)?;
        refuses(check, &mut node, &new)?;
    }
    Ok(())
}

fn additions(check: &mut Context) -> Verdict {
    let old = of("123");
    for new in sets().filter(|new| !is_one_step(&old, new)) {
        let mut node = leads(check, table(3), "123", "3", 1)?;
        refuses(check, &mut node, &new)?;
        // A change that may begin still can.
        let step = format!("{}; then another client asks for S4 to be added", check.current_step());
        check.step(step);
        let (id, request) = (RequestId(8), ClientRequest::Change(of("1234")));
        let effects = check.handle(&mut node, Event::Client { id, request })?;
        check.same_text("the client gets", &told(&effects), "nothing")?;
    }
    Ok(())
}

/// S1 leads term 3, and its log is committed. It may have begun something that is in the way of a transfer.
fn busy(check: &Context, with: &str) -> Step<RaftNode> {
    let mut node = leads(check, table(10), "123", "3", 1)?;
    let request = match with {
        "S4 is catching up" => ClientRequest::Change(of("1234")),
        "it removes S3, which is not committed yet" => ClientRequest::Change(of("12")),
        _ => return Ok(node),
    };
    check.handle(&mut node, Event::Client { id: RequestId(6), request })?;
    Ok(node)
}

fn transfers(check: &mut Context) -> Verdict {
    begins(check)?;
    let cases = [
        ("nothing else is under way", [S1, S4, ServerId(5)].to_vec()),
        ("S4 is catching up", [S1, S2, S3, S4].to_vec()),
        ("it removes S3, which is not committed yet", [S1, S3, S4].to_vec()),
    ];
    for (with, targets) in cases {
        for to in targets {
            let mut node = busy(check, with)?;
            let last = node.log.last_index();
            check
                .step(format!("S1 leads S2 and S3; {with}; a client asks S1 to hand over to {to}"));
            let mut effects = client(check, &mut node, ClientRequest::Transfer(to))?;
            nothing_done(check, &effects, 7)?;
            check.step(format!("{}; then S2 acknowledges the log", check.current_step()));
            effects.extend(check.handle(&mut node, success(S2, last.0))?);
            check.same_text("S1 sends TimeoutNow to", &called(&effects, "TimeoutNow"), "nobody")?;
            takes_commands(check, &mut node)?;
        }
    }
    Ok(())
}

/// A transfer to a member that has the whole log begins. Otherwise it would say nothing that others do not.
fn begins(check: &mut Context) -> Verdict {
    let mut node = busy(check, "nothing else is under way")?;
    let last = node.log.last_index();
    check.step(
        "S1 leads S2 and S3; a client asks S1 to hand over to S2, which acknowledges the log",
    );
    let mut effects = client(check, &mut node, ClientRequest::Transfer(S2))?;
    effects.extend(check.handle(&mut node, success(S2, last.0))?);
    let called = called(&effects, "TimeoutNow");
    check.holds(called != "nobody", "S1 sends TimeoutNow to S2", called.as_str())
}

/// No transfer is under way, so a command enters the log, and the election timer ends nothing.
fn takes_commands(check: &mut Context, node: &mut RaftNode) -> Verdict {
    let last = node.log.last_index();
    check.step(format!("{}; another client asks for a command", check.current_step()));
    let (id, request) = (RequestId(8), ClientRequest::Command("set x 1".into()));
    let mut effects = check.handle(node, Event::Client { id, request })?;
    let next = Index(last.0 + 1);
    check.equal("the last index of S1's log", node.log.last_index(), next)?;
    effects.extend(check.handle(node, Event::Timeout(Timer::Election))?);
    let told = told(&effects);
    let again: BTreeSet<&str> = told.split("; ").filter(|it| it.starts_with("c7: ")).collect();
    check.holds(again.is_empty(), "c7 is not told anything again", told.as_str())
}

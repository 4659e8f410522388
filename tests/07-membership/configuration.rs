//! Exercise 7.1: the configuration in the log. Most of it is in scenarios.

use gates::{Check, Checks, Context, Verdict};

use super::model::{Log, RaftNode};
use super::servers::{
    S2, Step, TIMEOUTS, armed, asked, called, drawn, entries, named, role_of, server,
};
use super::subject::configuration::{is_changing, may_campaign};
use super::subject::protocol::{AppendEntries, Event, Index, Request, Term, Timer};
use super::table;

const FORCE: &str = "§6: \"Once a given server adds the new configuration entry to its log, it uses that \
     configuration for all future decisions (a server always uses the latest configuration in its log, \
     regardless of whether the entry is committed).\"";
const OPEN: &str = "§6: a change ends when its entry is committed. A server learns that from its commit \
     index.";
const CAMPAIGN: &str = "Dissertation §4.2.2: a server that its latest configuration leaves out may be needed \
     as a voter and as a leader until that configuration is committed. A new server has no configuration at \
     all: it waits to be added.";
const WAIT: &str = "Dissertation §4.2.2. A server that may not campaign now may have to later, so it waits for \
     another election timeout.";

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("7.1").each([
        ("append_entries", "A server uses the latest configuration in its log, however a request has changed the log", FORCE, in_force),
        ("append_entries", "A configuration that a request leaves in the log stays in force", FORCE, stays),
        ("is_changing", "A change is open until its entry is committed", OPEN, open),
        ("may_campaign", "A server campaigns while it may be needed, but not while it waits to be added", CAMPAIGN, campaigns),
        ("election_timeout", "A server that waits to be added keeps its term, and arms its timer again", WAIT, waits),
    ]);
    checks.list()
}

/// A request of S2, the leader of term 3.
fn call(prev: (u64, u64), log: &str) -> Request {
    Request::AppendEntries(AppendEntries {
        term: Term(3),
        leader_id: S2,
        prev_log_index: Index(prev.0),
        prev_log_term: Term(prev.1),
        entries: entries(log),
        leader_commit: Index(0),
    })
}

/// S1 of S1, S2 and S3 with this log, after a request.
fn after(check: &mut Context, log: &str, prev: (u64, u64), brings: &str) -> Step<RaftNode> {
    let mut node = server(check, table(1), "123", 3, log)?;
    check.step(format!(
        "S1, S2 and S3 were the first members. S1's log is {log:?} (after a colon: the configuration \
         that an entry holds); a request follows index {}, and brings {brings:?}",
        prev.0
    ));
    asked(check, &mut node, S2, call(prev, brings))?;
    Ok(node)
}

fn in_force(check: &mut Context) -> Verdict {
    let cases = [
        ("", (0, 0), "1:1234", "S1, S2, S3, S4"),
        ("1", (1, 1), "1:12 2", "S1, S2"),
        ("1", (1, 1), "1:12 2:1 3:123", "S1, S2, S3"),
        ("1 1:1234", (1, 1), "2", "S1, S2, S3"),
        ("1:12 1:1 1", (1, 1), "2", "S1, S2"),
        ("1:12 1:1 1", (1, 1), "2:124", "S1, S2, S4"),
        ("1 1 1", (3, 1), "3:23", "S2, S3"),
    ];
    for (log, prev, brings, members) in cases {
        let node = after(check, log, prev, brings)?;
        check.same_text("S1's configuration", &named(&node.members), members)?;
    }
    Ok(())
}

fn stays(check: &mut Context) -> Verdict {
    let cases = [
        ("1 1:1234 1", (3, 1), ""),
        ("1 1:1234 1", (0, 0), "1"),
        ("1 1:1234 1", (1, 1), "1:1234 1"),
        ("1 1:1234 1", (5, 3), "3:12"),
        ("1 1:1234 1", (3, 2), "3:12"),
        // An old request, which arrives once more.
        ("1:12 1 1:1234 1", (0, 0), "1:12 1"),
        ("1:12 1 1:1234 1", (0, 0), "1:12"),
    ];
    for (log, prev, brings) in cases {
        let node = after(check, log, prev, brings)?;
        check.same_text("S1's configuration", &named(&node.members), "S1, S2, S3, S4")?;
    }
    Ok(())
}

fn open(check: &mut Context) -> Verdict {
    let cases = [
        ("", 0, false),
        ("1 1", 1, false),
        ("1 1:12 1", 1, true),
        ("1 1:12 1", 2, false),
        ("1 1:12 1:123", 2, true),
        ("1 1:12 1 1", 0, true),
    ];
    for (log, commit, expected) in cases {
        let mut node = server(check, table(1), "123", 3, log)?;
        node.commit_index = Index(commit);
        check.step(format!("S1's log is {log:?}, committed up to index {commit}"));
        check.equal("a change is open", is_changing(&node), expected)?;
    }
    let mut node = server(check, table(1), "123", 3, "")?;
    (node.log, node.commit_index) =
        (Log::with_base(Index(9), Term(1), entries("1 1:12")), Index(10));
    check.step("S1's log begins after index 9, index 11 holds a configuration, 10 is committed");
    check.equal("a change is open", is_changing(&node), true)?;
    node.commit_index = Index(11);
    check.step("index 11 is committed");
    check.equal("a change is open", is_changing(&node), false)
}

fn campaigns(check: &mut Context) -> Verdict {
    let cases = [
        ("123", "", 0, true),
        ("123", "1:1234 1", 2, true),
        ("123", "1 1:23", 1, true),
        ("", "", 0, false),
        ("", "1:12", 0, true),
    ];
    for (first, log, commit, expected) in cases {
        let mut node = server(check, table(1), first, 3, log)?;
        node.commit_index = Index(commit);
        let members = named(&node.members);
        check.step(format!(
            "S1's log is {log:?}, committed up to index {commit}; the members are {members}"
        ));
        check.equal("S1 may campaign", may_campaign(&node), expected)?;
    }
    Ok(())
}

fn waits(check: &mut Context) -> Verdict {
    let mut node = server(check, table(1), "", 3, "")?;
    check.step("S1 has no members, not even itself; its election timer runs out");
    let effects = check.handle(&mut node, Event::Timeout(Timer::Election))?;
    check.same_text("S1", &role_of(&node), "a follower in term 3")?;
    check.same_text("S1 asks for the votes of", &called(&effects, "RequestVote"), "nobody")?;
    let mut draws = vec![armed(&effects, Timer::Election)];
    for _ in 1..TIMEOUTS {
        let effects = check.handle(&mut node, Event::Timeout(Timer::Election))?;
        draws.push(armed(&effects, Timer::Election));
    }
    check.step(format!("S1 waits to be added; its election timer runs out {TIMEOUTS} times"));
    drawn(check, &node, &draws)
}

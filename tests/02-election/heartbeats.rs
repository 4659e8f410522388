//! Exercise 2.6: heartbeats.

use std::cell::RefCell;
use std::time::Duration;

use gates::{Check, Checks, Context, Failure, Verdict};

use super::model::{Outbox, RaftNode, Role, Rules};
use super::servers::{S2, armed, calls, candidate, follower, leader, log, server, state, votes};
use super::subject::RULES;
use super::subject::protocol::{Effect, Event, Index, Request, ServerId, Timer};
use super::table;

const ELECTION: &str = "Rules for Servers, Leaders (§5.2): \"Upon election: send initial empty \
     AppendEntries RPCs (heartbeat) to each server\", so that no further election begins. What they contain: Figure 2, \
     AppendEntries, arguments.";
const REPEAT: &str = "Rules for Servers, Leaders (§5.2): \"repeat during idle periods to prevent election \
     timeouts\": every node.config.heartbeat_interval.";
const FIELDS: &str = "Figure 2, AppendEntries, arguments: the leader's term and id, entries \"(empty for \
     heartbeat […])\", and the leader's commit index.";
const ONLY: &str = "§5.2: \"Leaders send periodic heartbeats\", and no other server does. A deposed leader must \
     not speak as if it led the newer term.";
const TABLE: &str = "docs/architecture.md: a rule calls another rule through the table. Module 3 replaces the row \
     `replicate_to`, and its version is found only if you call `node.replicate_to` or `node.replicate_to_all`.";

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("2.6").each([
        ("replicate_to", "A heartbeat carries the leader's term, id and commit index, and no entries", FIELDS, fields),
        ("elected", "A new leader sends every other server a heartbeat at once", ELECTION, at_once),
        ("heartbeat_timeout", "A leader sends every other server a heartbeat, again and again", REPEAT, again),
        ("heartbeat_timeout", "A leader sends a heartbeat every heartbeat interval", REPEAT, interval),
        ("heartbeat_timeout", "Only a leader sends heartbeats", ONLY, only_leaders),
        ("heartbeat_timeout", "Heartbeats are sent by the row replicate_to", TABLE, by_the_table),
    ]);
    checks.list()
}

/// What S1 of this many servers must send as the leader of `term`.
fn heartbeats(servers: u64, term: u64, commit: u64) -> String {
    let beat = |id| {
        format!(
            "S{id}: AppendEntries: term {term}, leader_id S1, 0 entries, leader_commit {commit}"
        )
    };
    (2..=servers).map(beat).collect::<Vec<_>>().join("\n")
}

/// S1 of this many, candidate of term 3, wins.
fn elected(check: &mut Context, node: &mut RaftNode) -> Result<Vec<Effect>, Box<Failure>> {
    let servers = node.members.len() as u64;
    let mut effects = Vec::new();
    for voter in (2..=servers).take_while(|voter| (voter - 1) * 2 <= servers) {
        check.step(format!("S1 of {servers}: {}; S{voter} grants its vote", state(node)));
        effects = check.handle(node, votes(ServerId(voter), 3, true))?;
    }
    check.same_text("S1", &state(node), "leader, term 3, voted for S1")?;
    Ok(effects)
}

fn at_once(check: &mut Context) -> Verdict {
    for servers in [2, 3, 4, 5, 7] {
        let mut node = server(table(6), servers, 3, candidate(&[1]));
        let effects = elected(check, &mut node)?;
        let expected = heartbeats(servers, 3, 0);
        check.same_text("S1's calls", &calls(&node, &effects), &expected)?;
    }
    check.step("S1, alone in its cluster, begins an election");
    let mut node = server(table(6), 1, 3, follower());
    let effects = check.handle(&mut node, Event::Timeout(Timer::Election))?;
    check.same_text("S1's calls", &calls(&node, &effects), "no calls")
}

/// The heartbeat timer of S1 runs out.
fn beat(check: &mut Context, node: &mut RaftNode) -> Result<Vec<Effect>, Box<Failure>> {
    let servers = node.members.len();
    check.step(format!("S1 of {servers}: {}; its heartbeat timer runs out", state(node)));
    check.handle(node, Event::Timeout(Timer::Heartbeat))
}

fn again(check: &mut Context) -> Verdict {
    for servers in [2, 3, 5] {
        let mut node = server(table(6), servers, 3, leader());
        for _ in 0..3 {
            let effects = beat(check, &mut node)?;
            let expected = heartbeats(servers, 3, 0);
            check.same_text("S1's calls", &calls(&node, &effects), &expected)?;
        }
    }
    Ok(())
}

fn interval(check: &mut Context) -> Verdict {
    for millis in [50, 20] {
        let interval = Duration::from_millis(millis);
        let armed = |effects: &[Effect]| armed(effects, Timer::Heartbeat).last().copied();
        let mut node = server(table(6), 3, 3, candidate(&[1]));
        node.config.heartbeat_interval = interval;
        let effects = elected(check, &mut node)?;
        check.equal("the heartbeat timer is armed for", armed(&effects), Some(interval))?;
        let effects = beat(check, &mut node)?;
        check.equal("the heartbeat timer is armed for", armed(&effects), Some(interval))?;
    }
    Ok(())
}

fn fields(check: &mut Context) -> Verdict {
    let mut node = server(table(6), 3, 7, leader());
    node.log = log((0, 0), &[1, 4, 4]);
    node.commit_index = Index(2);
    let effects = beat(check, &mut node)?;
    let calls = calls(&node, &effects);
    // That every server gets one is the next check's matter.
    let called = |line: &&str| line.split_once(':').is_some_and(|(to, _)| calls.contains(to));
    let all = heartbeats(3, 7, 2);
    let expected: Vec<&str> = all.lines().filter(called).collect();
    let expected = if expected.is_empty() { all.clone() } else { expected.join("\n") };
    check.same_text("S1's calls", &calls, &expected)
}

/// Whether it is a request that only leaders make.
fn is_leaders(effect: &Effect) -> bool {
    match effect {
        Effect::Call { request, .. } => {
            matches!(request, Request::AppendEntries(_) | Request::InstallSnapshot(_))
        }
        _ => false,
    }
}

fn only_leaders(check: &mut Context) -> Verdict {
    for role in [follower(), Role::Follower { leader: Some(S2) }, candidate(&[1])] {
        let mut node = server(table(6), 3, 3, role);
        let before = state(&node);
        let effects = beat(check, &mut node)?;
        // A candidate may use the timer to repeat its RequestVote (§5.1, \"Servers retry RPCs\").
        let spoken =
            effects.iter().filter(|effect| is_leaders(effect)).cloned().collect::<Vec<_>>();
        check.same_text("S1, as a leader, sends", &calls(&node, &spoken), "no calls")?;
        check.same_text("S1", &state(&node), &before)?;
    }
    Ok(())
}

thread_local! {
    static REPLICATED: RefCell<Vec<ServerId>> = const { RefCell::new(Vec::new()) };
}

fn note(_: &mut RaftNode, peer: ServerId, _: &mut Outbox) {
    REPLICATED.with_borrow_mut(|peers| peers.push(peer));
}

static NOTING: Rules = Rules { replicate_to: note, ..RULES };

fn by_the_table(check: &mut Context) -> Verdict {
    let replicated = || {
        let mut peers = REPLICATED.take();
        peers.sort_unstable();
        peers.dedup();
        let names: Vec<String> = peers.iter().map(ToString::to_string).collect();
        if names.is_empty() { "nobody".to_owned() } else { names.join(" and ") }
    };
    let mut node = server(&NOTING, 3, 3, leader());
    beat(check, &mut node)?;
    check.same_text("the row replicate_to runs for", &replicated(), "S2 and S3")?;
    let mut node = server(&NOTING, 3, 3, candidate(&[1]));
    elected(check, &mut node)?;
    check.same_text("the row replicate_to runs for", &replicated(), "S2 and S3")
}

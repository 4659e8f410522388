//! Exercise 3.1: what a new leader knows of each follower.

use gates::{Check, Context, Verdict};

use super::model::{Outbox, RaftNode};
use super::servers::{leader, log, progress, sent, server, terms};
use super::subject::elected;
use super::subject::protocol::{Effect, ServerId, Timer};
use super::table;

const BEGIN: &str = "Figure 2, State, volatile state on leaders: nextIndex[] is \"initialized to leader \
     last log index + 1\", matchIndex[] \"initialized to 0\". A new leader hopes that its followers have \
     what it has, and knows of none of it.";
const ANEW: &str = "Figure 2, State, volatile state on leaders: it is \"reinitialized after election\". \
     What was known in another term may not hold any more.";
const BASE: &str = "Figure 2: nextIndex[] begins at the leader's last log index + 1, wherever the log \
     begins (§7).";
const BEATS: &str = "Rules for Servers, Leaders (§5.2): \"Upon election: send initial empty AppendEntries \
     RPCs (heartbeat) to each server; repeat during idle periods\". Module 2 has done that already: do \
     not lose it.";

pub(super) fn checks() -> Vec<Check> {
    type Row = (&'static str, &'static str, fn(&mut Context) -> Verdict);
    let rows: [Row; 4] = [
        (
            "A new leader hopes that each follower has its whole log, and knows nothing",
            BEGIN,
            begins,
        ),
        ("A new leader forgets what it knew in an earlier term", ANEW, anew),
        ("A new leader counts from the base of a compacted log", BASE, based),
        ("A new leader still sends its first heartbeats", BEATS, beats),
    ];
    let make = |(claim, why, body): Row| Check::new("3.1", claim, why, body).about("elected");
    rows.into_iter().map(make).collect()
}

/// S1 is elected.
fn elect(check: &mut Context, node: &mut RaftNode) -> Vec<Effect> {
    check.step(format!(
        "S1 of {}, its log {}, is elected in term {}",
        node.members.len(),
        terms(&node.log),
        node.current_term
    ));
    let mut out = Outbox::new();
    elected(node, &mut out);
    out.into_effects()
}

/// What S1 must know of the others.
fn expected(servers: u64, next_index: u64) -> String {
    let line = |id| format!("{}: next_index {next_index}, match_index 0", ServerId(id));
    match servers {
        1 => "no progress of anybody".to_owned(),
        _ => (2..=servers).map(line).collect::<Vec<_>>().join("\n"),
    }
}

fn begins(check: &mut Context) -> Verdict {
    for servers in [1, 2, 3, 5, 7] {
        for terms in [&[][..], &[1], &[1, 1, 2]] {
            let mut node = server(table(1), servers, 3, leader(&[]), terms);
            elect(check, &mut node);
            let last = terms.len() as u64;
            check.same_text("S1 knows", &progress(&node), &expected(servers, last + 1))?;
        }
    }
    Ok(())
}

fn anew(check: &mut Context) -> Verdict {
    let mut node = server(table(1), 3, 6, leader(&[(2, 1), (9, 8)]), &[1, 1, 5]);
    elect(check, &mut node);
    check.same_text("S1 knows", &progress(&node), &expected(3, 4))
}

fn based(check: &mut Context) -> Verdict {
    for (terms, next) in [(&[][..], 6), (&[3, 3], 8)] {
        let mut node = server(table(1), 3, 4, leader(&[]), &[]);
        node.log = log((5, 2), terms);
        elect(check, &mut node);
        check.same_text("S1 knows", &progress(&node), &expected(3, next))?;
    }
    Ok(())
}

fn beats(check: &mut Context) -> Verdict {
    for servers in [2, 3, 5] {
        let mut node = server(table(1), servers, 3, leader(&[]), &[1, 2]);
        let effects = elect(check, &mut node);
        let mut called: Vec<String> = sent(&effects).iter().map(|(to, _)| to.to_string()).collect();
        called.sort();
        called.dedup();
        let all: Vec<String> = (2..=servers).map(|id| ServerId(id).to_string()).collect();
        check.same_text("AppendEntries goes to", &called.join(" "), &all.join(" "))?;
        let armed = effects
            .iter()
            .any(|effect| matches!(effect, Effect::SetTimer { timer: Timer::Heartbeat, .. }));
        check.holds(armed, "the heartbeat timer is armed", "the heartbeat timer is not armed")?;
    }
    Ok(())
}

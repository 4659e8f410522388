//! Exercise 2.4: what a new leader knows of each follower, and what it does at once.

use std::cell::RefCell;

use gates::{Check, Checks, Context, Verdict};

use super::model::{Outbox, Progress, RaftNode, Role, Rules};
use super::servers::{candidate, log, server, state};
use super::subject::protocol::ServerId;
use super::subject::{RULES, become_leader};
use super::table;

const BEGIN: &str = "Figure 2, State, volatile state on leaders: nextIndex[] is \"initialized to leader \
     last log index + 1\", matchIndex[] \"initialized to 0\". A new leader hopes that its followers have \
     what it has, and knows of none of it.";
const BASE: &str = "Figure 2: nextIndex[] begins at the leader's last log index + 1, wherever the log \
     begins (§7).";
const ELECTED: &str = "Figure 2, Rules for Servers, Leaders: what a server does \"upon election\" is in the row \
     `elected`, which later modules extend. It runs once, when the server is leader and its progress complete.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("2.4")
        .about("become_leader")
        .claims([
            (
                "A new leader assumes that each follower has its whole log, and knows nothing",
                BEGIN,
                begins,
            ),
            ("A new leader counts from the base of a compacted log", BASE, based),
            ("A new leader runs the row elected, once", ELECTED, elected),
        ])
        .list()
}

/// S1 becomes leader.
fn lead(check: &mut Context, node: &mut RaftNode) {
    check.step(format!(
        "S1 of {}: {}, its log ends at index {}; it becomes leader",
        node.members.len(),
        state(node),
        node.log.last_index()
    ));
    become_leader(node, &mut Outbox::new());
}

/// What S1 knows of the others, in words.
fn progress(node: &RaftNode) -> String {
    let Role::Leader { progress } = &node.role else { return "not a leader".to_owned() };
    if progress.is_empty() {
        return "no progress of any server".to_owned();
    }
    let line = |(peer, p): (&ServerId, &Progress)| {
        format!("{peer}: next_index {}, match_index {}", p.next_index, p.match_index)
    };
    progress.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What S1 must know of the others.
fn expected(servers: u64, next_index: u64) -> String {
    let line = |id| format!("{}: next_index {next_index}, match_index 0", ServerId(id));
    match servers {
        1 => "no progress of any server".to_owned(),
        _ => (2..=servers).map(line).collect::<Vec<_>>().join("\n"),
    }
}

fn begins(check: &mut Context) -> Verdict {
    for servers in [1, 2, 3, 5, 7] {
        for terms in [&[][..], &[1], &[1, 1, 2]] {
            let mut node = server(table(4), servers, 3, candidate(&[1]));
            node.log = log((0, 0), terms);
            lead(check, &mut node);
            let last = terms.len() as u64;
            check.same_text("S1 knows", &progress(&node), &expected(servers, last + 1))?;
        }
    }
    Ok(())
}

fn based(check: &mut Context) -> Verdict {
    for (terms, next) in [(&[][..], 6), (&[3, 3], 8)] {
        let mut node = server(table(4), 3, 4, candidate(&[1]));
        node.log = log((5, 2), terms);
        lead(check, &mut node);
        check.same_text("S1 knows", &progress(&node), &expected(3, next))?;
    }
    Ok(())
}

thread_local! {
    static RUNS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Row `elected`: notes what the server is when it runs.
fn note(node: &mut RaftNode, _: &mut Outbox) {
    let found = match &node.role {
        Role::Leader { progress } => format!("leader, with the progress of {}", of(progress.len())),
        Role::Candidate { .. } => "still a candidate".to_owned(),
        Role::Follower { .. } => "a follower".to_owned(),
    };
    RUNS.with_borrow_mut(|runs| runs.push(found));
}

fn of(peers: usize) -> String {
    if peers == 1 { "1 peer".to_owned() } else { format!("{peers} peers") }
}

static NOTING: Rules = Rules { elected: note, ..RULES };

fn elected(check: &mut Context) -> Verdict {
    for servers in [3, 5, 1] {
        RUNS.take();
        let mut node = server(&NOTING, servers, 3, candidate(&[1]));
        lead(check, &mut node);
        let runs = RUNS.take();
        check.equal("times that elected ran", runs.len(), 1)?;
        let found = format!("leader, with the progress of {}", of(node.peers().len()));
        check.same_text("when elected runs, S1 is", &runs.concat(), &found)?;
    }
    Ok(())
}

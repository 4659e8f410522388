//! Exercise 3.2: what a follower is sent.

use gates::{Check, Checks, Context, Failure, Verdict};

use super::model::{Outbox, RaftNode};
use super::servers::{
    S2, S3, candidate, carried, entries, follower, leader, log, progress, sent, server, terms,
};
use super::subject::LogEdit as _;
use super::subject::protocol::{AppendEntries, Event, Index, Node as _, ServerId, Timer};
use super::subject::replicate_to;
use super::table;

const NEXT: &str = "Rules for Servers, Leaders (§5.3): \"send AppendEntries RPC with log entries starting \
     at nextIndex\".";
const PREV: &str = "Figure 2, AppendEntries, arguments: prevLogIndex is the \"index of log entry immediately \
     preceding new ones\", prevLogTerm its term. By these the follower finds out whether the logs agree \
     (§5.3).";
const IDLE: &str = "Figure 2, AppendEntries: \"entries[]: log entries to store (empty for heartbeat)\". A \
     heartbeat, too, carries what precedes: the entry before nextIndex (§5.3), and not nextIndex itself, which \
     nobody has yet.";
const CAP: &str = "Figure 2, AppendEntries: \"may send more than one for efficiency\". Here there are at \
     most `config.max_entries` of them: a follower that lacks a million entries must not get them in \
     one message.";
const TERMS: &str = "Figure 2, State: each entry contains the \"term when entry was received by leader\". \
     A later leader hands it on as it is.";
const FIELDS: &str =
    "Figure 2, AppendEntries, arguments: the leader's term, its id, and its commitIndex.";
const GONE: &str = "§7: what was compacted away cannot be sent, and not even be named. Module 6 sends a \
     snapshot instead; until then there is nothing to send.";
const LEADERS: &str =
    "§5.2, §5.3: only the leader sends AppendEntries, to those whose progress it keeps.";
const TABLE: &str = "Rules for Servers, Leaders (§5.2, §5.3): heartbeats are AppendEntries like any other, \
     \"with log entries starting at nextIndex\". The row `heartbeat_timeout` of module 2 calls \
     `node.replicate_to`, and so sends what this exercise puts into a call.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("3.2")
        .about("replicate_to")
        .claims([
            ("A follower is sent the entries from next_index on", NEXT, from_next),
            ("A call names the entry that precedes those it carries", PREV, precedes),
            ("A heartbeat to a follower that lacks nothing names the last entry", IDLE, idle),
            ("A request carries no more entries than the cap", CAP, capped),
            (
                "An entry is sent with the term and the command that it was made with",
                TERMS,
                unchanged,
            ),
            ("A request carries the leader's term, id and commit index", FIELDS, fields),
            ("Nothing is sent if what precedes was compacted away", GONE, gone),
            (
                "A server that is not leader sends nothing, and a stranger is sent nothing",
                LEADERS,
                only_leaders,
            ),
            ("Heartbeats carry the entries that each follower lacks", TABLE, heartbeats),
        ])
        .list()
}

/// What a leader with this log knows of S2 and S3, who lack what follows these places.
fn leading(terms: &[u64], next: (u64, u64)) -> RaftNode {
    server(table(2), 3, 4, leader(&[(next.0, 0), (next.1, 0)]), terms)
}

/// The requests that S1 makes to `peer`; there must be one, or several that are the same.
fn replicated(
    check: &mut Context,
    node: &mut RaftNode,
    peer: ServerId,
) -> Result<AppendEntries, Box<Failure>> {
    check.step(format!(
        "S1 leads term {}, its log {}, and sends to {peer}. It knows:\n{}",
        node.current_term,
        terms(&node.log),
        progress(node)
    ));
    let mut out = Outbox::new();
    replicate_to(node, peer, &mut out);
    let effects = out.into_effects();
    let calls = sent(&effects);
    match calls.as_slice() {
        [(to, first), ..] if *to == peer => Ok((*first).clone()),
        [(to, _), ..] => Err(check.failure(format!("a call to {peer}"), format!("a call to {to}"))),
        [] => Err(check.failure(format!("a call to {peer}"), "no call")),
    }
}

/// The entries must be those of the log from `next` on: one, many or all of them, as the sender likes.
fn is_part(check: &Context, node: &RaftNode, next: u64, call: &AppendEntries) -> Verdict {
    let missing = node.log.entries_from(Index(next), usize::MAX);
    let part = &missing[..call.entries.len().clamp(1, missing.len().max(1)).min(missing.len())];
    let what = |text: String| format!("from index {next} on: {text}");
    let same = call.entries == part;
    let happened = if carried(&call.entries) == carried(part) && !same {
        "other commands than the log has there".to_owned()
    } else {
        carried(&call.entries)
    };
    check.holds(same, what(carried(missing)), what(happened))
}

fn from_next(check: &mut Context) -> Verdict {
    for (terms, next) in [(&[1, 1, 2, 4][..], (1, 3)), (&[1, 1, 2, 4], (4, 2)), (&[4], (1, 1))] {
        let mut node = leading(terms, next);
        for (peer, next) in [(S2, next.0), (S3, next.1)] {
            let call = replicated(check, &mut node, peer)?;
            is_part(check, &node, next, &call)?;
        }
    }
    Ok(())
}

/// What precedes, in words.
fn prev(call: &AppendEntries) -> String {
    format!("prev_log_index {}, prev_log_term {}", call.prev_log_index, call.prev_log_term)
}

fn names(
    check: &mut Context,
    node: &mut RaftNode,
    peer: ServerId,
    (index, term): (u64, u64),
) -> Verdict {
    let call = replicated(check, node, peer)?;
    let expected = format!("prev_log_index {index}, prev_log_term {term}");
    check.same_text("the call", &prev(&call), &expected)
}

fn precedes(check: &mut Context) -> Verdict {
    let log = [1, 1, 2, 4];
    for (next, before) in [(1, (0, 0)), (2, (1, 1)), (3, (2, 1)), (4, (3, 2)), (5, (4, 4))] {
        let mut node = leading(&log, (next, 1));
        names(check, &mut node, S2, before)?;
    }
    let mut node = leading(&[], (6, 8));
    node.log = super::servers::log((5, 2), &[3, 4]);
    names(check, &mut node, S2, (5, 2))?;
    names(check, &mut node, S3, (7, 4))
}

fn idle(check: &mut Context) -> Verdict {
    for (log, last) in [(&[][..], (0, 0)), (&[1], (1, 1)), (&[1, 1, 3], (3, 3))] {
        let next = log.len() as u64 + 1;
        let mut node = leading(log, (next, next));
        names(check, &mut node, S2, last)?;
        let call = replicated(check, &mut node, S2)?;
        check.same_text("the call carries", &carried(&call.entries), "no entries")?;
    }
    Ok(())
}

fn capped(check: &mut Context) -> Verdict {
    let terms: Vec<u64> = vec![2; 10];
    for cap in [1, 3, 9, 10, 11] {
        let mut node = leading(&terms, (1, 4));
        node.config.max_entries = cap;
        for (peer, next) in [(S2, 1), (S3, 4)] {
            let call = replicated(check, &mut node, peer)?;
            is_part(check, &node, next, &call)?;
            let happened = format!("{} entries", call.entries.len());
            check.holds(call.entries.len() <= cap, format!("at most {cap} entries"), happened)?;
        }
    }
    Ok(())
}

fn unchanged(check: &mut Context) -> Verdict {
    // The leader is of term 4, and none of its entries is.
    let mut node = leading(&[1, 2, 3], (1, 2));
    for (peer, next) in [(S2, 1), (S3, 2)] {
        let call = replicated(check, &mut node, peer)?;
        is_part(check, &node, next, &call)?;
        let first = entries(next, &[next]);
        let own = call.entries.first() == first.first();
        check.holds(own, "the entry as it is in the log", "an entry that was altered")?;
    }
    Ok(())
}

fn fields(check: &mut Context) -> Verdict {
    for (term, commit) in [(4, 0), (9, 2)] {
        let mut node = leading(&[1, 1, 2], (2, 4));
        node.current_term = super::subject::protocol::Term(term);
        node.commit_index = Index(commit);
        for peer in [S2, S3] {
            let call = replicated(check, &mut node, peer)?;
            let words =
                |term, id, commit| format!("term {term}, leader_id {id}, leader_commit {commit}");
            let happened = words(call.term.0, call.leader_id.0, call.leader_commit.0);
            check.same_text("the call", &happened, &words(term, 1, commit))?;
        }
    }
    Ok(())
}

/// Nothing may be sent.
fn silent(check: &mut Context, mut node: RaftNode, peer: ServerId, who: &str) -> Verdict {
    check.step(format!("S1, {who}, its log {}, is to send to {peer}", terms(&node.log)));
    let mut out = Outbox::new();
    replicate_to(&mut node, peer, &mut out);
    let calls = sent(&out.into_effects()).len();
    check.equal("the number of calls", calls, 0)
}

fn gone(check: &mut Context) -> Verdict {
    for next in [1, 3, 5] {
        let mut node = leading(&[], (next, 6));
        node.log = log((5, 2), &[3]);
        silent(check, node, S2, &format!("leader, to whom next_index of S2 is {next}"))?;
    }
    Ok(())
}

fn only_leaders(check: &mut Context) -> Verdict {
    for (role, who) in [(follower(), "a follower"), (candidate(), "a candidate")] {
        silent(check, server(table(2), 3, 3, role, &[1, 2]), S2, who)?;
    }
    silent(check, leading(&[1, 2], (1, 1)), ServerId(9), "leader of S2 and S3")
}

fn heartbeats(check: &mut Context) -> Verdict {
    let mut node = leading(&[1, 1, 2], (2, 4));
    check.step(format!(
        "the heartbeat timer of S1 runs out; its log is {}, and it knows:\n{}",
        terms(&node.log),
        progress(&node)
    ));
    let effects = node
        .handle(Event::Timeout(Timer::Heartbeat))
        .map_err(|error| check.failure("the server goes on", error.to_string()))?;
    for (peer, next) in [(S2, 2), (S3, 4)] {
        let calls = sent(&effects);
        let Some((_, call)) = calls.iter().find(|(to, _)| *to == peer) else {
            return Err(check.failure(format!("a call to {peer}"), "none"));
        };
        is_part(check, &node, next, call)?;
    }
    Ok(())
}

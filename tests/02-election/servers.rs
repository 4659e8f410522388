//! Servers on which the rule checks act, and what they do in words.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use gates::{Context, Failure, Verdict};

use super::model::{Log, RaftNode, Role, Rules};
use super::subject::protocol::{
    AppendEntries, AppendEntriesReply, CallId, Config, Effect, Entry, Event, Index, KeyValue,
    NoDisk, Reply, Request, RequestVote, RequestVoteReply, ServerId, Setup, Term, Timer,
};

pub(super) const S1: ServerId = ServerId(1);
pub(super) const S2: ServerId = ServerId(2);
pub(super) const S3: ServerId = ServerId(3);

/// The number that another server has given to its request.
const CALL: CallId = CallId(42);

/// S1 of a cluster of `count`, never started, with its own seed.
pub(super) fn seeded(rules: &'static Rules, count: u64, seed: u64) -> RaftNode {
    let setup = Setup {
        id: S1,
        members: (1..=count).map(ServerId).collect(),
        config: Config::default(),
        seed,
        disk: Box::new(NoDisk),
        machine: Box::new(KeyValue::new()),
    };
    RaftNode::new(setup, rules)
}

/// S1 of a cluster of `count`, in this term and role. A candidate or leader has voted for itself.
pub(super) fn server(rules: &'static Rules, count: u64, term: u64, role: Role) -> RaftNode {
    let mut node = seeded(rules, count, 1);
    node.current_term = Term(term);
    node.voted_for = (!matches!(role, Role::Follower { .. })).then_some(S1);
    node.role = role;
    node
}

/// A follower that knows of no leader.
pub(super) fn follower() -> Role {
    Role::Follower { leader: None }
}

/// A candidate with the votes of these.
pub(super) fn candidate(votes: &[u64]) -> Role {
    Role::Candidate { votes: votes.iter().copied().map(ServerId).collect() }
}

/// A leader that knows nothing of its followers yet.
pub(super) fn leader() -> Role {
    Role::Leader { progress: [].into() }
}

/// A log whose entries have these terms, on a base.
pub(super) fn log((base, base_term): (u64, u64), terms: &[u64]) -> Log {
    let entry =
        |(index, &term): (u64, &u64)| Entry::command(Term(term), format!("set x {index}").as_str());
    let entries = (base + 1..).zip(terms).map(entry).collect();
    Log::with_base(Index(base), Term(base_term), entries)
}

/// A candidate asks for a vote; its last log entry is at `last`, an index and a term.
pub(super) fn asks(from: ServerId, term: u64, last: (u64, u64)) -> Event {
    let request = Request::RequestVote(RequestVote {
        term: Term(term),
        candidate_id: from,
        last_log_index: Index(last.0),
        last_log_term: Term(last.1),
        leadership_transfer: false,
    });
    Event::Request { call: CALL, from, request }
}

/// The answer to S1's request for a vote in `term`.
pub(super) fn votes(from: ServerId, term: u64, vote_granted: bool) -> Event {
    let Event::Request { request, .. } = asks(S1, term, (0, 0)) else {
        unreachable!("asks() makes a request")
    };
    let reply = Reply::RequestVote(RequestVoteReply { term: Term(term), vote_granted });
    Event::Reply { call: CALL, from, request, reply }
}

/// A leader sends a request; what precedes its entries, of which there are none, is at `prev`.
pub(super) fn beats(from: ServerId, term: u64, prev: (u64, u64)) -> Event {
    let request = Request::AppendEntries(AppendEntries {
        term: Term(term),
        leader_id: from,
        prev_log_index: Index(prev.0),
        prev_log_term: Term(prev.1),
        entries: Vec::new(),
        leader_commit: Index(0),
    });
    Event::Request { call: CALL, from, request }
}

/// A server rejects a request that S1 made as the leader of `term`, since it knows of a newer one.
pub(super) fn refuses(from: ServerId, term: u64, newer: u64) -> Event {
    let Event::Request { request, .. } = beats(S1, term, (0, 0)) else {
        unreachable!("beats() makes a request")
    };
    let reply = AppendEntriesReply { term: Term(newer), success: false, conflict: None };
    Event::Reply { call: CALL, from, request, reply: Reply::AppendEntries(reply) }
}

/// For how long a timer was armed, each time that it was.
pub(super) fn armed(effects: &[Effect], which: Timer) -> Vec<Duration> {
    let after = |effect: &Effect| match effect {
        Effect::SetTimer { timer, after } if *timer == which => Some(*after),
        _ => None,
    };
    effects.iter().filter_map(after).collect()
}

/// The election timer must have been armed, for a time from the range.
pub(super) fn waits_anew(check: &Context, node: &RaftNode, effects: &[Effect]) -> Verdict {
    let Range { start, end } = node.config.election_timeout.clone();
    let told = |text: &str| format!("the election timer, reset for {text}");
    let expected = told(&format!("a time from {start:?} up to, not including, {end:?}"));
    match armed(effects, Timer::Election).last() {
        None => Err(check.failure(expected, "the election timer is not reset")),
        Some(after) if (start..end).contains(after) => Ok(()),
        Some(after) => Err(check.failure(expected, told(&format!("{after:?}")))),
    }
}

/// Each time, the election timer must be armed for a time that was drawn, and not always for the same.
pub(super) fn draws_each_time(
    check: &mut Context,
    mut act: impl FnMut(&mut Context, u64) -> Result<(RaftNode, Vec<Effect>), Box<Failure>>,
) -> Verdict {
    const TIMES: u64 = 30;
    let mut times = BTreeSet::new();
    for number in 0..TIMES {
        let seed = check.seed().wrapping_mul(1_000).wrapping_add(number);
        let (node, effects) = act(check, seed)?;
        waits_anew(check, &node, &effects)?;
        times.extend(armed(&effects, Timer::Election));
    }
    let happened = match (times.len(), times.first()) {
        (1, Some(time)) => format!("{TIMES} times out of {TIMES}, it is armed for {time:?}"),
        (many, _) => format!("{many} different times out of {TIMES}"),
    };
    check.holds(times.len() >= 10, "the election timer is armed for a new draw each time", happened)
}

/// The election timer must have been left alone.
pub(super) fn waits_on(check: &Context, effects: &[Effect]) -> Verdict {
    let armed = armed(effects, Timer::Election);
    let expected = "the election timer runs on as it is";
    check.holds(armed.is_empty(), expected, "the election timer is reset")
}

/// The requests that a server sends, in words: a line for each receiver and each request, however
/// often and in whatever order.
pub(super) fn calls(node: &RaftNode, effects: &[Effect]) -> String {
    let call = |effect: &Effect| match effect {
        Effect::Call { to, request, .. } => Some(format!("{to}: {}", asked(node, request))),
        _ => None,
    };
    let calls: BTreeSet<String> = effects.iter().filter_map(call).collect();
    if calls.is_empty() {
        return "no calls".to_owned();
    }
    calls.into_iter().collect::<Vec<_>>().join("\n")
}

fn asked(node: &RaftNode, request: &Request) -> String {
    match request {
        Request::RequestVote(RequestVote {
            term,
            candidate_id,
            last_log_index,
            last_log_term,
            leadership_transfer,
        }) => {
            let transfer = if *leadership_transfer { ", leadership_transfer" } else { "" };
            let last = format!("last_log_index {last_log_index}, last_log_term {last_log_term}");
            format!("RequestVote: term {term}, candidate_id {candidate_id}, {last}{transfer}")
        }
        Request::AppendEntries(r) => {
            // What precedes no entries may be any place of the leader's own log.
            let fits = node.log.term_at(r.prev_log_index) == Some(r.prev_log_term);
            let prev = format!("{} of term {}", r.prev_log_index, r.prev_log_term);
            let prev = if fits {
                String::new()
            } else {
                format!(", prev {prev}, which is not in its log")
            };
            let entries = r.entries.len();
            format!(
                "AppendEntries: term {}, leader_id {}, {entries} entries, leader_commit {}{prev}",
                r.term, r.leader_id, r.leader_commit
            )
        }
        other => format!("{} of term {}", other.name(), other.term()),
    }
}

/// The answer that a server gives, in words.
pub(super) fn answer(effects: &[Effect]) -> String {
    let answer = |effect: &Effect| match effect {
        Effect::Answer { reply: Reply::RequestVote(r), .. } => {
            let granted = if r.vote_granted { "granted" } else { "denied" };
            Some(format!("vote {granted}, term {}", r.term))
        }
        Effect::Answer { reply: Reply::AppendEntries(r), .. } => {
            Some(format!("success {}, term {}", r.success, r.term))
        }
        Effect::Answer { reply, .. } => Some(format!("{}, term {}", reply.name(), reply.term())),
        _ => None,
    };
    effects.iter().find_map(answer).unwrap_or_else(|| "no answer".to_owned())
}

/// Role, term and vote, in words.
pub(super) fn state(node: &RaftNode) -> String {
    let role = match &node.role {
        Role::Follower { leader: None } => "follower without a known leader".to_owned(),
        Role::Follower { leader: Some(leader) } => format!("follower of {leader}"),
        Role::Candidate { votes } if votes.is_empty() => "candidate without a vote".to_owned(),
        Role::Candidate { votes } => {
            let votes: Vec<String> = votes.iter().map(ToString::to_string).collect();
            format!("candidate with the votes of {}", votes.join(" and "))
        }
        Role::Leader { .. } => "leader".to_owned(),
    };
    let vote = node.voted_for.map_or("no vote given".to_owned(), |id| format!("voted for {id}"));
    format!("{role}, term {}, {vote}", node.current_term)
}

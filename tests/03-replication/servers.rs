//! Servers on which the rule checks act, and what they do in words.

use gates::{Context, Verdict};

use super::model::{Log, Progress, RaftNode, Role, Rules};
use super::subject::protocol::{
    AppendEntries, AppendEntriesReply, CallId, Config, Effect, Entry, Event, Index, KeyValue,
    NoDisk, Reply, Request, ServerId, Setup, Term,
};

pub(super) const S1: ServerId = ServerId(1);
pub(super) const S2: ServerId = ServerId(2);
pub(super) const S3: ServerId = ServerId(3);

/// The number that another server has given to its request, or S1 to its own.
const CALL: CallId = CallId(42);

/// S1 of a cluster of `count`, in this term and role, with an entry of each of these terms in its log. A
/// candidate or leader has voted for itself.
pub(super) fn server(
    rules: &'static Rules,
    count: u64,
    term: u64,
    role: Role,
    terms: &[u64],
) -> RaftNode {
    let setup = Setup {
        id: S1,
        members: (1..=count).map(ServerId).collect(),
        config: Config::default(),
        seed: 1,
        disk: Box::new(NoDisk),
        machine: Box::new(KeyValue::new()),
    };
    let mut node = RaftNode::new(setup, rules);
    node.current_term = Term(term);
    node.voted_for = (!matches!(role, Role::Follower { .. })).then_some(S1);
    node.role = role;
    node.log = log((0, 0), terms);
    node
}

/// A follower that knows of no leader.
pub(super) fn follower() -> Role {
    Role::Follower { leader: None }
}

/// A candidate with its own vote alone.
pub(super) fn candidate() -> Role {
    Role::Candidate { votes: [S1].into() }
}

/// A leader with this next_index and match_index for S2, S3, …
pub(super) fn leader(progress: &[(u64, u64)]) -> Role {
    let known = |&(next, matched): &(u64, u64)| Progress {
        next_index: Index(next),
        match_index: Index(matched),
    };
    Role::Leader { progress: (2..).map(ServerId).zip(progress.iter().map(known)).collect() }
}

/// An entry of this term. What it says depends on the index and the term, as Log Matching wants it.
pub(super) fn entry(index: u64, term: u64) -> Entry {
    Entry::command(Term(term), format!("set x {index}@{term}").as_str())
}

/// Entries of these terms, from index `first` on.
pub(super) fn entries(first: u64, terms: &[u64]) -> Vec<Entry> {
    (first..).zip(terms).map(|(index, &term)| entry(index, term)).collect()
}

/// A log whose entries have these terms, on a base.
pub(super) fn log((base, base_term): (u64, u64), terms: &[u64]) -> Log {
    Log::with_base(Index(base), Term(base_term), entries(base + 1, terms))
}

/// A log in words: the terms of its entries.
pub(super) fn terms(log: &Log) -> String {
    let base = log.base_index().0;
    let all = (base + 1..=log.last_index().0).map(|index| told(log, index));
    let all: Vec<String> = all.collect();
    match (base, all.is_empty()) {
        (0, true) => "no entries".to_owned(),
        (0, false) => format!("[{}]", all.join(", ")),
        (_, _) => format!("[{}] after index {base}", all.join(", ")),
    }
}

/// Of an entry that does not belong where it is: which one it is.
fn whose(it: &Entry, index: u64) -> String {
    // No log here is longer, and no term higher.
    let mut all = (1..=100).flat_map(|index| (1..=20).map(move |term| (index, term)));
    match all.find(|&(index, term)| entry(index, term).payload == it.payload) {
        None => "with another command".to_owned(),
        Some((own, term)) if own == index => format!("with the command of an entry of term {term}"),
        Some((own, _)) => format!("the entry for index {own}"),
    }
}

/// An entry as its term; one that does not say what all entries of that place and term say is marked.
fn told(log: &Log, index: u64) -> String {
    match log.entry(Index(index)) {
        Some(it) if *it == entry(index, it.term.0) => it.term.to_string(),
        Some(it) => format!("{} ({})", it.term, whose(it, index)),
        None => "none".to_owned(),
    }
}

/// An AppendEntries of this leader and term: the entries of these terms, which follow `prev`, an
/// index and a term.
pub(super) fn call(leader: ServerId, term: u64, prev: (u64, u64), terms: &[u64]) -> AppendEntries {
    AppendEntries {
        term: Term(term),
        leader_id: leader,
        prev_log_index: Index(prev.0),
        prev_log_term: Term(prev.1),
        entries: entries(prev.0 + 1, terms),
        leader_commit: Index(0),
    }
}

/// S3, leader of `term`, calls S1.
pub(super) fn calls_s1(term: u64, prev: (u64, u64), terms: &[u64]) -> Event {
    let request = Request::AppendEntries(call(S3, term, prev, terms));
    Event::Request { call: CALL, from: S3, request }
}

/// A server replies to this request of S1.
pub(super) fn answers(from: ServerId, request: AppendEntries, success: bool, term: u64) -> Event {
    let reply = AppendEntriesReply { term: Term(term), success, conflict: None };
    Event::Reply {
        call: CALL,
        from,
        request: Request::AppendEntries(request),
        reply: Reply::AppendEntries(reply),
    }
}

/// The AppendEntries requests among these effects, and whom they go to.
pub(super) fn sent(effects: &[Effect]) -> Vec<(ServerId, &AppendEntries)> {
    fn call(effect: &Effect) -> Option<(ServerId, &AppendEntries)> {
        match effect {
            Effect::Call { to, request: Request::AppendEntries(request), .. } => {
                Some((*to, request))
            }
            _ => None,
        }
    }
    effects.iter().filter_map(call).collect()
}

/// The answer that a server gives, in words.
pub(super) fn answer(effects: &[Effect]) -> String {
    let answer = |effect: &Effect| match effect {
        Effect::Answer { reply: Reply::AppendEntries(r), .. } => {
            Some(format!("success {}, term {}", r.success, r.term))
        }
        Effect::Answer { reply, .. } => Some(format!("{}, term {}", reply.name(), reply.term())),
        _ => None,
    };
    effects.iter().find_map(answer).unwrap_or_else(|| "no answer".to_owned())
}

/// A leader's knowledge of one follower, if it has any.
pub(super) fn progress_of(node: &RaftNode, peer: ServerId) -> Option<Progress> {
    match &node.role {
        Role::Leader { progress } => progress.get(&peer).copied(),
        _ => None,
    }
}

/// What a leader knows of its followers, in words.
pub(super) fn progress(node: &RaftNode) -> String {
    let Role::Leader { progress } = &node.role else { return "not a leader".to_owned() };
    if progress.is_empty() {
        return "no progress of anybody".to_owned();
    }
    let line = |(peer, p): (&ServerId, &Progress)| {
        format!("{peer}: next_index {}, match_index {}", p.next_index, p.match_index)
    };
    progress.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The terms of entries that are sent, in words.
pub(super) fn carried(entries: &[Entry]) -> String {
    let terms: Vec<String> = entries.iter().map(|entry| entry.term.to_string()).collect();
    match terms.as_slice() {
        [] => "no entries".to_owned(),
        [term] => format!("one entry, of term {term}"),
        terms => format!("entries of the terms {}", terms.join(", ")),
    }
}

/// Every entry must be there still; the first that is not is named.
pub(super) fn lost_nothing(check: &Context, before: &Log, after: &Log) -> Verdict {
    let lost = |index: &Index| after.entry(*index) != before.entry(*index);
    let Some(index) = (1..=before.last_index().0).map(Index).find(lost) else {
        return check.same_text("the log", &terms(after), &terms(before));
    };
    let term = before.term_at(index).unwrap_or_default();
    Err(check.failure(
        format!("the log: {}; the entry of term {term} at index {index} stays", terms(before)),
        format!("the log: {}; the entry of term {term} at index {index} is lost", terms(after)),
    ))
}

/// The log must have entries of these terms, and no others.
pub(super) fn has_log(check: &Context, node: &RaftNode, expected: &[u64]) -> Verdict {
    check.same_text("S1's log", &terms(&node.log), &terms(&log((0, 0), expected)))
}

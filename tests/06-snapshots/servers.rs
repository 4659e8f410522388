//! Servers on which the rule checks act, and what they do, in words.

use gates::simulator::SimulatedDisk;
use gates::{Context, Failure, Verdict};

use super::model::{ClientSession, Log, Progress, RaftNode, Role, Rules, Snapshot};
use super::subject::protocol::{
    AppendEntries, Bytes, CallId, Config, Effect, Entry, Event, Index, InstallSnapshot, KeyValue,
    Members, Payload, Reply, Request, RequestId, ServerId, Setup, Term,
};
use super::subject::snapshot::Contents;

/// The session of a client whose last command had this serial number and result, in the entry at `last_used`.
pub(super) fn session(serial: u64, result: &'static str, last_used: u64) -> ClientSession {
    ClientSession {
        serial,
        result: Bytes::from_static(result.as_bytes()),
        last_used: Index(last_used),
    }
}

pub(super) const S1: ServerId = ServerId(1);
pub(super) const S2: ServerId = ServerId(2);
pub(super) const S3: ServerId = ServerId(3);

/// These servers.
pub(super) fn members(ids: &[u64]) -> Members {
    ids.iter().copied().map(ServerId).collect()
}

/// S1 of a cluster of three, new and not started yet, on this disk. It reaches no limit, and keeps no tail.
pub(super) fn new_on(disk: &SimulatedDisk, rules: &'static Rules) -> RaftNode {
    let setup = Setup {
        id: S1,
        members: members(&[1, 2, 3]),
        config: Config { snapshot_tail: 0, ..Config::default() },
        seed: 1,
        disk: Box::new(disk.clone()),
        machine: Box::new(KeyValue::new()),
    };
    RaftNode::new(setup, rules)
}

/// S1 of three, in this term, with entries of these terms, of which the first `applied` are committed and
/// applied.
pub(super) fn server(rules: &'static Rules, term: u64, log: &[u64], applied: u64) -> RaftNode {
    fill(new_on(&SimulatedDisk::new(), rules), term, log, applied)
}

/// Puts a new server into this state.
pub(super) fn fill(mut node: RaftNode, term: u64, log: &[u64], applied: u64) -> RaftNode {
    node.current_term = Term(term);
    if !log.is_empty() {
        node.log = Log::with_base(Index(0), Term(0), entries(1, log));
    }
    node.commit_index = Index(applied);
    for index in 1..=applied {
        let Some(Payload::Command(command)) =
            node.log.entry(Index(index)).map(|e| e.payload.clone())
        else {
            continue;
        };
        node.machine.apply(Index(index), &command.bytes);
    }
    node.last_applied = Index(applied);
    node
}

/// The entry of this index and term: so that equal places hold equal entries.
pub(super) fn entry(index: u64, term: u64) -> Entry {
    Entry::command(Term(term), format!("append x {index}@{term},").as_str())
}

/// Entries of these terms, from an index on.
pub(super) fn entries(first: u64, terms: &[u64]) -> Vec<Entry> {
    terms.iter().zip(first..).map(|(&term, index)| entry(index, term)).collect()
}

/// An entry with a configuration.
pub(super) fn change(term: u64, ids: &[u64]) -> Entry {
    Entry { term: Term(term), payload: Payload::Members(members(ids)) }
}

/// A snapshot that ends here, with this configuration.
pub(super) fn snapshot(index: u64, term: u64, ids: &[u64]) -> Snapshot {
    let contents = Contents { members: members(ids), ..Contents::default() };
    Snapshot {
        last_included_index: Index(index),
        last_included_term: Term(term),
        members: members(ids),
        data: contents.to_bytes(),
    }
}

/// S1 leads; the followers are known to hold entries up to these indexes, and are sent the next ones.
pub(super) fn leader(matches: &[(u64, u64)]) -> Role {
    let progress = |&(id, index): &(u64, u64)| {
        let match_index = Index(index);
        (ServerId(id), Progress { next_index: match_index.next(), match_index })
    };
    Role::Leader { progress: matches.iter().map(progress).collect() }
}

/// Lets the server handle a request of S2, and returns its reply.
pub(super) fn ask(
    check: &Context,
    node: &mut RaftNode,
    request: Request,
) -> Result<Reply, Box<Failure>> {
    let effects = check.handle(node, Event::Request { call: CallId(1), from: S2, request })?;
    let answer = effects.into_iter().find_map(|effect| match effect {
        Effect::Answer { reply, .. } => Some(reply),
        _ => None,
    });
    answer.ok_or_else(|| check.failure("one reply", "none"))
}

/// Lets the server handle a client's command.
pub(super) fn command(
    check: &Context,
    node: &mut RaftNode,
    text: &str,
) -> Result<Vec<Effect>, Box<Failure>> {
    let request = super::subject::protocol::ClientRequest::Command(text.into());
    check.handle(node, Event::Client { id: RequestId(1), request })
}

/// A request of S2, which leads `term`.
pub(super) fn append(
    term: u64,
    prev: (u64, u64),
    terms: &[u64],
    leader_commit: u64,
) -> AppendEntries {
    AppendEntries {
        term: Term(term),
        leader_id: S2,
        prev_log_index: Index(prev.0),
        prev_log_term: Term(prev.1),
        entries: entries(prev.0 + 1, terms),
        leader_commit: Index(leader_commit),
    }
}

/// The requests among effects, each with its receiver.
pub(super) fn calls(effects: Vec<Effect>) -> Vec<(ServerId, Request)> {
    let call = |effect| match effect {
        Effect::Call { to, request, .. } => Some((to, request)),
        _ => None,
    };
    effects.into_iter().filter_map(call).collect()
}

/// A count of something, in words.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    }
}

/// A request in words.
pub(super) fn told(request: &Request) -> String {
    match request {
        Request::AppendEntries(r) => format!(
            "AppendEntries after {}@{} with {}",
            r.prev_log_index,
            r.prev_log_term,
            counted(r.entries.len(), "entry", "entries")
        ),
        Request::InstallSnapshot(InstallSnapshot { offset, data, done, .. }) => format!(
            "InstallSnapshot from byte {offset} with {}{}",
            counted(data.len(), "byte", "bytes"),
            if *done { ", the last" } else { "" }
        ),
        other => other.name().to_owned(),
    }
}

/// A request of a leader, in words that say what of it counts for the receiver.
pub(super) fn told_to(request: &Request) -> String {
    match request {
        Request::InstallSnapshot(chunk) => {
            let part = match (chunk.offset, chunk.done) {
                (0, true) => "all",
                (0, false) => "the first chunk",
                _ => "a later chunk",
            };
            let (index, term) = (chunk.last_included_index, chunk.last_included_term);
            format!("{part} of a snapshot that ends with {index}@{term}")
        }
        other => told(other),
    }
}

/// A log in words: its base, and the terms of the entries that follow.
pub(super) fn log_words(log: &Log) -> String {
    let terms: Vec<Term> = log.entries().iter().map(|entry| entry.term).collect();
    words_of(log.base_index(), log.base_term(), &terms)
}

/// The same of a server's log.
pub(super) fn log_of(node: &RaftNode) -> String {
    log_words(&node.log)
}

fn words_of(base: Index, base_term: Term, terms: &[Term]) -> String {
    let terms: Vec<String> = terms.iter().map(ToString::to_string).collect();
    let terms = if terms.is_empty() { "none".to_owned() } else { terms.join(" ") };
    format!("base {base}@{base_term}, entries after it: {terms}")
}

/// The log must be the one with these terms from index 1 on, of which a beginning is compacted away, up
/// to index `at_most` at most. How much of what a snapshot replaces stays in the log is left to the
/// server.
pub(super) fn is_log(check: &Context, node: &RaftNode, terms: &[u64], at_most: u64) -> Verdict {
    let terms: Vec<Term> = terms.iter().copied().map(Term).collect();
    let base = node.log.base_index().0.min(at_most);
    let (gone, kept) = terms.split_at(usize::try_from(base).unwrap_or(0).min(terms.len()));
    let base_term = gone.last().copied().unwrap_or_default();
    check.same_text("the log", &log_of(node), &words_of(Index(base), base_term, kept))
}

/// The value of the key x in the state machine.
pub(super) fn x_of(node: &RaftNode) -> String {
    String::from_utf8_lossy(&node.machine.query(b"get x")).into_owned()
}

/// What x is after the entries of these terms, from index 1 on.
pub(super) fn x_after(terms: &[u64]) -> String {
    if terms.is_empty() {
        return "none".to_owned();
    }
    let applied = terms.iter().zip(1_u64..).map(|(term, index)| format!("{index}@{term},"));
    applied.collect::<Vec<_>>().concat()
}

/// Servers in words.
pub(super) fn names(members: &Members) -> String {
    let names: Vec<String> = members.iter().map(ToString::to_string).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(" ") }
}

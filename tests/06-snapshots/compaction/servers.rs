//! Servers on which the rule checks act, and what they do in words.

use gates::simulator::SimulatedDisk;
use gates::{Context, Failure};

use super::model::{Progress, RaftNode, Role, Rules};
use super::subject::protocol::{
    AppendEntries, CallId, Config, Effect, Entry, Event, Index, InstallSnapshot, KeyValue, Members,
    Node as _, Payload, Reply, Request, RequestId, ServerId, Setup, Term,
};

pub(super) const S1: ServerId = ServerId(1);
pub(super) const S2: ServerId = ServerId(2);
pub(super) const S3: ServerId = ServerId(3);

/// These servers.
pub(super) fn members(ids: &[u64]) -> Members {
    ids.iter().copied().map(ServerId).collect()
}

/// S1 of a cluster of three, new and not started yet, upon this disk. Nothing reaches its limits.
pub(super) fn new_on(disk: &SimulatedDisk, rules: &'static Rules) -> RaftNode {
    let setup = Setup {
        id: S1,
        members: members(&[1, 2, 3]),
        config: Config::default(),
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
    for (&term, index) in log.iter().zip(1..) {
        node.log.append(entry(index, term));
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

/// S1 leads; the followers are known to hold entries up to these indexes, and are sent the next ones.
pub(super) fn leader(matches: &[(u64, u64)]) -> Role {
    let progress = |&(id, index): &(u64, u64)| {
        let match_index = Index(index);
        (ServerId(id), Progress { next_index: match_index.next(), match_index })
    };
    Role::Leader { progress: matches.iter().map(progress).collect() }
}

/// Lets the server take in an event.
pub(super) fn hear(
    check: &Context,
    node: &mut RaftNode,
    event: Event,
) -> Result<Vec<Effect>, Box<Failure>> {
    node.handle(event)
        .map_err(|error| check.failure("the server goes on", format!("it gave up: {error}")))
}

/// Lets the server take in a request of S2; its answer.
pub(super) fn ask(
    check: &Context,
    node: &mut RaftNode,
    request: Request,
) -> Result<Reply, Box<Failure>> {
    let effects = hear(check, node, Event::Request { call: CallId(1), from: S2, request })?;
    let answer = effects.into_iter().find_map(|effect| match effect {
        Effect::Answer { reply, .. } => Some(reply),
        _ => None,
    });
    answer.ok_or_else(|| check.failure("one answer", "none"))
}

/// Lets the server take in a command of a client.
pub(super) fn command(
    check: &Context,
    node: &mut RaftNode,
    text: &str,
) -> Result<Vec<Effect>, Box<Failure>> {
    let request = super::subject::protocol::ClientRequest::Command(text.into());
    hear(check, node, Event::Client { id: RequestId(1), request })
}

/// A call of S2, which leads `term`.
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

/// So many of something, in words.
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
            "InstallSnapshot from byte {offset} on with {}{}",
            counted(data.len(), "byte", "bytes"),
            if *done { ", the last" } else { "" }
        ),
        other => other.name().to_owned(),
    }
}

/// A log in words: its base, and the terms of the entries that follow.
pub(super) fn log_of(node: &RaftNode) -> String {
    let (base, base_term) = node.log.base();
    let after = (base.0 + 1..=node.log.last_index().0).map(Index);
    let terms: Vec<String> = after
        .map(|index| node.log.entry(index).map_or("?".to_owned(), |entry| entry.term.to_string()))
        .collect();
    let terms = if terms.is_empty() { "none".to_owned() } else { terms.join(" ") };
    format!("base {base}@{base_term}, entries after it: {terms}")
}

/// What the state machine says of the key x.
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

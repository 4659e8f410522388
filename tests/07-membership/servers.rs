//! Servers for the rule checks of this module, and what the servers do in words.

use std::time::Duration;

use gates::simulator::SimulatedDisk;
use gates::{Context, Failure, Verdict};

use super::model::{OutgoingSnapshot, Progress, RaftNode, Role, Rules, Snapshot};
use super::subject::protocol::{
    AppendEntries, AppendEntriesReply, Bytes, CallId, ClientError, ClientRequest, Config, Effect,
    Entry, Event, Index, KeyValue, Members, Payload, Reply, Request, RequestId, RequestVote,
    RequestVoteReply, ServerId, Setup, Term, Timer,
};
use super::subject::replication::LogEdit as _;

pub(super) const S1: ServerId = ServerId(1);
pub(super) const S2: ServerId = ServerId(2);
pub(super) const S3: ServerId = ServerId(3);
pub(super) const S4: ServerId = ServerId(4);

/// The result of one step of a rule check, or how the step failed.
pub(super) type Step<T> = Result<T, Box<Failure>>;

/// S1, started with these members (`"123"` are S1, S2 and S3), in this term, with this log: the terms of
/// its entries, and after a colon the configuration that an entry holds (`"1 1:1234 2"`).
pub(super) fn server(
    check: &Context,
    rules: &'static Rules,
    members: &str,
    term: u64,
    log: &str,
) -> Step<RaftNode> {
    let setup = Setup {
        id: S1,
        members: of(members),
        config: Config::default(),
        seed: 1,
        disk: Box::new(SimulatedDisk::new()),
        machine: Box::new(KeyValue::new()),
    };
    let mut node = RaftNode::new(setup, rules);
    check.handle(&mut node, Event::Start)?;
    node.current_term = Term(term);
    for entry in entries(log) {
        if let Payload::Members(members) = &entry.payload {
            node.members.clone_from(members);
        }
        node.log.append(entry);
    }
    Ok(node)
}

/// The entries that these words describe.
pub(super) fn entries(log: &str) -> Vec<Entry> {
    let entry = |(word, index): (&str, u64)| {
        let (term, members) = word.split_once(':').map_or((word, None), |(t, m)| (t, Some(m)));
        let term = Term(term.parse().unwrap_or_default());
        match members {
            Some(members) => Entry { term, payload: Payload::Members(of(members)) },
            None => Entry::command(term, format!("append x {index},").as_str()),
        }
    };
    log.split_whitespace().zip(1..).map(entry).collect()
}

/// The servers with these digits.
pub(super) fn of(digits: &str) -> Members {
    digits.bytes().map(|digit| ServerId(u64::from(digit - b'0'))).collect()
}

/// Members in words.
pub(super) fn named(members: &Members) -> String {
    let names: Vec<String> = members.iter().map(ToString::to_string).collect();
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}

/// The role of a leader that knows these servers to hold entries up to these indexes.
pub(super) fn leader(matches: &[(u64, u64)]) -> Role {
    let progress = |&(id, index): &(u64, u64)| {
        let match_index = Index(index);
        (ServerId(id), Progress { next_index: match_index.next(), match_index })
    };
    Role::Leader { progress: matches.iter().map(progress).collect() }
}

/// A role, in words.
pub(super) fn role_of(node: &RaftNode) -> String {
    let term = node.current_term;
    match &node.role {
        Role::Follower { .. } => format!("a follower in term {term}"),
        Role::Candidate { .. } => format!("a candidate of term {term}"),
        Role::Leader { .. } => format!("the leader of term {term}"),
    }
}

/// Another server sends a request: the reply to it, and the other effects.
pub(super) fn asked(
    check: &Context,
    node: &mut RaftNode,
    from: ServerId,
    request: Request,
) -> Step<(Reply, Vec<Effect>)> {
    let mut effects = check.handle(node, Event::Request { call: CallId(9), from, request })?;
    let is_answer = |effect: &Effect| matches!(effect, Effect::Answer { .. });
    let place = effects.iter().position(is_answer);
    match place.map(|place| effects.remove(place)) {
        Some(Effect::Answer { reply, .. }) => Ok((reply, effects)),
        _ => Err(check.failure("the server replies", "it does not")),
    }
}

/// A client sends a request, as c7.
pub(super) fn client(
    check: &Context,
    node: &mut RaftNode,
    request: ClientRequest,
) -> Step<Vec<Effect>> {
    check.handle(node, Event::Client { id: RequestId(7), request })
}

/// What clients learn, in words.
pub(super) fn told(effects: &[Effect]) -> String {
    let told = |effect: &Effect| match effect {
        Effect::Client { id, result } => Some(format!("{id}: {}", ended(result))),
        _ => None,
    };
    let told: Vec<String> = effects.iter().filter_map(told).collect();
    if told.is_empty() { "nothing".to_owned() } else { told.join("; ") }
}

fn ended(result: &Result<Bytes, ClientError>) -> String {
    match result {
        Ok(_) => "done".to_owned(),
        Err(ClientError::NotLeader(None)) => "not the leader, and knows none".to_owned(),
        Err(ClientError::NotLeader(Some(leader))) => format!("not the leader; {leader} leads"),
        Err(ClientError::Unknown) => "unknown".to_owned(),
        Err(ClientError::Refused) => "refused".to_owned(),
        Err(ClientError::SessionExpired) => "no such session".to_owned(),
    }
}

/// What a client learns; `None` unless it gets exactly one answer.
fn answer(effects: &[Effect], client: u64) -> Option<&Result<Bytes, ClientError>> {
    let mut answers = effects.iter().filter_map(|effect| match effect {
        Effect::Client { id, result } if *id == RequestId(client) => Some(result),
        _ => None,
    });
    answers.next().filter(|_| answers.next().is_none())
}

/// A client must be told, once, that nothing was done. The error may be any that says so; but S1 must not send
/// the client back to itself.
pub(super) fn nothing_done(check: &Context, effects: &[Effect], client: u64) -> Verdict {
    let honest = match answer(effects, client) {
        Some(Err(ClientError::Refused)) => true,
        Some(Err(ClientError::NotLeader(leader))) => *leader != Some(S1),
        _ => false,
    };
    let expected = format!("c{client} learns once that nothing was done: refused");
    check.holds(honest, expected, format!("clients get: {}", told(effects)))
}

/// A client must be told, once, that its request has no result. Whether the error says that nothing was done, or
/// claims less, is up to the server.
pub(super) fn no_result(check: &Context, effects: &[Effect], client: u64) -> Verdict {
    let honest = match answer(effects, client) {
        Some(Err(ClientError::NotLeader(leader))) => *leader != Some(S1),
        Some(Err(_)) => true,
        _ => false,
    };
    let expected =
        format!("c{client} learns once that its request was not executed, or may not be");
    check.holds(honest, expected, format!("clients get: {}", told(effects)))
}

/// How often a timer runs out in a check of what it is armed for: so often no random draw repeats itself.
pub(super) const TIMEOUTS: usize = 12;

/// The election timer must have been armed each time for a time drawn at random from the interval: servers that
/// wait equally long start their elections together, again and again (§5.2).
pub(super) fn drawn(check: &Context, node: &RaftNode, draws: &[Option<Duration>]) -> Verdict {
    let range = &node.config.election_timeout;
    for draw in draws {
        let happened = draw.map_or("it is not".to_owned(), |after| format!("for {after:?}"));
        let expected = format!("the election timer is armed for a time in {range:?}");
        check.holds(draw.is_some_and(|after| range.contains(&after)), expected, happened)?;
    }
    let expected = format!("{} times, the election timer is armed for a random time", draws.len());
    let differ = draws.iter().any(|draw| *draw != draws[0]);
    check.holds(differ, expected, format!("each time for {:?}", draws[0].unwrap_or_default()))
}

/// The servers to which this RPC is sent, each once.
pub(super) fn called(effects: &[Effect], rpc: &str) -> String {
    let to = |effect: &Effect| match effect {
        Effect::Call { to, request, .. } if request.name() == rpc => Some(*to),
        _ => None,
    };
    named(&effects.iter().filter_map(to).collect())
}

/// How long the timer is armed for, if it is; the last time counts.
pub(super) fn armed(effects: &[Effect], timer: Timer) -> Option<Duration> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::SetTimer { timer: of, after } if *of == timer => Some(*after),
        _ => None,
    })
}

/// The configuration in an entry of the server's log, in words.
pub(super) fn said_at(node: &RaftNode, index: u64) -> String {
    match node.log.entry(Index(index)).map(|entry| (&entry.payload, entry.term)) {
        Some((Payload::Members(members), term)) => format!("{}, of term {term}", named(members)),
        Some((_, term)) => format!("no configuration, but another entry of term {term}"),
        None => "nothing".to_owned(),
    }
}

/// S1 leads term 3 of these members; its log is committed up to `commit`, and its peers hold all of it.
pub(super) fn leads(
    check: &Context,
    rules: &'static Rules,
    members: &str,
    log: &str,
    commit: u64,
) -> Step<RaftNode> {
    let mut node = server(check, rules, members, 3, log)?;
    let last = node.log.last_index().0;
    let peers: Vec<(u64, u64)> = node.peers().iter().map(|peer| (peer.0, last)).collect();
    (node.role, node.voted_for) = (leader(&peers), Some(node.id));
    (node.commit_index, node.last_applied) = (Index(commit), Index(commit));
    Ok(node)
}

/// Lets a leader be in the middle of sending this server a snapshot: 8 bytes of it are stored.
pub(super) fn sending_a_snapshot(node: &mut RaftNode, to: ServerId) {
    let snapshot = Snapshot {
        last_included_index: Index(1),
        last_included_term: Term(3),
        members: node.members.clone(),
        data: Bytes::from_static(b"a snapshot of thirty-one bytes."),
    };
    node.snapshots.latest = Some(snapshot.clone());
    node.snapshots.outgoing.insert(to, OutgoingSnapshot { snapshot, stored: 8, in_flight: false });
}

/// What a leader sends this server must not continue an earlier transfer.
pub(super) fn begins_anew(check: &Context, effects: &[Effect], server: ServerId) -> Verdict {
    let continued = effects.iter().find_map(|effect| match effect {
        Effect::Call { to, request: Request::InstallSnapshot(chunk), .. } if *to == server => {
            (chunk.offset > 0).then_some(chunk.offset)
        }
        _ => None,
    });
    let expected = format!("{server} is sent entries, or a snapshot from its first byte");
    let from = continued.unwrap_or_default();
    check.holds(continued.is_none(), expected, format!("it is sent a snapshot from byte {from} on"))
}

/// A reply from `from` to an AppendEntries of term 3 that ends at index `last`, an entry of term 3.
pub(super) fn appended(from: ServerId, last: u64, success: bool) -> Event {
    let request = Request::AppendEntries(AppendEntries {
        term: Term(3),
        leader_id: S1,
        prev_log_index: Index(last),
        prev_log_term: Term(3),
        entries: Vec::new(),
        leader_commit: Index(0),
    });
    let reply = AppendEntriesReply { term: Term(3), success, conflict: None };
    Event::Reply { call: CallId(1), from, request, reply: Reply::AppendEntries(reply) }
}

/// The success of a request to `from` that ends at index `last`.
pub(super) fn success(from: ServerId, last: u64) -> Event {
    appended(from, last, true)
}

/// S2 rejects S1's candidacy of term 3: it is in term 4.
pub(super) fn newer_term() -> Event {
    let request = Request::RequestVote(RequestVote {
        term: Term(3),
        candidate_id: S1,
        last_log_index: Index(0),
        last_log_term: Term(0),
        leadership_transfer: false,
    });
    let reply = Reply::RequestVote(RequestVoteReply { term: Term(4), vote_granted: false });
    Event::Reply { call: CallId(1), from: S2, request, reply }
}

/// S1's heartbeat timer runs out this many times in a row.
pub(super) fn heartbeats(check: &Context, node: &mut RaftNode, times: u32) -> Step<Vec<Effect>> {
    let mut effects = Vec::new();
    for _ in 0..times {
        effects.extend(check.handle(node, Event::Timeout(Timer::Heartbeat))?);
    }
    Ok(effects)
}

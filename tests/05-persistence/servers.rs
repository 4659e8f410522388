//! Records, disks and servers on which the rule checks act, and what they hold in words.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;

use gates::simulator::{DiskOperation, RecordingDisk, SimulatedDisk};
use gates::{Context, Failure, Verdict};

use super::model::{RaftNode, Rules};
use super::subject::Record;
use super::subject::protocol::{
    AppendEntries, CallId, ClientId, Command, Config, Disk, Entry, Event, Index, KeyValue,
    Node as _, Payload, Request, RequestVote, ServerId, Session, Setup, Term,
};

pub(super) const S1: ServerId = ServerId(1);
pub(super) const S2: ServerId = ServerId(2);
pub(super) const S3: ServerId = ServerId(3);

/// S1 of a cluster of three, on this disk; it has not been started yet.
pub(super) fn server(rules: &'static Rules, disk: impl Disk + 'static) -> RaftNode {
    let setup = Setup {
        id: S1,
        members: [S1, S2, S3].into(),
        config: Config::default(),
        seed: 1,
        disk: Box::new(disk),
        machine: Box::new(KeyValue::new()),
    };
    RaftNode::new(setup, rules)
}

/// An entry of this term.
pub(super) fn entry(term: u64, command: &str) -> Entry {
    Entry::command(Term(term), command)
}

/// A record, by its numbers.
pub(super) fn record(term: u64, vote: Option<ServerId>, prev: (u64, u64), log: &[Entry]) -> Record {
    Record {
        current_term: Term(term),
        voted_for: vote,
        prev_log_index: Index(prev.0),
        prev_log_term: Term(prev.1),
        entries: log.to_vec(),
    }
}

/// The records of a short life: votes, entries of every kind, and some that were overwritten by others.
pub(super) fn life() -> Vec<Record> {
    let session = Some(Session { client: ClientId(7), serial: 300 });
    let repeated = Entry {
        term: Term(2),
        payload: Payload::Command(Command { session, ..Command::from("set x 1") }),
    };
    let no_op = Entry { term: Term(2), payload: Payload::NoOp };
    let members = Entry { term: Term(2), payload: Payload::Members([S1, S2].into()) };
    vec![
        record(1, Some(S1), (0, 0), &[]),
        record(2, Some(S2), (0, 0), &[no_op, repeated]),
        record(2, Some(S2), (2, 2), &[members, entry(2, "")]),
        record(300, None, (1, 2), &[entry(300, "append y äöü")]),
    ]
}

/// A record in words.
pub(super) fn words(record: &Record) -> String {
    let Record { current_term, voted_for, prev_log_index, prev_log_term, entries } = record;
    let vote = voted_for.map_or("no vote".to_owned(), |vote| format!("a vote for {vote}"));
    let mut text =
        format!("term {current_term}, {vote}, the log up to {prev_log_index}@{prev_log_term}");
    match entries.as_slice() {
        [] => text.push_str(" and nothing after it"),
        entries => {
            text.push_str(", then");
            for Entry { term, payload } in entries {
                let _ = match payload {
                    Payload::Command(Command { session: None, bytes }) => {
                        write!(text, " {term}:{:?}", String::from_utf8_lossy(bytes))
                    }
                    payload => write!(text, " {term}:{payload:?}"),
                };
            }
        }
    }
    text
}

/// Some records in words, a line each.
pub(super) fn all_words(records: &[Record]) -> String {
    records.iter().map(words).collect::<Vec<_>>().join("\n")
}

/// An AppendEntries of S2.
pub(super) fn append(term: u64, prev: (u64, u64), entries: &[Entry]) -> Event {
    let request = Request::AppendEntries(AppendEntries {
        term: Term(term),
        leader_id: S2,
        prev_log_index: Index(prev.0),
        prev_log_term: Term(prev.1),
        entries: entries.to_vec(),
        leader_commit: Index(0),
    });
    Event::Request { call: CallId(1), from: S2, request }
}

/// A RequestVote of this server, whose log is ahead of any.
pub(super) fn ask_vote(term: u64, candidate: ServerId) -> Event {
    let request = Request::RequestVote(RequestVote {
        term: Term(term),
        candidate_id: candidate,
        last_log_index: Index(1_000),
        last_log_term: Term(term),
        leadership_transfer: false,
    });
    Event::Request { call: CallId(1), from: candidate, request }
}

/// Something that must go well, done with the disk.
pub(super) fn well<T>(
    check: &Context,
    result: io::Result<T>,
    what: &str,
) -> Result<T, Box<Failure>> {
    result.map_err(|error| check.failure(format!("{what} goes well"), format!("error: {error}")))
}

/// The server's term, vote and log, and what it believes to be committed, in words.
pub(super) fn state(node: &RaftNode) -> String {
    let vote = node.voted_for().map_or("no vote".to_owned(), |vote| format!("a vote for {vote}"));
    let log: Vec<String> = (1..=node.last_index().0)
        .map(|index| match node.entry(Index(index)) {
            Some(Entry { term, payload: Payload::Command(command) }) => {
                format!("{term}:{}", String::from_utf8_lossy(&command.bytes))
            }
            Some(Entry { term, payload }) => format!("{term}:{payload:?}"),
            None => "nothing".to_owned(),
        })
        .collect();
    let log = if log.is_empty() {
        "an empty log".to_owned()
    } else {
        format!("the log {}", log.join(", "))
    };
    format!(
        "{} in term {}, {vote}, {log}, committed up to {}, applied up to {}",
        node.role(),
        node.current_term(),
        node.commit_index(),
        node.last_applied()
    )
}

/// A server started on a copy of what this disk holds now, or would hold after a crash; in words.
pub(super) fn comes_back(rules: &'static Rules, disk: &SimulatedDisk) -> String {
    let mut node = server(rules, disk.survivors(0));
    match node.handle(Event::Start) {
        Ok(_) => state(&node),
        Err(error) => format!("it does not start: {error}"),
    }
}

/// What was asked of a disk, in words. Reading changes nothing, and is left out.
pub(super) fn asked(operations: &[DiskOperation]) -> String {
    let words: Vec<&str> = operations
        .iter()
        .filter_map(|operation| match operation {
            DiskOperation::Read(_) => None,
            DiskOperation::Append(..) => Some("an append"),
            DiskOperation::Sync(_) => Some("a sync"),
            DiskOperation::Replace(..) => Some("a replace"),
            DiskOperation::Failed(_) => Some("a failure"),
        })
        .collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

/// The disk must have been asked for one write, or for at most `most`; and in the end all of it must be durable: a
/// replace is, and an append is when its file is synced. Which files there are is up to the server.
pub(super) fn durable_writes(check: &Context, disk: &RecordingDisk, most: usize) -> Verdict {
    let operations = disk.take();
    let mut writes = 0;
    let mut unsynced = BTreeSet::new();
    for operation in &operations {
        match operation {
            DiskOperation::Append(file, _) => {
                writes += 1;
                unsynced.insert(file);
            }
            DiskOperation::Replace(file, _) => {
                writes += 1;
                unsynced.remove(file);
            }
            DiskOperation::Sync(file) => {
                unsynced.remove(file);
            }
            DiskOperation::Read(_) | DiskOperation::Failed(_) => {}
        }
    }
    let number = if most == 1 { "one write".to_owned() } else { format!("one to {most} writes") };
    let expected = format!(
        "the disk is asked for {number}: an append, which is then synced, or a replace, which is durable at once"
    );
    let happened = format!("it is asked for: {}", asked(&operations));
    check.holds((1..=most).contains(&writes) && unsynced.is_empty(), expected, happened)
}

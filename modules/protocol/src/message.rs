//! The messages between servers: the boxes of Figure 2 and Figure 13, field for field, and two
//! small ones that the last module's bonus exercises use.
//!
//! Every field is always written. Formats such as postcard do not name the fields, so the reader could not
//! tell which one was left out (`tests/wire.rs`).

use std::collections::BTreeSet;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{ClientId, Index, ServerId, Term};

/// The servers of a configuration (§6). A `BTreeSet`, so that they are always visited in the same
/// order.
pub type Members = BTreeSet<ServerId>;

/// One entry of the log (Figure 2: "each entry contains command for state machine, and term when
/// entry was received by leader"). Its index is its place in the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entry {
    /// The term of the leader that created the entry. It stays the same in every log.
    pub term: Term,
    /// The entry's content.
    pub payload: Payload,
}

/// The content of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Payload {
    /// A client's command for the state machine.
    Command(Command),
    /// A new configuration (§6), in force as soon as it is in a server's log. Module 7.
    Members(Members),
    /// Nothing: a leader's first entry, which lets earlier ones be committed (§8). Module 4.
    NoOp,
    /// A client registers: its session begins with this entry (dissertation §6.3). Module 4, bonus.
    Register,
}

/// A client's command.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Command {
    /// The client that sent it, and the command's number, so that a repeated command is executed once (§8). A command
    /// without a session is executed each time it is committed. Module 4, bonus. The field is always written: on disk
    /// (module 5), nothing would show that it is missing.
    #[serde(default)]
    pub session: Option<Session>,
    /// The command itself. Only the state machine knows what it means.
    pub bytes: Bytes,
}

/// A client that has registered, and the number of one of its commands (§8; dissertation §6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Session {
    /// The client.
    pub client: ClientId,
    /// The client counts its commands from 1; a repeated command has the same number.
    pub serial: u64,
}

/// RequestVote RPC (Figure 2): "invoked by candidates to gather votes (§5.2)".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RequestVote {
    /// The candidate's term.
    pub term: Term,
    /// The candidate that asks for the vote.
    pub candidate_id: ServerId,
    /// The index of the candidate's last log entry (§5.4).
    pub last_log_index: Index,
    /// The term of the candidate's last log entry (§5.4).
    pub last_log_term: Term,
    /// The leader itself asked for this election, so a server may grant its vote even if it hears from a leader
    /// (dissertation §4.2.3). Module 7, bonus; false everywhere else.
    #[serde(default)]
    pub leadership_transfer: bool,
}

/// The results of RequestVote (Figure 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RequestVoteReply {
    /// The voter's current term, for the candidate to update itself.
    pub term: Term,
    /// True means that the candidate received the vote.
    pub vote_granted: bool,
}

/// AppendEntries RPC (Figure 2): "invoked by leader to replicate log entries (§5.3); also used as
/// heartbeat (§5.2)".
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AppendEntries {
    /// The leader's term.
    pub term: Term,
    /// So that a follower can redirect clients.
    pub leader_id: ServerId,
    /// The index of the log entry immediately preceding the new ones.
    pub prev_log_index: Index,
    /// The term of the entry at `prev_log_index`.
    pub prev_log_term: Term,
    /// The entries to store: none for a heartbeat, perhaps several for efficiency.
    pub entries: Vec<Entry>,
    /// The leader's commit index.
    pub leader_commit: Index,
}

/// The results of AppendEntries (Figure 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AppendEntriesReply {
    /// The follower's current term, for the leader to update itself.
    pub term: Term,
    /// True if the follower held an entry matching `prev_log_index` and `prev_log_term`.
    pub success: bool,
    /// Where the log of a follower that rejects the request differs, so that the leader finds the place with fewer
    /// RPCs (§5.3, the optional optimisation). Module 3, bonus.
    #[serde(default)]
    pub conflict: Option<Conflict>,
}

/// The hint in a follower's rejection (§5.3): "the term of the conflicting entry and the first index it stores for
/// that term".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Conflict {
    /// The term of the follower's entry at `prev_log_index`; `None` if its log ends before.
    pub term: Option<Term>,
    /// The first index that the follower stores for that term; one past its last entry if its log
    /// ends before `prev_log_index`.
    pub first_index: Index,
}

/// InstallSnapshot RPC (Figure 13): "invoked by leader to send chunks of a snapshot to a follower".
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct InstallSnapshot {
    /// The leader's term.
    pub term: Term,
    /// So that a follower can redirect clients.
    pub leader_id: ServerId,
    /// The snapshot replaces all entries up through and including this index.
    pub last_included_index: Index,
    /// The term of the entry at `last_included_index`.
    pub last_included_term: Term,
    /// Where the chunk begins in the snapshot, in bytes from its start.
    pub offset: u64,
    /// The bytes of the chunk, from `offset` on.
    pub data: Bytes,
    /// True if this is the last chunk.
    pub done: bool,
}

/// The results of InstallSnapshot (Figure 13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct InstallSnapshotReply {
    /// The follower's current term, for the leader to update itself.
    pub term: Term,
    /// How many bytes of this snapshot the follower has stored from its start without a gap: an addition to Figure
    /// 13, without which the leader would not notice a lost chunk.
    pub stored: u64,
}

/// A question before an election (dissertation §9.6): would you vote for me? Module 7, bonus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PreVote {
    /// The asking server's *current* term. It has not begun a new one: that is the point.
    pub term: Term,
    /// The server that asks.
    pub candidate_id: ServerId,
    /// The index of its last log entry.
    pub last_log_index: Index,
    /// The term of its last log entry.
    pub last_log_term: Term,
}

/// The answer to [`PreVote`]. It binds nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PreVoteReply {
    /// The answering server's current term.
    pub term: Term,
    /// True means that it would grant its vote.
    pub vote_granted: bool,
}

/// A leader tells a follower to start an election at once (dissertation §3.10). Module 7, bonus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimeoutNow {
    /// The leader's term.
    pub term: Term,
    /// The leader that hands over leadership.
    pub leader_id: ServerId,
}

/// The answer to [`TimeoutNow`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimeoutNowReply {
    /// The answering server's current term.
    pub term: Term,
}

/// Any request from one server to another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Request {
    /// See [`RequestVote`].
    RequestVote(RequestVote),
    /// See [`AppendEntries`].
    AppendEntries(AppendEntries),
    /// See [`InstallSnapshot`].
    InstallSnapshot(InstallSnapshot),
    /// See [`PreVote`].
    PreVote(PreVote),
    /// See [`TimeoutNow`].
    TimeoutNow(TimeoutNow),
}

/// Any reply to a [`Request`]; its variant has the same name as the request's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reply {
    /// See [`RequestVoteReply`].
    RequestVote(RequestVoteReply),
    /// See [`AppendEntriesReply`].
    AppendEntries(AppendEntriesReply),
    /// See [`InstallSnapshotReply`].
    InstallSnapshot(InstallSnapshotReply),
    /// See [`PreVoteReply`].
    PreVote(PreVoteReply),
    /// See [`TimeoutNowReply`].
    TimeoutNow(TimeoutNowReply),
}

impl Request {
    /// The sender's term, which every request carries.
    #[must_use]
    pub fn term(&self) -> Term {
        match self {
            Request::RequestVote(r) => r.term,
            Request::AppendEntries(r) => r.term,
            Request::InstallSnapshot(r) => r.term,
            Request::PreVote(r) => r.term,
            Request::TimeoutNow(r) => r.term,
        }
    }

    /// How many bytes its commands, or its chunk of a snapshot, have. Limits in bytes count only these.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Request::AppendEntries(r) => r.entries.iter().map(Entry::bytes).sum(),
            Request::InstallSnapshot(r) => r.data.len(),
            Request::RequestVote(_) | Request::PreVote(_) | Request::TimeoutNow(_) => 0,
        }
    }

    /// The RPC's name in the paper.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Request::RequestVote(_) => "RequestVote",
            Request::AppendEntries(_) => "AppendEntries",
            Request::InstallSnapshot(_) => "InstallSnapshot",
            Request::PreVote(_) => "PreVote",
            Request::TimeoutNow(_) => "TimeoutNow",
        }
    }
}

impl Reply {
    /// The answering server's term, which every reply carries.
    #[must_use]
    pub fn term(&self) -> Term {
        match self {
            Reply::RequestVote(r) => r.term,
            Reply::AppendEntries(r) => r.term,
            Reply::InstallSnapshot(r) => r.term,
            Reply::PreVote(r) => r.term,
            Reply::TimeoutNow(r) => r.term,
        }
    }

    /// The name of the RPC that it answers.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Reply::RequestVote(_) => "RequestVote",
            Reply::AppendEntries(_) => "AppendEntries",
            Reply::InstallSnapshot(_) => "InstallSnapshot",
            Reply::PreVote(_) => "PreVote",
            Reply::TimeoutNow(_) => "TimeoutNow",
        }
    }
}

impl AppendEntries {
    /// The index of the last entry that this request is about: what Figure 2 calls the "index of last
    /// new entry" (AppendEntries, receiver, step 5). `prev_log_index` for a heartbeat.
    #[must_use]
    pub fn last_new_index(&self) -> Index {
        self.prev_log_index.plus(self.entries.len())
    }
}

impl InstallSnapshot {
    /// Where this chunk ends in the snapshot, in bytes from its start.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.offset + self.data.len() as u64
    }
}

impl From<&str> for Command {
    fn from(text: &str) -> Self {
        Command { session: None, bytes: Bytes::copy_from_slice(text.as_bytes()) }
    }
}

impl Entry {
    /// How many bytes its command has; 0 without a command. Limits in bytes count only these: the rest of an entry is
    /// small, and depends on the encoding.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match &self.payload {
            Payload::Command(command) => command.bytes.len(),
            Payload::Members(_) | Payload::NoOp | Payload::Register => 0,
        }
    }

    /// An entry of `term` with a client's command.
    #[must_use]
    pub fn command(term: Term, command: impl Into<Command>) -> Self {
        Entry { term, payload: Payload::Command(command.into()) }
    }
}

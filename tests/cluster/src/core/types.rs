//! What goes into a core and what comes out of it.

use std::fmt;
use std::io;
use std::str::FromStr;
use std::time::Duration;

use protocol::{Bytes, ClientId, Index, Members, RoleName, ServerId, Session, Term};
use serde::{Deserialize, Serialize};

use crate::wire::Envelope;

/// A connection of a client. Numbers are never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// Something that has arrived.
#[derive(Clone, Debug)]
pub enum Input {
    /// A message of another server.
    Message(Envelope),
    /// A client asks.
    Ask {
        /// Its connection.
        connection: ConnectionId,
        /// What it asks.
        question: Question,
    },
    /// A client's connection has ended.
    Closed(ConnectionId),
}

/// What a client asks.
#[derive(Clone, Debug)]
pub enum Question {
    /// Execute a command.
    Command(Bytes),
    /// Open a session (dissertation §6.3).
    Register,
    /// Execute a command of a session: once, however often it is asked for.
    InSession(Session, Bytes),
    /// Read. The same bytes are a query, and a command with the same result that changes nothing: a server that
    /// cannot answer queries executes that.
    Read(Bytes),
    /// Add a server to the configuration (§6).
    Add(ServerId),
    /// Remove a server from the configuration (§6).
    Remove(ServerId),
    /// Hand leadership over (dissertation §3.10).
    Transfer(ServerId),
    /// Describe this server.
    Status,
    /// Say how far the state machine has come, and a checksum of its state.
    Digest,
    /// Answer with these bytes, when everything before has been answered.
    Echo(Bytes),
}

/// Something that must leave now.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// A message to another server.
    Message(Envelope),
    /// The next answer on a client's connection.
    Answer {
        /// The connection.
        connection: ConnectionId,
        /// The answer.
        answer: Answer,
    },
}

/// The answer to a client.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The result of the state machine; empty for a change of members and a transfer.
    Result(Bytes),
    /// The session that was opened.
    Session(ClientId),
    /// This server does not lead, and nothing was done. The named server does.
    Moved(ServerId),
    /// Nothing was done. The client may ask again.
    TryAgain(&'static str),
    /// The outcome is unknown: it may have been done, or may be done later, or never.
    Unknown(&'static str),
    /// The description of this server.
    Status(Box<Status>),
    /// The index of the last entry that the state machine has applied, and a checksum of its state.
    Digest(Index, u32),
    /// The bytes of [`Question::Echo`].
    Echo(Bytes),
}

/// What a server says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The server.
    pub id: ServerId,
    /// Its role.
    pub role: RoleName,
    /// The latest term that it has seen.
    pub term: Term,
    /// The leader that it knows; `None` if it knows none, or does not show it.
    pub leader: Option<ServerId>,
    /// The highest index that it knows to be committed.
    pub commit_index: Index,
    /// The highest index that it has applied.
    pub last_applied: Index,
    /// The index of the last entry of its log.
    pub last_index: Index,
    /// The index of the last entry that it has compacted.
    pub base: Index,
    /// The configuration that it goes by.
    pub members: Members,
}

/// How a node is handed the events of a batch. To measure what batches are worth; a node must be right with each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Batches {
    /// All together, by [`handle_all`](protocol::Node::handle_all).
    #[default]
    Together,
    /// By the same, but each as a batch of its own.
    Single,
    /// Each by [`handle`](protocol::Node::handle), as if the node had no way of its own to handle several.
    Off,
}

impl Batches {
    /// The word for it on a command line.
    pub fn word(self) -> &'static str {
        match self {
            Batches::Together => "together",
            Batches::Single => "single",
            Batches::Off => "off",
        }
    }
}

impl FromStr for Batches {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let all = [Batches::Together, Batches::Single, Batches::Off];
        all.into_iter()
            .find(|it| it.word() == word)
            .ok_or_else(|| format!("--batches takes `together`, `single` or `off`, not `{word}`"))
    }
}

/// How much the core takes on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How the node is handed a batch.
    pub batches: Batches,
    /// At most this many inputs are handled in a turn, or heartbeats would wait.
    pub batch: usize,
    /// At most this many requests are kept for each peer, until their replies come.
    pub pending_requests: usize,
    /// At most this many bytes of requests are kept for each peer.
    pub pending_bytes: usize,
    /// At most this many requests of clients wait for the node. Further ones are answered that nothing was done.
    pub waiting_clients: usize,
    /// A client is answered after this time in any case.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            batches: Batches::Together,
            batch: 256,
            pending_requests: 512,
            pending_bytes: 48 << 20,
            waiting_clients: 4_096,
            patience: Duration::from_secs(5),
        }
    }
}

/// Which node a core drives, and for which server.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// The cluster. Messages of other clusters are dropped.
    pub cluster: u64,
    /// This server.
    pub id: ServerId,
    /// The number of this life, drawn at random when the process starts.
    pub boot: u64,
}

/// Why a server has stopped. Nothing leaves it any more.
#[derive(Debug)]
pub struct Stopped(pub(super) io::Error);

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.kind() == io::ErrorKind::StorageFull {
            return write!(
                f,
                "its disk is full ({}). Make room, and start it again: nothing that it has acknowledged is lost",
                self.0
            );
        }
        self.0.fmt(f)
    }
}

impl std::error::Error for Stopped {}

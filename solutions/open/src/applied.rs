//! The state machine and the clients' sessions: what the log has led to so far.

use std::collections::BTreeMap;
use std::io;

use protocol::{
    Bytes, ClientError, ClientId, Command, Entry, Index, Members, Payload, StateMachine,
};
use serde::{Deserialize, Serialize};

/// The state after the entries up to `index`.
#[derive(Debug)]
pub struct Applied {
    /// Figure 2's lastApplied.
    pub index: Index,
    /// The state machine.
    pub machine: Box<dyn StateMachine>,
    /// The bytes of the commands since the latest snapshot.
    pub new_bytes: usize,
    sessions: Sessions,
    max_sessions: usize,
}

/// The clients that have registered (dissertation §6.3).
type Sessions = BTreeMap<ClientId, Session>;

/// What is known of one of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Session {
    /// The serial number of its last command and the result (§8). A new session has none.
    last: Option<(u64, Bytes)>,
    /// The last entry that is about it: its registration or any of its commands, even a repeated one.
    used: Index,
}

/// What a client is answered.
pub type Answer = Result<Bytes, ClientError>;

/// What a snapshot holds in place of the entries (§7).
#[derive(Serialize, Deserialize)]
pub struct Contents {
    /// The configuration as of its last entry.
    pub members: Members,
    sessions: Sessions,
    machine: Bytes,
}

impl Contents {
    /// The contents in these bytes.
    ///
    /// # Errors
    /// If they are not a snapshot's.
    pub fn from_bytes(bytes: &[u8]) -> io::Result<Self> {
        postcard::from_bytes(bytes)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))
    }
}

impl Applied {
    /// Nothing is applied to this machine yet.
    pub fn new(machine: Box<dyn StateMachine>, max_sessions: usize) -> Self {
        let sessions = Sessions::new();
        Applied { index: Index(0), machine, new_bytes: 0, sessions, max_sessions }
    }

    /// The same state, in another machine.
    #[must_use]
    pub fn on(&self, mut machine: Box<dyn StateMachine>) -> Self {
        machine.restore(&self.machine.snapshot());
        Applied { machine, sessions: self.sessions.clone(), ..*self }
    }

    /// Applies the next entry and returns what its client is answered.
    ///
    /// # Errors
    /// If a command names a session that has ended, or its result is gone.
    pub fn apply(&mut self, entry: &Entry) -> Answer {
        self.index = self.index.next();
        self.new_bytes += entry.bytes();
        match &entry.payload {
            Payload::Command(command) => self.command(command),
            Payload::Register => Ok(self.register()),
            Payload::Members(_) | Payload::NoOp => Ok(Bytes::new()),
        }
    }

    /// Executes a command, unless it was executed before (§8) or its session has ended (dissertation §6.3).
    fn command(&mut self, command: &Command) -> Answer {
        let Some(named) = command.session else {
            return Ok(self.machine.apply(self.index, &command.bytes));
        };
        let session = self.sessions.get_mut(&named.client).ok_or(ClientError::SessionExpired)?;
        session.used = self.index;
        match &session.last {
            Some((serial, result)) if named.serial == *serial => Ok(result.clone()),
            // Its own result is gone, and the one that is kept belongs to a later command.
            Some((serial, _)) if named.serial < *serial => Err(ClientError::Unknown),
            _ => {
                let result = self.machine.apply(self.index, &command.bytes);
                session.last = Some((named.serial, result.clone()));
                Ok(result)
            }
        }
    }

    /// Opens a session, whose client is named after this entry (dissertation §6.3). For it, the one that the
    /// log has used least recently may have to go.
    fn register(&mut self) -> Bytes {
        let session = Session { last: None, used: self.index };
        self.sessions.insert(ClientId(self.index.0), session);
        if self.sessions.len() > self.max_sessions.max(1) {
            let oldest = self.sessions.iter().min_by_key(|(_, session)| session.used);
            let oldest = oldest.map(|(&client, _)| client);
            self.sessions.retain(|client, _| Some(*client) != oldest);
        }
        self.index.to_string().into()
    }

    /// The result of this very command, if it was the last that its client has had executed.
    pub fn repeated(&self, command: &Command) -> Option<Bytes> {
        let named = command.session?;
        let (serial, result) = self.sessions.get(&named.client)?.last.as_ref()?;
        (named.serial == *serial).then(|| result.clone())
    }

    /// This state and the configuration that belongs to it, as bytes.
    pub fn to_bytes(&self, members: Members) -> Bytes {
        let machine = self.machine.snapshot();
        let contents = Contents { members, sessions: self.sessions.clone(), machine };
        postcard::to_stdvec(&contents).expect("plain data can be written").into()
    }

    /// Replaces this state by that of a snapshot whose last entry has this index.
    pub fn restore(&mut self, index: Index, contents: Contents) {
        self.machine.restore(&contents.machine);
        self.sessions = contents.sessions;
        self.new_bytes = 0;
        self.index = index;
    }
}

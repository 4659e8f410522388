//! The state machine and the clients' sessions: what the log has led to so far.

use std::collections::BTreeMap;
use std::io;

use protocol::{Bytes, ClientId, Command, Entry, Index, Members, Payload, StateMachine};
use serde::{Deserialize, Serialize};

/// The state after the entries up to `index`.
#[derive(Debug)]
pub struct Applied {
    /// Figure 2's lastApplied.
    pub index: Index,
    /// The state machine.
    pub machine: Box<dyn StateMachine>,
    sessions: Sessions,
}

/// For each client, the serial number of its last command and the result (§8).
type Sessions = BTreeMap<ClientId, (u64, Bytes)>;

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
    pub fn new(machine: Box<dyn StateMachine>) -> Self {
        Applied { index: Index(0), machine, sessions: Sessions::new() }
    }

    /// The same state, in another machine.
    #[must_use]
    pub fn on(&self, mut machine: Box<dyn StateMachine>) -> Self {
        machine.restore(&self.machine.snapshot());
        Applied { index: self.index, machine, sessions: self.sessions.clone() }
    }

    /// Applies the next entry and returns the result of its command. A command that was executed before is
    /// not executed again (§8).
    pub fn apply(&mut self, entry: &Entry) -> Bytes {
        self.index = self.index.next();
        let Payload::Command(command) = &entry.payload else { return Bytes::new() };
        if let Some(result) = self.repeated(command) {
            return result;
        }
        let result = self.machine.apply(self.index, &command.bytes);
        if let Some(session) = command.session {
            self.sessions.insert(session.client, (session.serial, result.clone()));
        }
        result
    }

    /// The result of a command that was executed before.
    pub fn repeated(&self, command: &Command) -> Option<Bytes> {
        let session = command.session?;
        let (serial, result) = self.sessions.get(&session.client)?;
        (session.serial <= *serial).then(|| result.clone())
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
        self.index = index;
    }
}

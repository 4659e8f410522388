//! A server around another one, which leaves out what a server may leave out, or changes what it receives.

use std::fmt;
use std::io;

use protocol::{
    Disk, Effect, Entry, Event, Index, Members, Node, RoleName, ServerId, StateDigest,
    StateMachine, Term,
};

/// A server around another one. It prints what that one prints.
pub struct Around {
    server: Box<dyn Node>,
    offers: Offers,
    hears: fn(&dyn Node, Event) -> Event,
}

/// What a server around another one offers to explorations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offers {
    /// Nothing: it cannot be copied.
    Nothing,
    /// Copies. A state is known by what it prints.
    Copies,
}

impl Around {
    /// A server that does what `server` does, and offers this.
    #[must_use]
    pub fn offering(server: Box<dyn Node>, offers: Offers) -> Box<dyn Node> {
        Box::new(Around { server, offers, hears: |_, event| event })
    }

    /// A server that handles other events than those that happen.
    #[must_use]
    pub fn hearing(server: Box<dyn Node>, hears: fn(&dyn Node, Event) -> Event) -> Box<dyn Node> {
        Box::new(Around { server, offers: Offers::Copies, hears })
    }
}

impl fmt::Debug for Around {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.server.fmt(f)
    }
}

impl Node for Around {
    fn handle(&mut self, event: Event) -> io::Result<Vec<Effect>> {
        let event = (self.hears)(self.server.as_ref(), event);
        self.server.handle(event)
    }
    fn role(&self) -> RoleName {
        self.server.role()
    }
    fn current_term(&self) -> Term {
        self.server.current_term()
    }
    fn voted_for(&self) -> Option<ServerId> {
        self.server.voted_for()
    }
    fn base(&self) -> (Index, Term) {
        self.server.base()
    }
    fn last_index(&self) -> Index {
        self.server.last_index()
    }
    fn entry(&self, index: Index) -> Option<&Entry> {
        self.server.entry(index)
    }
    fn commit_index(&self) -> Index {
        self.server.commit_index()
    }
    fn last_applied(&self) -> Index {
        self.server.last_applied()
    }
    fn members(&self) -> &Members {
        self.server.members()
    }
    fn machine(&self) -> &dyn StateMachine {
        self.server.machine()
    }
    fn fork(&self, disk: Box<dyn Disk>, machine: Box<dyn StateMachine>) -> Option<Box<dyn Node>> {
        if self.offers == Offers::Nothing {
            return None;
        }
        let server = self.server.fork(disk, machine)?;
        Some(Box::new(Around { server, ..*self }))
    }
    fn digest(&self, _digest: &mut dyn StateDigest) -> bool {
        false
    }
}

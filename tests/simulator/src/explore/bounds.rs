//! What a search may do.

use protocol::{ClientRequest, Members, ServerId};

/// How many states are visited unless the bounds say otherwise. Each takes up to four kilobytes while it waits to be
/// looked at.
const STATES: usize = 200_000;

/// What a search may do, besides delivering messages and losing them. How long it takes is bounded by a number of
/// states and never by time, so that it ends in the same way on every machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// At most this many election timers run out. A leader's never does.
    pub elections: u8,
    /// At most this many heartbeat timers run out.
    pub heartbeats: u8,
    /// At most this many messages are delivered twice.
    pub duplicates: u8,
    /// At most this many leader leases run out: from then on their servers listen to candidates.
    pub quiet: u8,
    /// The servers whose election timers may run out; all if `None`.
    pub campaigners: Option<Members>,
    /// What clients ask, in this order: the server, and the request.
    pub clients: Vec<(ServerId, ClientRequest)>,
    /// The search ends after this many states.
    pub states: usize,
    /// Whether states that differ only in the numbers of calls count as the same. Right for servers that never
    /// look at these, wrong if they serve reads. Otherwise numbers are compared by their order.
    pub ignores_calls: bool,
    /// Whether a message that does nothing is delivered at once, and in no other order. That saves most states, but
    /// is not exact: the same message might do something later.
    pub quick: bool,
    /// Whether it must be possible in every state that a server becomes leader.
    pub live: Option<Live>,
}

/// What must be possible as long as some server's log is good enough to win an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Live {
    /// A leader.
    Leader,
    /// A leader, which commits a command.
    Commit,
}

impl Default for Bounds {
    /// Only messages are delivered, at most once.
    fn default() -> Self {
        Bounds {
            elections: 0,
            heartbeats: 0,
            duplicates: 0,
            quiet: 0,
            campaigners: None,
            clients: Vec::new(),
            states: STATES,
            ignores_calls: false,
            quick: false,
            live: None,
        }
    }
}

/// What is left of the bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Left {
    pub(super) elections: u8,
    pub(super) heartbeats: u8,
    pub(super) duplicates: u8,
    pub(super) quiet: u8,
    /// The number of requests that clients have sent.
    pub(super) asked: usize,
}

impl Left {
    pub(super) fn all(bounds: &Bounds) -> Self {
        let Bounds { elections, heartbeats, duplicates, quiet, .. } = *bounds;
        Left { elections, heartbeats, duplicates, quiet, asked: 0 }
    }
}

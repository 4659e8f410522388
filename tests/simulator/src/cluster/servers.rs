//! The servers of a run, their disks, and what is known of them.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use protocol::{Config, Entry, KeyValue, Members, Node, RoleName, ServerId, Setup, Term};

use super::crash_points::CrashPoints;
use super::initial::{InitialState, NodeFactory};
use crate::invariants::{FirstTimeouts, slot};
use crate::promises::Promises;
use crate::{Conduct, EventSummary, Invariants, Recorder, SimulatedDisk, Stop, Trace, guarded};

/// The servers of a run.
pub struct Cluster {
    pub(super) factory: NodeFactory,
    pub(super) config: Config,
    /// All servers, including those that wait to be added and those that were removed.
    pub(super) all: Rc<Members>,
    pub(super) first_members: Rc<Members>,
    pub(super) seed: u64,
    pub(super) servers: Vec<Server>,
    pub(super) invariants: Invariants,
    /// The number of events that were handled.
    pub(super) events: u64,
    /// Whether servers keep their state on disk: only then must a restart bring it back.
    pub durable: bool,
    /// Whether what a majority has acknowledged counts as committed. Only for servers that do not crash, in a
    /// cluster whose members stay the same.
    pub acknowledgements: bool,
    /// How much of the servers' conduct is judged, if any. Only for servers that have learned everything that it
    /// covers.
    pub conduct: Option<Conduct>,
    pub(super) first_timeouts: FirstTimeouts,
    /// The crash points found so far, if the run collects them.
    pub(super) crash_points: Option<CrashPoints>,
    /// The events so far, if the run keeps a trace.
    pub trace: Option<Trace>,
    /// What listens to the run, if it is recorded.
    pub(super) recorder: Option<Box<Recorder>>,
    /// The virtual time since the run began. It stays at zero in scripted runs.
    pub now: Duration,
}

#[derive(Debug)]
pub(super) struct Server {
    /// `None` while the server is down. Forks of a run share it, with its disk, until one of them changes it.
    pub(super) node: Option<Rc<dyn Node>>,
    /// Outlives the node.
    pub(super) disk: SimulatedDisk,
    /// How many times the server was restarted.
    pub(super) incarnation: u32,
    pub(super) promises: Promises,
    /// Whether its disk has lost what was durable, so that the server may have forgotten everything.
    pub(super) wiped: bool,
    /// The error with which it gave up, if that is why it is down.
    pub(super) gave_up: Option<String>,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("servers", &self.servers).finish_non_exhaustive()
    }
}

impl Cluster {
    /// Servers S1 to S`count`, each in its state in `given` or new. They are members of one cluster, except
    /// those that wait to be added. Their first event must be [`Event::Start`](protocol::Event::Start).
    ///
    /// # Errors
    /// If a server cannot be made, or the given states contradict each other.
    pub fn new(
        count: u64,
        config: Config,
        seed: u64,
        factory: NodeFactory,
        given: &BTreeMap<ServerId, InitialState>,
    ) -> Result<Self, Stop> {
        let all: Members = (1..=count).map(ServerId).collect();
        let waits = |id: &ServerId| given.get(id).is_some_and(|given| given.waits);
        let first_members = all.iter().copied().filter(|id| !waits(id)).collect::<Members>();
        let mut cluster = Cluster {
            factory,
            config,
            all: Rc::new(all.clone()),
            first_members: Rc::new(first_members),
            seed,
            servers: Vec::new(),
            invariants: Invariants::new(count),
            events: 0,
            durable: false,
            acknowledgements: false,
            conduct: None,
            first_timeouts: FirstTimeouts::default(),
            crash_points: None,
            trace: None,
            recorder: None,
            now: Duration::ZERO,
        };
        for &id in &all {
            let disk = SimulatedDisk::new();
            let given = given.get(&id).cloned().unwrap_or_default();
            let node = cluster.make(id, &disk, given)?;
            cluster.servers.push(Server {
                node: Some(node.into()),
                disk,
                incarnation: 0,
                promises: Promises::default(),
                wiped: false,
                gave_up: None,
            });
            let Cluster { servers, invariants, .. } = &mut cluster;
            if let Some(node) = &servers[slot(id)].node {
                invariants.introduce(id, node.as_ref(), 0)?;
            }
        }
        Ok(cluster)
    }

    pub(super) fn make(
        &self,
        id: ServerId,
        disk: &SimulatedDisk,
        given: InitialState,
    ) -> Result<Box<dyn Node>, Stop> {
        let setup = Setup {
            id,
            members: self.first_members_of(id),
            config: self.config.clone(),
            seed: crate::network::stream_seed(self.seed, id.0),
            disk: Box::new(disk.clone()),
            machine: Box::new(KeyValue::new()),
        };
        guarded(|| (self.factory)(setup, given)).map_err(|panicked| Stop::Panic {
            server: id,
            told: EventSummary::Start,
            panicked: Box::new(panicked),
        })
    }

    /// All servers: members, those that wait to be added, and those that were removed.
    pub fn servers(&self) -> &Members {
        &self.all
    }

    /// The configuration in force (§6): the newest leader's. While there is no leader, the one with which the
    /// cluster began.
    pub fn members(&self) -> &Members {
        let leader = self.leaders().first().and_then(|&(_, leader)| self.node(leader));
        leader.map_or(&self.first_members, Node::members)
    }

    /// The configuration that a server is started with, which is empty for one that waits to be added.
    pub fn first_members_of(&self, id: ServerId) -> Members {
        if self.first_members.contains(&id) {
            self.first_members.as_ref().clone()
        } else {
            Members::new()
        }
    }

    /// The servers' timeouts and limits.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// A server's node, unless the server is down or unknown.
    pub fn node(&self, id: ServerId) -> Option<&dyn Node> {
        self.servers.get(slot(id))?.node.as_deref()
    }

    /// Whether a server is up.
    pub fn is_up(&self, id: ServerId) -> bool {
        self.node(id).is_some()
    }

    /// How many times a server was restarted.
    pub fn incarnation(&self, id: ServerId) -> u32 {
        self.servers.get(slot(id)).map_or(0, |server| server.incarnation)
    }

    /// A server's disk, which is there even while the server is down.
    pub fn disk(&self, id: ServerId) -> Option<&SimulatedDisk> {
        Some(&self.servers.get(slot(id))?.disk)
    }

    /// The number of events that servers have handled.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The history of the cluster as the invariants have seen it.
    pub fn invariants(&self) -> &Invariants {
        &self.invariants
    }

    /// A server's log from index 1 on, including the entries that it has compacted since.
    pub fn log(&self, id: ServerId) -> &[Entry] {
        &self.invariants.seen(id).log
    }

    /// All current leaders, each with its term, the highest term first. There may be several: a leader that was
    /// deposed may not know it yet.
    pub fn leaders(&self) -> Vec<(Term, ServerId)> {
        let mut leaders: Vec<_> = self
            .all
            .iter()
            .filter_map(|&id| self.node(id).map(|node| (id, node)))
            .filter(|(_, node)| node.role() == RoleName::Leader)
            .map(|(id, node)| (node.current_term(), id))
            .collect();
        leaders.sort_unstable_by(|a, b| b.cmp(a));
        leaders
    }
}

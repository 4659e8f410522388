//! The servers of a run: carries events to them, and looks at them after each.

mod crash_points;
mod durable;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use protocol::{
    Bytes, ClientError, Config, Effect, Entry, Event, Index, KeyValue, Members, Node, Request,
    RoleName, ServerId, Setup, Term,
};
use serde::Serialize;

use crate::invariants::{Changed, position, slot};
use crate::promises::Promises;
use crate::{
    Breach, Happened, Invariants, Panicked, Property, SimulatedDisk, Told, Trace, Traced, guarded,
};

pub use crash_points::{CrashPoint, CrashPoints};

/// Makes a server of the kind under test, in the state given.
pub type Boot = Arc<dyn Fn(Setup, Given) -> Box<dyn Node> + Send + Sync>;

/// The state in which a server begins. The default is a server that was never started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Its term.
    pub current_term: Term,
    /// Its vote in that term.
    pub voted_for: Option<ServerId>,
    /// Its log, from index 1 on.
    pub log: Vec<Entry>,
    /// What it knows to be committed.
    pub commit_index: Index,
    /// What it is.
    pub role: GivenRole,
    /// It waits to be added to the cluster (§6): the first configuration of the others is without it, and
    /// its own has nobody in it.
    pub waits: bool,
}

/// The role in which a server begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GivenRole {
    /// A follower, perhaps of a known leader.
    Follower(Option<ServerId>),
    /// A candidate with the votes of these, itself among them.
    Candidate(Members),
    /// The leader of its term.
    Leader,
}

impl Default for GivenRole {
    fn default() -> Self {
        GivenRole::Follower(None)
    }
}

/// What a client was told.
pub type ClientAnswer = Result<Bytes, ClientError>;

/// Why a run ended early.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Stop {
    /// A property did not hold.
    Breach(Box<Breach>),
    /// A server panicked.
    Panic {
        /// Which one.
        server: ServerId,
        /// What it had been told.
        told: Told,
        /// The panic.
        panicked: Box<Panicked>,
    },
    /// A server said that it cannot go on.
    Failed {
        /// Which one.
        server: ServerId,
        /// Its error.
        error: String,
    },
    /// Events follow upon events, and no time passes.
    Endless {
        /// The time at which the run stood still.
        at: Duration,
        /// How many events there were at that time.
        events: u64,
        /// What happened most, and how often.
        mostly: Vec<(String, u64)>,
    },
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Breach(breach) => breach.fmt(f),
            Stop::Panic { server, panicked, .. } => match &panicked.todo {
                Some(exercise) => write!(f, "{server} needs exercise {exercise}"),
                None => write!(
                    f,
                    "{server} panicked: {} ({}:{})",
                    panicked.message, panicked.file, panicked.line
                ),
            },
            Stop::Failed { server, error } => write!(f, "{server} gave up: {error}"),
            Stop::Endless { at, events, mostly } => {
                write!(f, "{events} events at {} ms, and no time passes", at.as_millis())?;
                mostly.iter().try_for_each(|(what, times)| write!(f, "; {times} times {what}"))
            }
        }
    }
}

impl std::error::Error for Stop {}

impl From<Breach> for Stop {
    fn from(breach: Breach) -> Self {
        Stop::Breach(Box::new(breach))
    }
}

/// The servers of a run.
pub struct Cluster {
    boot: Boot,
    config: Config,
    /// All servers, also those that wait or were removed.
    all: Members,
    /// Those that the first configuration is made of.
    first_members: Members,
    seed: u64,
    servers: Vec<Server>,
    invariants: Invariants,
    events: u64,
    /// Whether servers keep their state on disk: only then must a restart bring it back.
    pub durable: bool,
    /// What was found about crashes inside of writes, if that is to be found out.
    crash_points: Option<CrashPoints>,
    /// What has happened, if it is to be told.
    pub trace: Option<Trace>,
    /// The present.
    pub now: Duration,
}

#[derive(Debug)]
struct Server {
    node: Option<Box<dyn Node>>,
    disk: SimulatedDisk,
    incarnation: u32,
    promises: Promises,
    /// Why it is down, if it has given up.
    gave_up: Option<String>,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("servers", &self.servers).finish_non_exhaustive()
    }
}

impl Cluster {
    /// Servers S1 to S`count`, each as `given` for it or new: members of one cluster, but for those that
    /// wait to be added. Their first event is [`Event::Start`], which is yet to come.
    ///
    /// # Errors
    /// If a server cannot be made, or the given states contradict each other.
    pub fn new(
        count: u64,
        config: Config,
        seed: u64,
        boot: Boot,
        given: &BTreeMap<ServerId, Given>,
    ) -> Result<Self, Stop> {
        let all: Members = (1..=count).map(ServerId).collect();
        let waits = |id: &ServerId| given.get(id).is_some_and(|given| given.waits);
        let first_members = all.iter().copied().filter(|id| !waits(id)).collect();
        let mut cluster = Cluster {
            boot,
            config,
            all: all.clone(),
            first_members,
            seed,
            servers: Vec::new(),
            invariants: Invariants::new(count),
            events: 0,
            durable: false,
            crash_points: None,
            trace: None,
            now: Duration::ZERO,
        };
        for &id in &all {
            let disk = SimulatedDisk::new();
            let given = given.get(&id).cloned().unwrap_or_default();
            let node = cluster.make(id, &disk, given)?;
            cluster.servers.push(Server {
                node: Some(node),
                disk,
                incarnation: 0,
                promises: Promises::default(),
                gave_up: None,
            });
            let Cluster { servers, invariants, .. } = &mut cluster;
            if let Some(node) = &servers[slot(id)].node {
                invariants.introduce(id, node.as_ref(), 0)?;
            }
        }
        Ok(cluster)
    }

    fn make(
        &self,
        id: ServerId,
        disk: &SimulatedDisk,
        given: Given,
    ) -> Result<Box<dyn Node>, Stop> {
        let setup = Setup {
            id,
            members: self.first_members_of(id),
            config: self.config.clone(),
            seed: crate::network::stream_seed(self.seed, id.0),
            disk: Box::new(disk.clone()),
            machine: Box::new(KeyValue::new()),
        };
        guarded(|| (self.boot)(setup, given)).map_err(|panicked| Stop::Panic {
            server: id,
            told: Told::Start,
            panicked: Box::new(panicked),
        })
    }

    /// All servers: members, those that wait to be added, and those that were removed.
    pub fn servers(&self) -> &Members {
        &self.all
    }

    /// The configuration in force (§6): the one that the newest leader goes by. While nobody leads, the one
    /// with which the cluster began.
    pub fn members(&self) -> &Members {
        let leader = self.leaders().first().and_then(|&(_, leader)| self.node(leader));
        leader.map_or(&self.first_members, Node::members)
    }

    /// The configuration that a server is started with: none for one that waits to be added.
    pub fn first_members_of(&self, id: ServerId) -> Members {
        if self.first_members.contains(&id) { self.first_members.clone() } else { Members::new() }
    }

    /// The times and limits of its servers.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// A server, unless it is down or unknown.
    pub fn node(&self, id: ServerId) -> Option<&dyn Node> {
        self.servers.get(slot(id))?.node.as_deref()
    }

    /// Whether a server is up.
    pub fn is_up(&self, id: ServerId) -> bool {
        self.node(id).is_some()
    }

    /// How often a server was started again.
    pub fn incarnation(&self, id: ServerId) -> u32 {
        self.servers.get(slot(id)).map_or(0, |server| server.incarnation)
    }

    /// A server's disk.
    pub fn disk(&self, id: ServerId) -> Option<&SimulatedDisk> {
        Some(&self.servers.get(slot(id))?.disk)
    }

    /// How many events were handled.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// What is known of the cluster as a whole.
    pub fn invariants(&self) -> &Invariants {
        &self.invariants
    }

    /// The log of a server from index 1 on, as it was seen to grow.
    pub fn log(&self, id: ServerId) -> &[Entry] {
        &self.invariants.seen(id).log
    }

    /// The servers that lead, each with its term, the highest term first.
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

    /// Lets a server take in an event, looks at it, and gives what it wants done. If machine or process go
    /// down inside of the event, or the server gives up since its disk has failed, it is down afterwards,
    /// and nothing of what it wanted is done.
    ///
    /// # Errors
    /// If the server panics, or gives up without a reason, or a property does not hold afterwards.
    pub fn handle(&mut self, id: ServerId, event: Event) -> Result<Vec<Effect>, Stop> {
        let touched = touched(&event);
        self.events += 1;
        self.record(|| Happened::Event { server: id, event: event.clone() });
        let interrupted = self.interrupted(id, &event);
        let Some(server) = self.servers.get_mut(slot(id)) else { return Ok(Vec::new()) };
        let Some(node) = server.node.as_mut() else { return Ok(Vec::new()) };
        let told = Told::from(&event);
        let handled = guarded(|| node.handle(event));
        if server.disk.is_down() {
            self.went_down(id, &interrupted);
            return Ok(Vec::new());
        }
        let effects = match handled.map_err(|panicked| Stop::Panic {
            server: id,
            told,
            panicked: Box::new(panicked),
        })? {
            Ok(effects) => effects,
            Err(error) if server.disk.has_failed() => {
                return self.gave_up(id, error.to_string(), &interrupted).map(|()| Vec::new());
            }
            Err(error) => return Err(Stop::Failed { server: id, error: error.to_string() }),
        };
        if told == Told::Start {
            self.came_back(id)?;
        }
        let Cluster { servers, invariants, events, .. } = self;
        let Some(node) = &servers[slot(id)].node else { return Ok(Vec::new()) };
        let changed = invariants.observe(id, node.as_ref(), *events, touched)?;
        one_answer(id, told, &effects, self.events)?;
        self.keep_promises(id, &interrupted, &effects, changed)?;
        if changed.any() && self.trace.is_some() {
            self.record_change(id, changed);
        }
        Ok(effects)
    }

    /// Compares every log in full with what was seen of it.
    ///
    /// # Errors
    /// The first property that does not hold.
    pub fn audit(&mut self) -> Result<(), Stop> {
        for (id, server) in self.all.iter().zip(&self.servers) {
            if let Some(node) = &server.node {
                self.invariants.audit(*id, node.as_ref(), self.events)?;
            }
        }
        Ok(())
    }

    /// Notes what happened, if there is a trace.
    pub(crate) fn record(&mut self, what: impl FnOnce() -> Happened) {
        let now = self.now;
        if let Some(trace) = &mut self.trace {
            trace.push(Traced { time: now, what: what() });
        }
    }

    fn record_change(&mut self, id: ServerId, changed: Changed) {
        let seen = self.invariants.seen(id);
        let (log_from, log) = match changed.log {
            Some(first) => (Some(first), seen.log[position(first)..].to_vec()),
            None => (None, Vec::new()),
        };
        let what = Happened::Changed {
            server: id,
            role: seen.role,
            current_term: seen.current_term,
            voted_for: seen.voted_for,
            commit_index: seen.commit_index,
            last_applied: seen.last_applied,
            log_from,
            log,
        };
        self.record(|| what);
    }
}

/// The entries that an event brings: where a log may change without its end changing.
fn touched(event: &Event) -> Option<(Index, Index)> {
    match event {
        Event::Request { request: Request::AppendEntries(r), .. } if !r.entries.is_empty() => {
            let first = r.prev_log_index.next();
            Some((first, Index(first.0 + r.entries.len() as u64 - 1)))
        }
        Event::Start => Some((Index(1), Index(u64::MAX))),
        _ => None,
    }
}

/// A request is answered once, while it is handled, by a reply of its kind.
fn one_answer(id: ServerId, told: Told, effects: &[Effect], event: u64) -> Result<(), Breach> {
    let mut answers = effects.iter().filter_map(|effect| match effect {
        Effect::Answer { call, to, reply } => Some((*call, *to, reply)),
        _ => None,
    });
    let what = match (told, answers.next(), answers.next()) {
        (Told::Request { .. }, Some(_), Some(_)) => format!("{id} answered {told} twice"),
        (Told::Request { .. }, None, _) => format!("{id} gave no answer to {told}"),
        (Told::Request { call, from, kind, .. }, Some((answered, to, reply)), None) => {
            if (answered, to) != (call, from) {
                format!("{id} was asked by {from} ({call}) and answered {to} ({answered})")
            } else if kind.rpc != reply.name() {
                format!("{id} answered {told} as if it were {}", reply.name())
            } else {
                return Ok(());
            }
        }
        (_, Some((_, to, _)), _) => format!("{id} answered {to}, which had not asked"),
        (_, None, _) => return Ok(()),
    };
    let breach = Breach {
        property: Property::OneAnswer,
        servers: vec![id],
        terms: Vec::new(),
        index: None,
        event,
        what,
    };
    Err(breach)
}

/// A client's answer as text.
pub(crate) fn printable(answer: &ClientAnswer) -> Result<String, ClientError> {
    answer.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).map_err(|&error| error)
}

//! A world that a virtual clock moves, with faults drawn from a seed.

mod asking;
mod nemesis;
mod standstill;
mod stretch;
mod timers;
mod world;

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::{Config, Event, RequestId, RoleName, ServerId, Timer};
use rand_chacha::ChaCha8Rng;

use crate::agenda::{Agenda, DueTime};
use crate::clients::{Clients, Repeat};
use crate::in_flight::InFlight;
use crate::invariants::slot;
use crate::network::stream;
use crate::world::World;
use crate::{
    Cluster, EventSummary, Faults, InitialState, Links, NodeFactory, Operation, Stop, TraceEvent,
    Workload,
};

pub use stretch::Outside;

use standstill::Standstill;
use timers::{Expiry, Timers};

/// The numbers of the streams of random numbers that a run draws from. Each purpose has a stream of its own: one more
/// draw in one place must not change what happens everywhere else.
mod streams {
    pub(super) const NEMESIS: u64 = 100;
    pub(super) const CLIENTS: u64 = 101;
    pub(super) const DISKS: u64 = 102;
    pub(super) const SESSIONS: u64 = 103;
    /// The first link's; each link has one. Streams 1 to 9 seed the servers.
    pub(super) const LINKS: u64 = 1_000;
}

/// What decides a timed run: the same options and the same servers give the same run.
#[derive(Clone, Debug)]
pub struct TimedOptions {
    /// The number of servers, including those that wait to be added.
    pub servers: u64,
    /// The servers' timeouts and limits.
    pub config: Config,
    /// The seed of every random draw.
    pub seed: u64,
    /// The faults that happen until [`Timed::set_faults`] or [`Timed::heal`].
    pub faults: Faults,
    /// Whether to keep a trace. It costs about as much time as the run itself.
    pub trace: bool,
}

/// A world that a virtual clock moves. See the [crate documentation](crate).
#[derive(Debug)]
pub struct Timed {
    /// The servers.
    pub cluster: Cluster,
    agenda: Agenda<AgendaItem>,
    links: Links,
    faults: Faults,
    /// The links whose messages meet faults of their own, by their place in `link_rngs`.
    link_faults: Vec<Option<Box<Faults>>>,
    /// Counts how often the faults were changed. What earlier faults have left on the agenda is ignored.
    fault_epoch: u32,
    /// For each link, the stream that decides about its messages.
    link_rngs: Vec<ChaCha8Rng>,
    /// Decides about partitions and crashes.
    nemesis_rng: ChaCha8Rng,
    /// Decides about disk faults, and about what a crash leaves on a disk.
    disk_rng: ChaCha8Rng,
    clients: Clients,
    in_flight: InFlight,
    timers: Timers,
    sent: u64,
    standstill: Standstill,
}

/// An item of the agenda, kept small because the agenda moves it around. Faults carry the epoch in which they were
/// planned.
#[derive(Clone, Copy, Debug)]
enum AgendaItem {
    Start(ShortId),
    /// The message in this slot of those in flight arrives.
    Deliver(u32),
    Timeout(ShortId, Timer),
    Partition {
        epoch: u32,
    },
    Crash {
        epoch: u32,
    },
    Disk {
        epoch: u32,
    },
    Command {
        epoch: u32,
    },
    Change {
        epoch: u32,
    },
    Repeat(Repeat),
}

/// The number of a server of a run, which has a few.
#[derive(Clone, Copy, Debug)]
struct ShortId(u32);

impl From<ServerId> for ShortId {
    fn from(id: ServerId) -> Self {
        ShortId(u32::try_from(id.0).unwrap_or(u32::MAX))
    }
}

impl From<ShortId> for ServerId {
    fn from(id: ShortId) -> Self {
        ServerId(u64::from(id.0))
    }
}

impl Timed {
    /// A world with servers that have just been started, all of them members of one cluster.
    ///
    /// # Errors
    /// If a server cannot be made.
    pub fn new(options: TimedOptions, factory: NodeFactory) -> Result<Self, Stop> {
        Self::given(options, factory, &BTreeMap::new())
    }

    /// A world with servers that have just been started, each in the state in `given` or new.
    ///
    /// # Errors
    /// If a server cannot be made, or the given states contradict each other.
    pub fn given(
        options: TimedOptions,
        factory: NodeFactory,
        given: &BTreeMap<ServerId, InitialState>,
    ) -> Result<Self, Stop> {
        let TimedOptions { servers, config, seed, faults, trace } = options;
        let mut cluster = Cluster::new(servers, config, seed, factory, given)?;
        cluster.trace = trace.then(Vec::new);
        // One more than the last server's slot: as many as there are servers.
        let count = slot(ServerId(servers + 1));
        let mut world = Timed {
            cluster,
            agenda: Agenda::new(),
            links: Links::open(count),
            faults: Faults::calm(),
            link_faults: vec![None; count * count],
            fault_epoch: 0,
            link_rngs: (0..servers * servers)
                .map(|link| stream(seed, streams::LINKS + link))
                .collect(),
            nemesis_rng: stream(seed, streams::NEMESIS),
            disk_rng: stream(seed, streams::DISKS),
            clients: Clients::new(stream(seed, streams::CLIENTS), stream(seed, streams::SESSIONS)),
            in_flight: InFlight::default(),
            timers: Timers::new(count),
            sent: 0,
            standstill: Standstill::default(),
        };
        for id in (1..=servers).map(ServerId) {
            world.agenda.schedule(Duration::ZERO, AgendaItem::Start(id.into()));
        }
        world.set_faults(faults);
        Ok(world)
    }

    /// The virtual time since the run began.
    pub fn now(&self) -> Duration {
        self.cluster.now
    }

    /// From now on messages of `from` to `to` meet these faults, until [`Timed::set_faults`]. Of `faults`,
    /// only what concerns messages counts.
    pub fn set_link_faults(&mut self, from: ServerId, to: ServerId, faults: Faults) {
        let link = self.link(from, to);
        self.link_faults[link] = Some(Box::new(faults));
    }

    /// From now on these faults happen, on every link, and no others. Links that are cut stay cut.
    pub fn set_faults(&mut self, faults: Faults) {
        self.link_faults.fill(None);
        self.faults = faults;
        self.slow_links_down();
        self.fault_epoch += 1;
        let epoch = self.fault_epoch;
        let faults = self.faults.clone();
        self.later(faults.partition_every, AgendaItem::Partition { epoch });
        self.later(faults.crash_every, AgendaItem::Crash { epoch });
        self.later(faults.command_every, AgendaItem::Command { epoch });
        self.later(faults.change_every, AgendaItem::Change { epoch });
        self.later_with_disks(faults.disk_every, epoch);
    }

    /// Heals the network, repairs the disks, restarts the servers that are down, and ends all faults. Clients
    /// continue as before.
    ///
    /// # Errors
    /// If a server cannot be restarted.
    pub fn heal(&mut self) -> Result<(), Stop> {
        let command_every = self.faults.command_every;
        self.links.heal();
        self.cluster.record(|| TraceEvent::Healed);
        self.cluster.record_links(&self.links);
        for id in self.cluster.servers().clone() {
            self.cluster.repair(id);
            self.restart(id)?;
        }
        self.set_faults(Faults { command_every, ..Faults::calm() });
        Ok(())
    }

    /// Runs until servers have handled `events` more events.
    ///
    /// # Errors
    /// If the run ends early.
    pub fn run_events(&mut self, events: u64) -> Result<(), Stop> {
        let end = self.cluster.events() + events;
        while self.cluster.events() < end && self.step()? {}
        Ok(())
    }

    /// Runs for this much virtual time.
    ///
    /// # Errors
    /// If the run ends early.
    pub fn run_for(&mut self, time: Duration) -> Result<(), Stop> {
        let end = self.cluster.now + time;
        while self.agenda.next_time().is_some_and(|next| next <= end) {
            self.step()?;
        }
        self.cluster.now = end;
        Ok(())
    }

    /// Runs until `done` holds, for at most `bound` of virtual time. Returns whether it holds.
    ///
    /// # Errors
    /// If the run ends early.
    pub fn run_until(
        &mut self,
        bound: Duration,
        mut done: impl FnMut(&Cluster) -> bool,
    ) -> Result<bool, Stop> {
        self.run_until_here(bound, |world| done(&world.cluster))
    }

    /// The same for a condition that concerns links or clients too.
    ///
    /// # Errors
    /// If the run ends early.
    pub fn run_until_here(
        &mut self,
        bound: Duration,
        mut done: impl FnMut(&Timed) -> bool,
    ) -> Result<bool, Stop> {
        let end = self.cluster.now + bound;
        while !done(self) {
            if self.agenda.next_time().is_none_or(|next| next > end) {
                return Ok(false);
            }
            self.step()?;
        }
        Ok(true)
    }

    /// The leader, if the whole cluster agrees on it: it is leader of the newest term, and every other member of its
    /// configuration is up, in its term, and a follower.
    pub fn agreed_leader(cluster: &Cluster) -> Option<ServerId> {
        let &(term, leader) = cluster.leaders().first()?;
        let agree = cluster.members().iter().all(|&id| {
            cluster.node(id).is_some_and(|node| {
                node.current_term() == term && (id == leader || node.role() == RoleName::Follower)
            })
        });
        agree.then_some(leader)
    }

    /// The number of client requests that ended with a result, and of those that ended with an error.
    pub fn ended(&self) -> (u64, u64) {
        self.clients.ended()
    }

    /// From now on clients send this workload.
    pub fn set_workload(&mut self, workload: Workload) {
        self.clients.workload = workload;
    }

    /// The number of queries that ended with a result.
    pub fn read(&self) -> u64 {
        self.clients.read()
    }

    /// The newest request of a client so far.
    pub fn newest_request(&self) -> RequestId {
        self.clients.newest_request()
    }

    /// The newest request for a command that ended with a result.
    pub fn newest_result(&self) -> RequestId {
        self.clients.newest_result()
    }

    /// The number of commands that clients gave up because their session had ended.
    pub fn expired(&self) -> u64 {
        self.clients.expired()
    }

    /// Whether a client still repeats its request because it has heard no result.
    pub fn repeating(&self) -> bool {
        self.clients.repeating()
    }

    /// The requests that were never answered although their server has not crashed since.
    pub fn unanswered(&self) -> Vec<RequestId> {
        self.clients.unanswered(&self.cluster)
    }

    /// The requests of clients and their results, for [`linearizability`](crate::linearizability).
    pub fn history(&self) -> Vec<Operation> {
        self.clients.history()
    }

    /// Does what is due next. Returns false if nothing ever will be.
    fn step(&mut self) -> Result<bool, Stop> {
        let Some((when, due)) = self.agenda.pop() else { return Ok(false) };
        self.cluster.now = when.time();
        self.standstill.count(when.time())?;
        if self.standstill.is_near() {
            self.standstill.note(self.describe(due));
        }
        let current = self.fault_epoch;
        match due {
            AgendaItem::Start(id) => self.tell(id.into(), Event::Start, None)?,
            AgendaItem::Deliver(slot) => self.deliver(slot)?,
            AgendaItem::Timeout(id, timer) => self.timeout(when, id.into(), timer)?,
            AgendaItem::Partition { epoch } if epoch == current => self.change_partition(epoch),
            AgendaItem::Crash { epoch } if epoch == current => self.crash_or_restart(epoch)?,
            AgendaItem::Disk { epoch } if epoch == current => self.plan_disk_fault(epoch),
            AgendaItem::Command { epoch } if epoch == current => self.send_command(epoch)?,
            AgendaItem::Change { epoch } if epoch == current => self.ask_for_change(epoch)?,
            AgendaItem::Repeat(repeat) => {
                let action = self.clients.again(repeat, &self.cluster);
                self.client_acts(action)?;
            }
            // Planned under faults that are no longer in force.
            AgendaItem::Partition { .. }
            | AgendaItem::Crash { .. }
            | AgendaItem::Disk { .. }
            | AgendaItem::Command { .. }
            | AgendaItem::Change { .. } => {}
        }
        Ok(true)
    }

    fn describe(&self, due: AgendaItem) -> String {
        match due {
            AgendaItem::Start(id) => format!("start of {}", ServerId::from(id)),
            AgendaItem::Deliver(slot) => self.in_flight.describe(slot),
            AgendaItem::Timeout(id, timer) => {
                format!("{} of {}", EventSummary::Timeout(timer), ServerId::from(id))
            }
            AgendaItem::Partition { .. } => "partition".to_owned(),
            AgendaItem::Crash { .. } => "crash".to_owned(),
            AgendaItem::Disk { .. } => "disk".to_owned(),
            AgendaItem::Command { .. } => "client command".to_owned(),
            AgendaItem::Change { .. } => "change of members".to_owned(),
            AgendaItem::Repeat(_) => "repeated client command".to_owned(),
        }
    }

    /// Where a link's stream is in `link_rngs`.
    fn link(&self, from: ServerId, to: ServerId) -> usize {
        slot(from) * self.timers.servers() + slot(to)
    }

    fn deliver_after(&mut self, nanos: u64, slot: u32) {
        let when = self.agenda.place_after(self.cluster.now, nanos);
        self.agenda.put(when, AgendaItem::Deliver(slot));
    }

    fn deliver(&mut self, slot: u32) -> Result<(), Stop> {
        match self.in_flight.take(slot) {
            Some(message) => self.arrive(message),
            None => Ok(()),
        }
    }

    fn timeout(&mut self, when: DueTime, id: ServerId, timer: Timer) -> Result<(), Stop> {
        match self.timers.expire(id, timer, when) {
            Expiry::Fires => self.tell(id, Event::Timeout(timer), None),
            Expiry::PutOff(armed) => {
                self.agenda.put(armed, AgendaItem::Timeout(id.into(), timer));
                Ok(())
            }
            Expiry::Stale => Ok(()),
        }
    }
}

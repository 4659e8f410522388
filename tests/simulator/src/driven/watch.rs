//! Checks servers that somebody else moves: Figure 3 after each event, and what the disk keeps whenever something
//! leaves a server.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use protocol::{
    Config, Disk, Effect, Entry, Event, Index, Internals, KeyValue, Members, Node, RoleName,
    ServerId, Setup, StateMachine, Term,
};

use super::batches;
use super::wrong::Wrong;
use crate::cluster::one_answer;
use crate::invariants::{Changes, slot};
use crate::promises::{Acknowledgement, EventOutcome, Promises, counts_itself};
use crate::{EventSummary, InitialState, Invariants, NodeFactory, SimulatedDisk};

/// The servers of a run with drivers, as the judge knows them. Clones share them.
#[derive(Clone)]
pub struct Watch(Rc<RefCell<Judge>>);

struct Judge {
    factory: NodeFactory,
    config: Config,
    seed: u64,
    members: Members,
    invariants: Invariants,
    servers: Vec<Watched>,
    /// Whether servers keep on disk what they promise.
    durable: bool,
    events: u64,
    wrong: Option<Wrong>,
}

/// What is known of one server.
#[derive(Debug, Default)]
struct Watched {
    disk: SimulatedDisk,
    lives: u32,
    /// What it will have promised when everything that it has said has left.
    said: Promises,
    /// What it has promised others: what has left.
    promised: Promises,
    /// The first entry that was replaced since something left.
    replaced: Option<Index>,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("servers", &self.0.borrow().servers).finish_non_exhaustive()
    }
}

impl Watch {
    /// For servers S1 to S`servers`, which `factory` makes.
    pub fn new(servers: u64, config: Config, seed: u64, factory: NodeFactory) -> Self {
        Watch(Rc::new(RefCell::new(Judge {
            factory,
            config,
            seed,
            members: (1..=servers).map(ServerId).collect(),
            invariants: Invariants::new(servers),
            servers: (0..servers).map(|_| Watched::default()).collect(),
            durable: true,
            events: 0,
            wrong: None,
        })))
    }

    /// The same for servers that keep nothing on disk. They must not crash.
    #[must_use]
    pub fn without_disks(self) -> Self {
        self.0.borrow_mut().durable = false;
        self
    }

    /// A server for its driver to start, from what its disk holds. `wrap` puts the driver's disk around its own.
    pub fn server(
        &self,
        id: ServerId,
        wrap: impl FnOnce(SimulatedDisk) -> Box<dyn Disk>,
    ) -> Box<dyn Node> {
        let mut judge = self.0.borrow_mut();
        let disk = judge.servers[slot(id)].disk.clone();
        disk.start();
        let inner = judge.make(id, wrap(disk.clone()));
        let server = &mut judge.servers[slot(id)];
        server.lives += 1;
        if server.lives > 1 {
            let (term, vote) = server.promised.term_and_vote();
            judge.invariants.restarting(id, term, vote);
        }
        Box::new(WatchedNode { inner, id, disk, judge: self.0.clone() })
    }

    /// Everything that a server's driver has held back leaves now: a crash must not take away what it rests on.
    pub fn left(&self, id: ServerId) {
        let mut judge = self.0.borrow_mut();
        let judged = judge.left(id);
        judge.note(judged);
    }

    /// A server goes down. Whatever has not left it is forgotten. Of each file, `torn` bytes survive that were not
    /// synced.
    pub fn crash(&self, id: ServerId, torn: usize) {
        let mut judge = self.0.borrow_mut();
        let server = &mut judge.servers[slot(id)];
        server.said = server.promised.clone();
        if let Some(first) = server.replaced.take() {
            server.said.replaced(first);
            server.promised.replaced(first);
        }
        server.disk.crash(torn);
        let judged = judge.test(id);
        judge.note(judged);
    }

    /// A server's disk.
    pub fn disk(&self, id: ServerId) -> SimulatedDisk {
        self.0.borrow().servers[slot(id)].disk.clone()
    }

    /// The number of events that servers have handled.
    pub fn events(&self) -> u64 {
        self.0.borrow().events
    }

    /// The highest index that any server has committed.
    pub fn committed(&self) -> Index {
        self.0.borrow().invariants.committed()
    }

    /// Whether everything was right so far.
    ///
    /// # Errors
    /// The first thing that was not.
    pub fn verdict(&self) -> Result<(), Wrong> {
        self.0.borrow().wrong.clone().map_or(Ok(()), Err)
    }
}

impl Judge {
    fn make(&self, id: ServerId, disk: Box<dyn Disk>) -> Box<dyn Node> {
        let setup = Setup {
            id,
            members: self.members.clone(),
            config: self.config.clone(),
            seed: crate::network::stream_seed(self.seed, id.0),
            disk,
            machine: Box::new(KeyValue::new()),
        };
        (self.factory)(setup, InitialState::default())
    }

    /// The first thing that is wrong is the one that is reported.
    fn note(&mut self, judged: Result<(), Wrong>) {
        if let Err(wrong) = judged {
            self.wrong.get_or_insert(wrong);
        }
    }

    /// A server has handled these events together, and wants this done.
    fn handled(
        &mut self,
        id: ServerId,
        node: &dyn Node,
        events: &[Event],
        effects: &[Effect],
    ) -> Result<(), Wrong> {
        let number = self.events;
        if events.contains(&Event::Start) {
            let broken =
                self.servers[slot(id)].promised.broken(self.invariants.seen(id), node, number);
            if let Some(breach) = broken {
                return Err(breach.into());
            }
        }
        let mut changed = self.invariants.observe(id, node, number, batches::touched(events))?;
        let each = batches::by_event(events, effects);
        for (event, effects) in events.iter().zip(&each) {
            one_answer(id, EventSummary::from(event), effects, number)?;
        }
        let acknowledged = |other| self.servers[slot(other)].promised.acknowledged();
        if changed.commit && node.role() == RoleName::Leader {
            counts_only_acknowledgements(id, node, acknowledged)?;
        }
        let counts_itself =
            changed.commit && counts_itself(node.members(), id, node.commit_index(), acknowledged);
        let server = &mut self.servers[slot(id)];
        if let Some(first) = changed.log {
            server.replaced = Some(server.replaced.map_or(first, |from| from.min(first)));
        }
        for (event, effects) in events.iter().zip(&each) {
            let outcome = EventOutcome {
                node,
                acknowledgement: Acknowledgement::of(event).within(node.last_index()),
                effects,
                changed,
                version: server.disk.version(),
                counts_itself,
            };
            // What has left the server decides when to test, not what the server has asked for.
            let _ = server.said.note(id, &outcome);
            // It has changed once.
            changed = Changes::default();
        }
        Ok(())
    }

    fn left(&mut self, id: ServerId) -> Result<(), Wrong> {
        let server = &mut self.servers[slot(id)];
        server.promised = server.said.clone();
        server.replaced = None;
        self.test(id)
    }

    /// Starts a second server from a copy of what a crash would leave now: it must know what the first has
    /// promised.
    fn test(&mut self, id: ServerId) -> Result<(), Wrong> {
        let Watched { disk, promised, .. } = &self.servers[slot(id)];
        if !self.durable || !promised.is_untested() {
            return Ok(());
        }
        let seen = self.invariants.seen(id);
        let mut second = self.make(id, Box::new(disk.survivors(0)));
        if let Err(error) = second.handle(Event::Start) {
            return Err(promised.refused(seen, &error.to_string(), self.events).into());
        }
        if let Some(breach) = promised.broken(seen, second.as_ref(), self.events) {
            return Err(breach.into());
        }
        let server = &mut self.servers[slot(id)];
        server.promised.tested(second.as_ref());
        server.said = server.promised.clone();
        Ok(())
    }
}

/// A leader has committed: the servers that have acknowledged its log up to there must be a majority, the leader
/// included.
fn counts_only_acknowledgements(
    id: ServerId,
    node: &dyn Node,
    acknowledged: impl Fn(ServerId) -> Index,
) -> Result<(), Wrong> {
    let commit = node.commit_index();
    let holds = |&&other: &&ServerId| other == id || acknowledged(other) >= commit;
    let holders: Vec<ServerId> = node.members().iter().filter(holds).copied().collect();
    if 2 * holders.len() > node.members().len() {
        return Ok(());
    }
    Err(Wrong::FalseAcknowledgement { leader: id, commit, holders })
}

/// A server whose every event is checked.
#[derive(Debug)]
struct WatchedNode {
    inner: Box<dyn Node>,
    id: ServerId,
    disk: SimulatedDisk,
    judge: Rc<RefCell<Judge>>,
}

impl std::fmt::Debug for Judge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Judge")
    }
}

impl WatchedNode {
    /// Lets the server handle these events by this function, and checks it afterwards.
    fn judged(
        &mut self,
        events: &[Event],
        handle: impl FnOnce(&mut dyn Node, Vec<Event>) -> io::Result<Vec<Effect>>,
    ) -> io::Result<Vec<Effect>> {
        // A machine that goes down inside an event may have written any part of what it was asked to.
        let replaced = {
            let mut judge = self.judge.borrow_mut();
            judge.events += events.len() as u64;
            let seen = judge.invariants.seen(self.id);
            events.iter().filter_map(|event| seen.replaced_by(event)).min()
        };
        let handled = handle(self.inner.as_mut(), events.to_vec());
        let mut judge = self.judge.borrow_mut();
        if self.disk.is_down() || handled.is_err() {
            if let Some(first) = replaced {
                let server = &mut judge.servers[slot(self.id)];
                server.replaced = Some(server.replaced.map_or(first, |from| from.min(first)));
            }
            return handled.and_then(|_| Err(io::Error::other("the machine is down")));
        }
        let effects = handled?;
        if judge.wrong.is_none() {
            let judged = judge.handled(self.id, self.inner.as_ref(), events, &effects);
            judge.note(judged);
        }
        Ok(effects)
    }
}

impl Node for WatchedNode {
    fn handle(&mut self, event: Event) -> io::Result<Vec<Effect>> {
        self.judged(&[event], |node, events| protocol::handle_each(node, events))
    }
    fn handle_all(&mut self, events: Vec<Event>) -> io::Result<Vec<Effect>> {
        self.judged(&events, |node, events| node.handle_all(events))
    }
    fn role(&self) -> RoleName {
        self.inner.role()
    }
    fn current_term(&self) -> Term {
        self.inner.current_term()
    }
    fn voted_for(&self) -> Option<ServerId> {
        self.inner.voted_for()
    }
    fn base(&self) -> (Index, Term) {
        self.inner.base()
    }
    fn last_index(&self) -> Index {
        self.inner.last_index()
    }
    fn entry(&self, index: Index) -> Option<&Entry> {
        self.inner.entry(index)
    }
    fn commit_index(&self) -> Index {
        self.inner.commit_index()
    }
    fn last_applied(&self) -> Index {
        self.inner.last_applied()
    }
    fn members(&self) -> &Members {
        self.inner.members()
    }
    fn machine(&self) -> &dyn StateMachine {
        self.inner.machine()
    }
    fn internals(&self) -> Option<Internals> {
        self.inner.internals()
    }
}

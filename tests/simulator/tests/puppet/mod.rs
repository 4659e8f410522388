//! Servers that take on given states, right or wrong, on any event.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::Arc;

use protocol::{
    Config, Effect, Entry, Event, Index, KeyValue, Members, Node, RoleName, ServerId, StateMachine,
    Term, Timer,
};
use simulator::{
    Breach, Cluster, Conduct, End, Heading, NodeFactory, Recorder, RecorderOptions, Recording, Stop,
};

/// A state of a server.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) role: Option<RoleName>,
    pub(crate) term: Term,
    pub(crate) vote: Option<ServerId>,
    pub(crate) log: Vec<Entry>,
    pub(crate) commit: Index,
    pub(crate) applied: Index,
    /// Up to where the log is compacted.
    pub(crate) base: Index,
    /// What the state machine holds, as it writes it into a snapshot.
    pub(crate) machine: &'static str,
    /// What it wants done in the event that brings it into this state.
    pub(crate) effects: Vec<Effect>,
}

impl State {
    /// With a log of entries with these terms. The same index and term always make the same entry.
    pub(crate) fn log(mut self, terms: &[u64]) -> Self {
        let entry = |(&term, index): (&u64, u64)| {
            Entry::command(Term(term), format!("set x {index}.{term}").as_str())
        };
        self.log = terms.iter().zip(1..).map(entry).collect();
        self
    }

    /// With a snapshot in place of the entries up to `index`, all of them committed and applied.
    pub(crate) fn compacted(mut self, index: u64, machine: &'static str) -> Self {
        (self.base, self.applied) = (Index(index), Index(index));
        self.commit = self.commit.max(self.base);
        self.machine = machine;
        self
    }

    pub(crate) fn commit(mut self, index: u64) -> Self {
        self.commit = Index(index);
        self
    }
}

#[derive(Debug)]
struct Puppet {
    now: State,
    next: VecDeque<State>,
    members: Members,
    machine: KeyValue,
}

impl Node for Puppet {
    fn handle(&mut self, _event: Event) -> io::Result<Vec<Effect>> {
        if let Some(next) = self.next.pop_front() {
            self.now = next;
            self.machine.restore(self.now.machine.as_bytes());
        }
        Ok(self.now.effects.clone())
    }
    fn role(&self) -> RoleName {
        self.now.role.unwrap_or(RoleName::Follower)
    }
    fn current_term(&self) -> Term {
        self.now.term
    }
    fn voted_for(&self) -> Option<ServerId> {
        self.now.vote
    }
    fn base(&self) -> (Index, Term) {
        let place = usize::try_from(self.now.base.0).unwrap().checked_sub(1);
        (self.now.base, place.map_or(Term(0), |place| self.now.log[place].term))
    }
    fn last_index(&self) -> Index {
        Index(self.now.log.len() as u64)
    }
    fn entry(&self, index: Index) -> Option<&Entry> {
        let there = self.now.log.get(usize::try_from(index.0).ok()?.checked_sub(1)?);
        there.filter(|_| index > self.now.base)
    }
    fn commit_index(&self) -> Index {
        self.now.commit
    }
    fn last_applied(&self) -> Index {
        self.now.applied
    }
    fn members(&self) -> &Members {
        &self.members
    }
    fn machine(&self) -> &dyn StateMachine {
        &self.machine
    }
}

/// Lets each server in turn take on its given state, and returns the first breach.
#[allow(dead_code, reason = "not every test that uses puppets needs this")]
pub(crate) fn play(steps: &[(u64, State)]) -> Result<(), Breach> {
    play_events(&with_timeouts(steps), None)
}

/// The same with these events. Their handling is judged too, if that is asked for.
#[allow(dead_code, reason = "not every test that uses puppets needs this")]
pub(crate) fn play_events(
    steps: &[(u64, Event, State)],
    conduct: Option<Conduct>,
) -> Result<(), Breach> {
    let mut cluster = cluster(steps);
    cluster.conduct = conduct;
    match run(steps, &mut cluster) {
        Ok(()) => Ok(()),
        Err(Stop::Breach(breach)) => Err(*breach),
        Err(other) => panic!("{other}"),
    }
}

/// Lets each server in turn take on its given state, and records it.
#[allow(dead_code, reason = "not every test that uses puppets needs this")]
pub(crate) fn recorded(steps: &[(u64, State)]) -> Recording {
    let steps = with_timeouts(steps);
    let mut cluster = cluster(&steps);
    cluster.trace = Some(Vec::new());
    cluster.start_recording(RecorderOptions::default());
    let ended = run(&steps, &mut cluster);
    let recorder = cluster.take_recorder().expect("the run is recorded");
    let end =
        |recorder: &Recorder| ended.map_or_else(|stop| recorder.end_of(&stop), |()| End::default());
    recorder.finish(Heading::default(), false, end)
}

/// Each state is taken on in a timeout.
fn with_timeouts(steps: &[(u64, State)]) -> Vec<(u64, Event, State)> {
    let timeout = || Event::Timeout(Timer::Election);
    steps.iter().map(|(id, state)| (*id, timeout(), state.clone())).collect()
}

fn run(steps: &[(u64, Event, State)], cluster: &mut Cluster) -> Result<(), Stop> {
    let mut steps = steps.iter();
    steps.try_for_each(|(id, event, _)| cluster.handle(ServerId(*id), event.clone()).map(|_| ()))
}

/// At least three servers that take on these states, each with its next event.
fn cluster(steps: &[(u64, Event, State)]) -> Cluster {
    let mut lives: BTreeMap<ServerId, VecDeque<State>> = BTreeMap::new();
    for (server, _, state) in steps {
        lives.entry(ServerId(*server)).or_default().push_back(state.clone());
    }
    let boot: NodeFactory = Arc::new(move |setup, _| {
        Box::new(Puppet {
            now: State::default(),
            next: lives.get(&setup.id).cloned().unwrap_or_default(),
            members: setup.members,
            machine: KeyValue::new(),
        })
    });
    let servers = steps.iter().map(|(server, ..)| *server).max().unwrap_or(0).max(3);
    Cluster::new(servers, Config::default(), 1, boot, &BTreeMap::new()).unwrap()
}

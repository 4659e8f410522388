//! Makes servers as the modules know them.

use std::io;
use std::sync::Arc;

use gates::ExerciseId;
use gates::protocol::{
    ClientError, Disk, Effect, Entry, Event, Index, Members, Node, Request, RoleName, ServerId,
    Setup, StateMachine, Term,
};
use gates::simulator::{InitialRole, InitialState, NodeFactory};
use open::{Ballot, Follower, Habits, Leader, Log, Role, Server};
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;

use crate::variants::{Order, Variant};

/// Servers of this variant, as they are at an exercise.
pub(crate) fn servers(variant: &Variant, exercise: ExerciseId) -> NodeFactory {
    let &Variant { habits, order, has_long_timeouts, .. } = variant;
    Arc::new(move |mut setup, given| {
        let timeout = &mut setup.config.election_timeout;
        if has_long_timeouts {
            timeout.start = (timeout.start + timeout.end) / 2;
        }
        let rng = ChaCha8Rng::seed_from_u64(setup.seed);
        let server = server(setup, given, as_taught(habits, exercise), exercise);
        Box::new(Taught { server, exercise, order, rng })
    })
}

/// An exercise by its module and number.
pub(crate) const fn exercise(module: u32, number: u32) -> ExerciseId {
    ExerciseId { module, number }
}

/// A scenario belongs to an exercise and shows what servers do that know nothing of what comes later.
fn as_taught(habits: Habits, now: ExerciseId) -> Habits {
    Habits {
        no_op: habits.no_op && now >= exercise(4, 8),
        leader_lease: habits.leader_lease || now >= exercise(7, 5),
        check_quorum: habits.check_quorum || now >= exercise(7, 6),
        pre_vote: habits.pre_vote || now >= exercise(7, 9),
        ..habits
    }
}

fn server(mut setup: Setup, given: InitialState, habits: Habits, now: ExerciseId) -> Server {
    if now < exercise(5, 5) {
        setup.disk = Box::new(Forgetful);
    }
    if now < exercise(6, 2) {
        setup.config.snapshot_entries = usize::MAX;
    }
    if given == InitialState::default() {
        return Server::new(setup, habits);
    }
    let ballot = Ballot { term: given.current_term, vote: given.voted_for };
    let log = Log::after(Index(0), Term(0), given.log);
    let role = given.role;
    Server::resume(setup, habits, ballot, log, given.commit_index, |raft| match role {
        InitialRole::Follower(leader) => Role::Follower(Follower::of(leader)),
        InitialRole::Candidate(votes) => Role::candidate(votes),
        InitialRole::Leader => Role::Leader(Leader::new(raft)),
    })
    .expect("a new disk does not fail")
}

/// Before module 5 a server that restarts has forgotten everything.
#[derive(Debug)]
struct Forgetful;

impl Disk for Forgetful {
    fn read(&self, _file: &str) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }
    fn append(&mut self, _file: &str, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }
    fn sync(&mut self, _file: &str) -> io::Result<()> {
        Ok(())
    }
    fn replace(&mut self, _file: &str, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

/// A server that shows only what its exercise knows: nothing is committed before 4.2, followers learn of it from 4.3
/// on, and clients are answered from 4.5 on.
#[derive(Debug)]
struct Taught {
    server: Server,
    exercise: ExerciseId,
    order: Order,
    rng: ChaCha8Rng,
}

impl Taught {
    fn commits(&self) -> bool {
        self.exercise >= exercise(4, 2)
    }

    fn shows(&self, effect: &Effect) -> bool {
        let is_about_an_entry =
            matches!(effect, Effect::Client { result: Ok(_) | Err(ClientError::Unknown), .. });
        self.exercise >= exercise(4, 5) || !is_about_an_entry
    }

    /// Puts the requests into the order of the variant, each at the place of another.
    fn reorder(&mut self, effects: &mut [Effect]) {
        let is_call = |effect: &Effect| matches!(effect, Effect::Call { .. });
        let mut calls: Vec<Effect> = effects.iter().filter(|it| is_call(it)).cloned().collect();
        match self.order {
            Order::Forwards => return,
            Order::Backwards => calls.reverse(),
            Order::Shuffled => calls.shuffle(&mut self.rng),
        }
        for (place, call) in effects.iter_mut().filter(|it| is_call(it)).zip(calls) {
            *place = call;
        }
    }
}

impl Node for Taught {
    fn handle(&mut self, event: Event) -> io::Result<Vec<Effect>> {
        let mut effects = self.server.handle(event)?;
        effects.retain(|effect| self.shows(effect));
        self.reorder(&mut effects);
        if self.exercise < exercise(4, 3) {
            for effect in &mut effects {
                if let Effect::Call { request: Request::AppendEntries(request), .. } = effect {
                    request.leader_commit = Index(0);
                }
            }
        }
        Ok(effects)
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
        if self.commits() { self.server.commit_index() } else { Index(0) }
    }
    fn last_applied(&self) -> Index {
        if self.commits() { self.server.last_applied() } else { Index(0) }
    }
    fn members(&self) -> &Members {
        self.server.members()
    }
    fn machine(&self) -> &dyn StateMachine {
        self.server.machine()
    }
    fn fork(&self, disk: Box<dyn Disk>, machine: Box<dyn StateMachine>) -> Option<Box<dyn Node>> {
        let forgets = self.exercise < exercise(5, 5);
        let disk = if forgets { Box::new(Forgetful) } else { disk };
        let server = self.server.on(disk, machine);
        Some(Box::new(Taught { server, rng: self.rng.clone(), ..*self }))
    }
}

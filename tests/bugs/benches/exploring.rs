//! How fast an exploration is: new states a second, on the reference. `cargo bench -p bugs --bench exploring`; figures
//! are in `docs/performance.md`.

use std::collections::BTreeMap;
use std::sync::Arc;

use divan::Bencher;
use divan::counter::ItemsCount;
use protocol::{ClientRequest, Config, Disk, Effect, Entry, Event, Index, Members, Node, RoleName};
use protocol::{ServerId, StateMachine, Term, Timer};
use simulator::{Bounds, Exploration, NodeFactory, Scripted, explore};

static ELECTION: data_model::Rules = election::RULES;
static COMMITMENT: data_model::Rules = commitment::RULES;

fn main() {
    divan::main();
}

fn servers(rules: &'static data_model::Rules) -> NodeFactory {
    Arc::new(move |setup, _| Box::new(data_model::RaftNode::new(setup, rules)))
}

fn new(factory: &NodeFactory, count: u64) -> Scripted {
    let config = Config::default();
    Scripted::new(count, config, 1, factory.clone(), &BTreeMap::new()).expect("servers can be made")
}

/// S1 leads, and a command is under way.
fn led(factory: &NodeFactory, count: u64) -> Scripted {
    let mut world = new(factory, count);
    let s1 = ServerId(1);
    world.fire(s1, Timer::Election).expect("it runs");
    world.settle().expect("nothing is wrong");
    let command = ClientRequest::Command("set x 1".into());
    world.client(s1, command, "set x 1").expect("S1 is up");
    world
}

/// Explores again and again; an item is a state.
fn states(bencher: Bencher, world: &dyn Fn() -> Scripted, bounds: &Bounds) {
    let run = || -> Exploration {
        explore(&world(), &|| Ok(world()), bounds, &mut |_| {}).expect("the run can be repeated")
    };
    let visited = run().progress.states;
    bencher.counter(ItemsCount::new(visited)).bench_local(run);
}

/// Two elections among three new servers, in full.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn two_elections(bencher: Bencher) {
    let factory = servers(&ELECTION);
    let bounds = Bounds { elections: 2, ..Bounds::default() };
    states(bencher, &|| new(&factory, 3), &bounds);
}

/// The first 30,000 states of an election and a heartbeat while a command of module 4 is under way.
#[divan::bench(args = [3, 5], sample_count = 10, sample_size = 1)]
fn a_command_and_an_election(bencher: Bencher, count: u64) {
    let factory = servers(&COMMITMENT);
    let bounds = Bounds { elections: 1, heartbeats: 1, states: 30_000, ..Bounds::default() };
    states(bencher, &|| led(&factory, count), &bounds);
}

/// The first 2,500 states of two elections, on servers that cannot be copied.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn two_elections_by_repeating_the_run(bencher: Bencher) {
    let made = servers(&ELECTION);
    let factory: NodeFactory = Arc::new(move |setup, given| Box::new(Single(made(setup, given))));
    let bounds = Bounds { elections: 2, states: 2_500, ..Bounds::default() };
    states(bencher, &|| new(&factory, 3), &bounds);
}

/// A server that cannot be copied.
#[derive(Debug)]
struct Single(Box<dyn Node>);

impl Node for Single {
    fn handle(&mut self, event: Event) -> std::io::Result<Vec<Effect>> {
        self.0.handle(event)
    }
    fn role(&self) -> RoleName {
        self.0.role()
    }
    fn current_term(&self) -> Term {
        self.0.current_term()
    }
    fn voted_for(&self) -> Option<ServerId> {
        self.0.voted_for()
    }
    fn base(&self) -> (Index, Term) {
        self.0.base()
    }
    fn last_index(&self) -> Index {
        self.0.last_index()
    }
    fn entry(&self, index: Index) -> Option<&Entry> {
        self.0.entry(index)
    }
    fn commit_index(&self) -> Index {
        self.0.commit_index()
    }
    fn last_applied(&self) -> Index {
        self.0.last_applied()
    }
    fn members(&self) -> &Members {
        self.0.members()
    }
    fn machine(&self) -> &dyn StateMachine {
        self.0.machine()
    }
    fn fork(&self, _: Box<dyn Disk>, _: Box<dyn StateMachine>) -> Option<Box<dyn Node>> {
        None
    }
}

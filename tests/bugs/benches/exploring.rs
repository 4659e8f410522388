//! How fast an exploration is: new states a second, on the reference. `cargo bench -p bugs --bench exploring`; figures
//! are in `docs/performance.md`.

use std::collections::BTreeMap;
use std::sync::Arc;

use bugs::{Around, Offers};
use divan::Bencher;
use divan::counter::ItemsCount;
use protocol::{ClientRequest, Config, ServerId, Timer};
use simulator::{Bounds, Exploration, NodeFactory, Scripted, explore};

static ELECTION: data_model::Rules = election::RULES;
static COMMITMENT: data_model::Rules = commitment::RULES;

fn main() {
    divan::main();
}

fn servers(rules: &'static data_model::Rules) -> NodeFactory {
    Arc::new(move |setup, _| Box::new(data_model::RaftNode::new(setup, rules)))
}

/// The same servers, but that they offer explorations less.
fn around(rules: &'static data_model::Rules, offers: Offers) -> NodeFactory {
    let made = servers(rules);
    Arc::new(move |setup, given| Around::offering(made(setup, given), offers))
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

/// The same on servers that digest nothing: states are known by what they print.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn two_elections_by_what_servers_print(bencher: Bencher) {
    let factory = around(&ELECTION, Offers::Copies);
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
    let factory = around(&ELECTION, Offers::Nothing);
    let bounds = Bounds { elections: 2, states: 2_500, ..Bounds::default() };
    states(bencher, &|| new(&factory, 3), &bounds);
}

//! How fast the simulator is: five servers of the reference in a storm, with every property checked
//! after every event. `cargo bench -p bugs --bench simulator`; figures are in `docs/performance.md`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use divan::Bencher;
use divan::counter::ItemsCount;
use protocol::Config;
use simulator::{Faults, NodeFactory, Timed, TimedOptions};

/// Servers that elect leaders.
static ELECTION: data_model::Rules = election::RULES;
/// Whole servers through module 4.
static COMMITMENT: data_model::Rules = commitment::RULES;

fn main() {
    divan::main();
}

fn world(rules: &'static data_model::Rules, seed: u64, faults: Faults) -> Timed {
    let boot: NodeFactory =
        Arc::new(move |setup, _| Box::new(data_model::RaftNode::new(setup, rules)));
    let config = Config::default();
    let options = TimedOptions { servers: 5, config, seed, faults, trace: false };
    Timed::new(options, boot).expect("servers can be made")
}

/// Each kind of fault, and none of them so common that nothing else happens.
fn storm() -> Faults {
    Faults {
        lose_request: 3_000,
        lose_reply: 3_000,
        duplicate: 3_000,
        straggle: 3_000,
        straggle_factor: 8,
        partition_every: Some(Duration::from_millis(700)),
        one_way: 64,
        ..Faults::calm()
    }
}

/// Events of one long storm of module 2; an item is an event.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn events_of_a_storm(bencher: Bencher) {
    events(bencher, &ELECTION, &storm());
}

/// Events of one long storm of module 4, in which a client asks for something every 50 ms; an item is an
/// event.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn events_of_a_storm_with_clients(bencher: Bencher) {
    let command_every = Some(Duration::from_millis(50));
    events(bencher, &COMMITMENT, &Faults { command_every, ..storm() });
}

fn events(bencher: Bencher, rules: &'static data_model::Rules, faults: &Faults) {
    const EVENTS: u64 = 500_000;
    bencher
        .with_inputs(|| world(rules, 1, faults.clone()))
        .input_counter(|_| ItemsCount::new(EVENTS))
        .bench_local_values(|mut world| {
            world.run_events(EVENTS).expect("the reference is right");
            world
        });
}

/// Whole schedules of 2,000 events, from the making of the world on, each with its own seed and mix of
/// faults; an item is a schedule.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn schedules_of_2000_events(bencher: Bencher) {
    const SCHEDULES: u64 = 200;
    let next = AtomicU64::new(0);
    bencher.counter(ItemsCount::new(SCHEDULES)).bench_local(|| {
        let first = next.fetch_add(SCHEDULES, Ordering::Relaxed);
        for seed in first..first + SCHEDULES {
            let mut world = world(&ELECTION, seed, Faults::swarm(seed));
            world.run_events(2_000).expect("the reference is right");
            divan::black_box(world);
        }
    });
}

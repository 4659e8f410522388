//! What snapshots cost, and what they save: commands that one server of the reference takes in, saves and
//! applies, with snapshots and without. `cargo bench -p bugs --bench snapshots`; figures are in
//! `docs/performance.md`.

use divan::Bencher;
use divan::counter::ItemsCount;
use protocol::{
    ClientRequest, Config, Event, KeyValue, Node as _, RequestId, ServerId, Setup, Timer,
};
use simulator::SimulatedDisk;

static RULES: data_model::Rules = snapshots::RULES;

const COMMANDS: u64 = 1_000_000;

fn main() {
    divan::main();
}

/// A server that is alone and leads, on a disk in memory.
fn leader(snapshot_entries: usize) -> data_model::RaftNode {
    let setup = Setup {
        id: ServerId(1),
        members: [ServerId(1)].into(),
        config: Config { snapshot_entries, ..Config::default() },
        seed: 1,
        disk: Box::new(SimulatedDisk::new()),
        machine: Box::new(KeyValue::new()),
    };
    let mut node = data_model::RaftNode::new(setup, &RULES);
    for event in [Event::Start, Event::Timeout(Timer::Election)] {
        node.handle(event).expect("the disk does not fail");
    }
    node
}

/// A million commands, each saved before it is answered; an item is a command. The limit is how many
/// entries the log may hold before a snapshot is taken.
#[divan::bench(args = [100, 1_000, 10_000, usize::MAX], sample_count = 5, sample_size = 1)]
fn a_million_commands(bencher: Bencher, limit: usize) {
    bencher
        .with_inputs(|| leader(limit))
        .input_counter(|_| ItemsCount::new(COMMANDS))
        .bench_local_values(|mut node| {
            for number in 1..=COMMANDS {
                let command = format!("set k{} {number:07}", number % 1_000);
                let request = ClientRequest::Command(command.as_str().into());
                let event = Event::Client { id: RequestId(number), request };
                divan::black_box(node.handle(event).expect("the disk does not fail"));
            }
            node
        });
}

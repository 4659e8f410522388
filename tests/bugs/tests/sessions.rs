//! Sessions under storm (exercise 4.9): the storms of the gates are worth what happens in them.

use std::sync::Arc;
use std::time::Duration;

use protocol::Config;
use simulator::{
    Faults, Linearizability, NodeFactory, Timed, TimedOptions, Workload, linearizability,
};

static SNAPSHOTS: data_model::Rules = snapshots::RULES;

fn servers() -> NodeFactory {
    Arc::new(|setup, _| Box::new(data_model::RaftNode::new(setup, &SNAPSHOTS)))
}

/// What became of the clients of one storm: the number of commands that they gave up because their session had ended,
/// the number of requests with a result, and whether one server could have given the same answers.
fn storm(seed: u64, max_sessions: usize) -> (u64, u64, Linearizability) {
    let config =
        Config { snapshot_entries: 7, snapshot_tail: 2, max_sessions, ..Config::default() };
    let every = Some(Duration::from_millis(10 + seed % 50));
    let faults = Faults { command_every: every, ..Faults::swarm(seed).with_crashes(seed) };
    let options = TimedOptions { servers: 3, config, seed, faults, trace: false };
    let mut world = Timed::new(options, servers()).expect("servers can be made");
    world.cluster.durable = true;
    world.set_workload(Workload::Sessions);
    world.run_for(Duration::from_secs(8)).expect("a right server breaks no invariant");
    world.heal().expect("servers can be restarted");
    world.run_for(Duration::from_secs(3)).expect("a right server breaks no invariant");
    (world.expired(), world.ended().0, linearizability(&world.history(), 200_000))
}

#[test]
fn sessions_end_in_storms_and_no_command_is_executed_twice() {
    let (mut with_expiry, mut results) = (0, 0);
    for seed in 1..=30 {
        // As many as there are clients, like the smallest limit of the gates' storms.
        let (expired, ended, verdict) = storm(seed, 4);
        assert!(matches!(verdict, Linearizability::Linearizable), "storm {seed}: {verdict:?}");
        with_expiry += u32::from(expired > 0);
        results += ended;
    }
    assert!(with_expiry >= 5, "sessions ended in {with_expiry} of 30 storms");
    assert!(results >= 1_000, "{results} results");
}

#[test]
fn without_the_limit_no_session_ends() {
    for seed in 1..=10 {
        let (expired, _, verdict) = storm(seed, 1_000);
        assert!(matches!(verdict, Linearizability::Linearizable), "storm {seed}: {verdict:?}");
        assert_eq!(expired, 0, "storm {seed}");
    }
}

//! What chapter 2 says about messages that take longer than an election timeout, in simulated time.

use std::time::Duration;

use gates::ExerciseId;
use protocol::{Config, ServerId, Term};
use simulator::{Faults, Timed, TimedOptions};

mod reference;

const SEEDS: u64 = 10;

/// Five servers of module 4, which know no rule for leaders without a quorum.
fn world(seed: u64, faults: Faults) -> Timed {
    let options =
        TimedOptions { servers: 5, config: Config::default(), seed, faults, trace: false };
    Timed::new(options, reference::servers(ExerciseId { module: 4, number: 8 })).unwrap()
}

/// Every message takes 200 ms.
fn slow() -> Faults {
    let delay = Duration::from_millis(200)..Duration::from_millis(201);
    Faults { delay, ..Faults::calm() }
}

/// Every leader that there is in the next minute, looked for a hundred times a second.
fn leaders_of_a_minute(world: &mut Timed) -> Vec<Vec<(Term, ServerId)>> {
    let mut leaders = Vec::new();
    for _ in 0..6_000 {
        world.run_for(Duration::from_millis(10)).unwrap();
        leaders.push(world.cluster.leaders());
    }
    leaders
}

#[test]
fn if_messages_take_200_ms_no_leader_is_elected_and_one_that_is_there_can_stay() {
    let mut stayed = 0;
    for seed in 1..=SEEDS {
        let mut world = world(seed, Faults::calm());
        world.run_for(Duration::from_secs(5)).unwrap();
        let before = world.cluster.leaders();
        assert_eq!(before.len(), 1, "seed {seed}");
        world.set_faults(slow());
        let minute = leaders_of_a_minute(&mut world);
        let is_old = |now: &Vec<(Term, ServerId)>| now.is_empty() || *now == before;
        assert!(minute.iter().all(is_old), "seed {seed}: there is a new leader");
        stayed += u64::from(minute.last() == Some(&before));
    }
    assert!(stayed > 0, "no leader stayed");
}

#[test]
fn if_messages_take_200_ms_from_the_start_there_is_never_a_leader() {
    for seed in 1..=SEEDS {
        let mut world = world(seed, slow());
        let minute = leaders_of_a_minute(&mut world);
        assert!(minute.iter().all(Vec::is_empty), "seed {seed}: there is a leader");
    }
}

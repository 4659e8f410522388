//! Storms: many timed runs with faults drawn from seeds, in which safety must hold after every event,
//! and progress be made once the network heals.

use std::ops::RangeInclusive;
use std::time::Duration;

use protocol::Config;
use simulator::{Boot, Cluster, Faults, Stop, Timed, TimedOptions, Traced};

use crate::ballots::ballots;
use crate::scenario::{stopped, story, told};
use crate::{Context, Failure, Verdict};

/// So many events happen before the network heals.
const EVENTS: u64 = 2_000;

/// Once healed, a cluster must agree on a leader within this time. A right server with the paper's
/// timeouts needs a few election timeouts, that is, about a second.
const TO_AGREE: Duration = Duration::from_secs(15);

/// Once agreed, the leader must keep its term at least so long while nothing fails.
const TO_STAY: Duration = Duration::from_secs(3);

/// So many lines of what happened before the end are shown.
const STORY: usize = 14;

/// What must come of each storm, besides safety throughout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// One leader, in whose term everybody is, and who stays.
    StableLeader,
}

/// Runs the storms with these numbers. Each has its own seed, which comes from its number and the base
/// seed, and with it its own cluster size and mix of faults.
///
/// # Errors
/// The first storm that ended badly: what was seen, and the last events before it.
pub fn storms(
    context: &mut Context,
    boot: &Boot,
    goal: Goal,
    numbers: RangeInclusive<u64>,
) -> Verdict {
    for number in numbers {
        let seed = context.seed().wrapping_mul(1_000_003).wrapping_add(number);
        let servers = 1 + seed % 7;
        context.step(format!("storm {number}: {servers} servers, faults drawn from seed {seed}"));
        if storm(servers, seed, boot, goal, false).is_err() {
            return Err(retold(context, servers, seed, boot, goal));
        }
    }
    Ok(())
}

/// How a storm ended badly.
enum End {
    Stopped(Stop),
    NoLeader,
    LeaderLost,
}

/// The same storm once more, this time with a trace: the same seed gives the same run.
fn retold(context: &Context, servers: u64, seed: u64, boot: &Boot, goal: Goal) -> Box<Failure> {
    let Err((end, trace)) = storm(servers, seed, boot, goal, true) else {
        return context.failure(
            "the same seed gives the same run",
            "a storm failed, and when it was repeated it did not: the servers draw from something \
             else than their own generator, or depend on an order that changes",
        );
    };
    let mut failure = match &end {
        End::Stopped(stop) => stopped(stop),
        End::NoLeader => Failure::new(
            "after the network has healed, within 15 s of virtual time one server leads, and all \
             others are in its term",
            "the servers never agreed on a leader",
        )
        .because(
            "§5.2: randomized election timeouts let split votes end; §9.3: a cluster whose \
                  majority can communicate elects a leader",
        ),
        End::LeaderLost => Failure::new(
            "while nothing fails, the leader that all agree on stays leader of its term",
            "another term began",
        )
        .because("§5.2: a leader's heartbeats keep its followers from starting elections"),
    };
    context.current_step().clone_into(&mut failure.step);
    if let End::Stopped(Stop::Breach(breach)) = &end {
        failure.notes.extend(ballots(breach, servers, &trace));
    }
    let story = story(&trace);
    let left_out = story.len().saturating_sub(STORY);
    failure.notes.push(told("The last events:", &story[left_out..], 0));
    failure
}

fn storm(
    servers: u64,
    seed: u64,
    boot: &Boot,
    goal: Goal,
    trace: bool,
) -> Result<(), (End, Vec<Traced>)> {
    let faults = Faults::swarm(seed);
    let config = Config::default();
    let options = TimedOptions { servers, config, seed, faults, trace };
    let mut world =
        Timed::new(options, boot.clone()).map_err(|stop| (End::Stopped(stop), vec![]))?;
    weather_and_calm(&mut world, goal)
        .map_err(|end| (end, world.cluster.trace.take().unwrap_or_default()))
}

fn weather_and_calm(world: &mut Timed, goal: Goal) -> Result<(), End> {
    world.run_events(EVENTS).map_err(End::Stopped)?;
    world.heal().map_err(End::Stopped)?;
    let Goal::StableLeader = goal;
    let agreed = |cluster: &Cluster| Timed::agreed_leader(cluster).is_some();
    if !world.run_until(TO_AGREE, agreed).map_err(End::Stopped)? {
        return Err(End::NoLeader);
    }
    // A straggler of the storm may still bring a newer term: the leader that stays is the one after.
    world.run_for(TO_STAY).map_err(End::Stopped)?;
    if !world.run_until(TO_AGREE, agreed).map_err(End::Stopped)? {
        return Err(End::NoLeader);
    }
    let leader = world.cluster.leaders();
    world.run_for(TO_STAY).map_err(End::Stopped)?;
    world.cluster.audit().map_err(End::Stopped)?;
    if world.cluster.leaders() == leader { Ok(()) } else { Err(End::LeaderLost) }
}

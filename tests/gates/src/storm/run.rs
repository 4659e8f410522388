//! Runs storms: faults, and a stretch in which only a quorum is connected, twice; then calm. A storm that ends badly
//! is run again with a trace.

use std::ops::RangeInclusive;
use std::time::Duration;

use simulator::{NodeFactory, Stop, Timed, TraceRecord, Workload};

use super::end::End;
use super::goal::Goal;
use super::setup::Storm;
use super::{calm, recording, replay, stretch};
use crate::{Context, Failure, Verdict, kept_runs};

/// How often faults happen and then stop for a while, in which a quorum must make progress.
const ROUNDS: u32 = 2;

/// Faults happen for this number of events, in all rounds together. Five servers have a few elections in that time,
/// and logs of a hundred entries: enough for most mistakes, and a storm takes a few milliseconds.
const EVENTS: u64 = 2_000;

/// But they happen for at least this virtual time, however many events that is …
const SHORTEST: Duration = Duration::from_secs(8);

/// … and for at most this one: a cluster that is mostly down has few events, and a wrong one may have none.
const LONGEST: Duration = Duration::from_secs(40);

/// Servers with more events than this in the shortest time are not worth running any further.
const MOST_EVENTS: u64 = 20_000;

/// Runs the storms with these numbers. The seed of each comes from its number and the base seed; the number of
/// servers and the mix of faults come from that seed.
///
/// # Errors
/// The first storm that ends badly, with the last events before its end.
pub fn storms(
    context: &mut Context,
    factory: &NodeFactory,
    goal: Goal,
    numbers: RangeInclusive<u64>,
) -> Verdict {
    storms_of(context, factory, goal, Workload::default(), numbers)
}

/// The same, with clients that behave in this way.
///
/// # Errors
/// As [`storms`].
pub fn storms_of(
    context: &mut Context,
    factory: &NodeFactory,
    goal: Goal,
    workload: Workload,
    numbers: RangeInclusive<u64>,
) -> Verdict {
    if context.records() {
        recording::storms(context, factory, goal, &numbers);
        return Ok(());
    }
    run_all(context, numbers, |seed| Storm::draw(goal, workload, seed, factory))
}

/// The same on servers that can begin only as new ones: none begins in the middle of its life.
///
/// # Errors
/// As [`storms`].
pub fn storms_of_new_servers(
    context: &mut Context,
    factory: &NodeFactory,
    goal: Goal,
    workload: Workload,
    numbers: RangeInclusive<u64>,
) -> Verdict {
    if context.records() {
        // A short storm has no history.
        recording::storms(context, factory, goal, &numbers);
        return Ok(());
    }
    let draw = |seed| Storm::draw(goal, workload, seed, factory).without_history();
    run_all(context, numbers, draw)
}

fn run_all<'a>(
    context: &mut Context,
    numbers: RangeInclusive<u64>,
    draw: impl Fn(u64) -> Storm<'a>,
) -> Verdict {
    for number in numbers {
        let seed = context.seed().wrapping_mul(1_000_003).wrapping_add(number);
        let storm = draw(seed);
        let servers = storm.servers;
        context.step(step(number, &format!("{servers} servers, faults drawn from seed {seed}")));
        if run_once(&storm, false).is_err() {
            replay::record(&storm, number, faults_and_calm);
            return Err(explained(context, &storm));
        }
        // If all storms end well, one of them is enough to look at.
        if kept_runs::is_on() && kept_runs::is_empty() {
            replay::record(&storm, number, faults_and_calm);
            return Ok(());
        }
    }
    Ok(())
}

/// The step that a check announces before a storm.
fn step(number: u64, what: &str) -> String {
    format!("storm {number}: {what}")
}

/// The number of the storm that a step announces. When the process of a check had to be stopped, its last
/// step is all that is left.
pub(crate) fn number_in(step: &str) -> Option<u64> {
    step.strip_prefix("storm ")?.split_once(':')?.0.parse().ok()
}

/// Runs the same storm again, this time with a trace, which makes runs twice as slow: the same seed gives the
/// same run. If it ends early, the learner also gets a script of the few events that matter.
fn explained(context: &Context, storm: &Storm<'_>) -> Box<Failure> {
    match run_once(storm, true) {
        Err((end, trace)) => {
            let mut failure = end.told(context, storm, &trace);
            if let Some(note) = end.script(context, &trace, storm) {
                failure.notes.push(note);
            }
            failure
        }
        Ok(()) => context.failure(
            "the same seed gives the same run",
            "a storm failed, and when it was repeated it did not: the servers draw from another \
             generator than their own, or depend on an order that changes",
        ),
    }
}

fn run_once(storm: &Storm<'_>, trace: bool) -> Result<(), (End, Vec<TraceRecord>)> {
    let mut world = storm.world(trace).map_err(|stop| (End::Stopped(stop), vec![]))?;
    faults_and_calm(&mut world, storm)
        .map_err(|end| (end, world.cluster.trace.take().unwrap_or_default()))
}

fn faults_and_calm(world: &mut Timed, storm: &Storm<'_>) -> Result<(), End> {
    let goal = storm.goal;
    for round in 0..ROUNDS {
        if round > 0 {
            world.set_faults(storm.faults.clone());
        }
        faults(world, ROUNDS)?;
        stretch::progress(world, goal, round)?;
        world.heal()?;
    }
    match goal {
        Goal::StableLeader => calm::stable_leader(world)?,
        Goal::LogsAgree => calm::logs_agree(world)?,
        Goal::Linearizable | Goal::Durable | Goal::Compacted => {
            calm::linearizable(world, storm.workload)?;
        }
        Goal::Reconfigured => calm::reconfigured(world)?,
    }
    world.cluster.test_promises()?;
    Ok(world.cluster.audit()?)
}

/// Lets faults happen, for one of this number of rounds.
pub(super) fn faults(world: &mut Timed, rounds: u32) -> Result<(), Stop> {
    let (events, time) = (world.cluster.events(), world.now());
    let part = |all: u64| all / u64::from(rounds);
    world.run_until(LONGEST / rounds, |cluster| {
        let (events, time) = (cluster.events() - events, cluster.now.saturating_sub(time));
        (events >= part(EVENTS) && time >= SHORTEST / rounds) || events >= part(MOST_EVENTS)
    })?;
    Ok(())
}

#[cfg(test)]
mod tests;

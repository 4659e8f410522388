//! Short storms, recorded for module 0, whose predicates judge them.

use std::ops::RangeInclusive;
use std::time::Duration;

use protocol::Config;
use simulator::{Faults, NodeFactory, Timed, TimedOptions, execution};

use super::goal::Goal;
use crate::{Context, RecordedExecution};

/// A short storm ends once its execution has this many moments, so that a learner can still read it, …
const MOMENTS: usize = 40;

/// … or after this many looks, with this much virtual time between them.
const LOOKS: u64 = 40;
const LOOK: Duration = Duration::from_millis(100);

/// Records short storms in place of those with these numbers. Several checks run storms; only the first one
/// records any.
pub(crate) fn storms(
    context: &mut Context,
    factory: &NodeFactory,
    goal: Goal,
    numbers: &RangeInclusive<u64>,
) {
    if *numbers.start() > 1 {
        return;
    }
    for number in 1..=context.storms_to_record() {
        if let Some(recorded) = record_storm(factory, goal, number, context.seed()) {
            context.record(recorded);
        }
    }
}

/// Records a storm that is short enough to be read: the one with this number, for a base seed. `None` if it is not an
/// example of anything.
pub fn record_storm(
    factory: &NodeFactory,
    goal: Goal,
    number: u64,
    seed: u64,
) -> Option<RecordedExecution> {
    let seed = seed.wrapping_mul(7_368_787).wrapping_add(number);
    let mut faults = Faults::swarm(seed);
    if goal.has_clients() {
        faults.command_every = Some(Duration::from_millis(20 + seed % 180));
    }
    let servers = [3, 3, 4, 5][usize::try_from(seed % 4).unwrap_or(0)];
    let options = TimedOptions { servers, config: Config::default(), seed, faults, trace: true };
    let mut world = Timed::new(options, factory.clone()).ok()?;
    let mut ended = Ok(());
    let mut so_far = execution(&world.cluster)?;
    for _ in 0..LOOKS {
        if ended.is_err() || so_far.moments.len() >= MOMENTS {
            break;
        }
        ended = world.run_for(LOOK);
        so_far = execution(&world.cluster)?;
    }
    let from = format!("a storm of {servers} servers, number {number}");
    RecordedExecution::of(from, so_far, ended.as_ref().map(|&()| ()))
}

//! Storms: many timed runs with faults drawn from seeds, in which safety must hold after every event,
//! and progress be made once the network heals.

mod calm;
mod end;

use std::ops::RangeInclusive;
use std::time::Duration;

use protocol::Config;
use simulator::{Boot, Faults, Timed, TimedOptions, Traced};

use crate::{Context, Failure, Verdict};

use end::End;

/// So many events happen before the network heals.
const EVENTS: u64 = 2_000;

/// What must come of each storm, besides safety throughout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// One leader, in whose term everybody is, and who stays. No client asks anything.
    StableLeader,
    /// Clients send commands, and in the end all logs are the same.
    LogsAgree,
    /// Besides, everything is committed and applied, every request was answered, and what the clients
    /// saw could have come from a single store.
    Linearizable,
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

/// The same storm once more, this time with a trace: the same seed gives the same run. If it breaks off,
/// it is told as a script of the few events that matter.
fn retold(context: &Context, servers: u64, seed: u64, boot: &Boot, goal: Goal) -> Box<Failure> {
    match storm(servers, seed, boot, goal, true) {
        Err((end, trace)) => {
            let mut failure = end.told(context, servers, &trace);
            if let Some(note) = end.script(context, &trace, servers, seed, boot) {
                failure.notes.push(note);
            }
            failure
        }
        Ok(()) => context.failure(
            "the same seed gives the same run",
            "a storm failed, and when it was repeated it did not: the servers draw from something \
             else than their own generator, or depend on an order that changes",
        ),
    }
}

fn storm(
    servers: u64,
    seed: u64,
    boot: &Boot,
    goal: Goal,
    trace: bool,
) -> Result<(), (End, Vec<Traced>)> {
    let mut faults = Faults::swarm(seed);
    if goal != Goal::StableLeader {
        faults.command_every = Some(Duration::from_millis(10 + seed % 90));
    }
    let config = Config::default();
    let options = TimedOptions { servers, config, seed, faults, trace };
    let mut world =
        Timed::new(options, boot.clone()).map_err(|stop| (End::Stopped(stop), vec![]))?;
    weather_and_calm(&mut world, goal)
        .map_err(|end| (end, world.cluster.trace.take().unwrap_or_default()))
}

fn weather_and_calm(world: &mut Timed, goal: Goal) -> Result<(), End> {
    world.run_events(EVENTS)?;
    world.heal()?;
    match goal {
        Goal::StableLeader => calm::stable_leader(world)?,
        Goal::LogsAgree => calm::logs_agree(world)?,
        Goal::Linearizable => calm::linearizable(world)?,
    }
    Ok(world.cluster.audit()?)
}

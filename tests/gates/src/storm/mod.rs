//! Storms: many timed runs with faults drawn from seeds, in which safety must hold after every event,
//! and progress be made once the network heals.

mod calm;
mod directed;
mod end;
mod long;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use protocol::{Config, ServerId};
use simulator::{
    Asking, Boot, Faults, Given, ScriptError, Scripted, Stop, Timed, TimedOptions, Traced,
};

use crate::{Context, Failure, Verdict, recorded};

use end::End;

pub use directed::{hopeless_candidate, old_leader};
pub use long::{Survived, long_storm};

/// So many events happen before the network heals.
const EVENTS: u64 = 2_000;

/// If servers crash, the network heals after this time at the latest.
const WEATHER: Duration = Duration::from_secs(40);

/// What a storm brings, and what must come of it besides safety throughout. Each has what those before it
/// have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Goal {
    /// One leader, in whose term everybody is, and who stays. No client asks anything.
    StableLeader,
    /// Clients send commands, and in the end all logs are the same.
    LogsAgree,
    /// Besides, everything is committed and applied, every request was answered, and what the clients
    /// saw could have come from a single store.
    Linearizable,
    /// Servers crash, also while they write, and come back from their disks; disks fail.
    Durable,
    /// Snapshots are taken often, and sent in small chunks.
    Compacted,
    /// Servers are added and removed. What must come about, must among the members.
    Reconfigured,
}

/// One storm: all that is drawn for it.
struct Storm<'a> {
    goal: Goal,
    asking: Asking,
    seed: u64,
    /// How many servers there are, also those that wait to be added.
    servers: u64,
    /// Those that wait.
    given: BTreeMap<ServerId, Given>,
    config: Config,
    faults: Faults,
    boot: &'a Boot,
}

impl<'a> Storm<'a> {
    fn draw(goal: Goal, seed: u64, boot: &'a Boot) -> Self {
        let mut storm = Storm {
            goal,
            asking: Asking::default(),
            seed,
            servers: 1 + seed % 7,
            given: BTreeMap::new(),
            config: Config::default(),
            faults: Faults::calm(),
            boot,
        };
        storm.faults = storm.weather(seed);
        if goal >= Goal::Compacted {
            storm.config = limits(seed);
        }
        if goal >= Goal::Reconfigured {
            // A new server must have caught up with one snapshot before the next one takes its place.
            storm.config.snapshot_chunk *= 32;
            let members = storm.servers.min(5);
            storm.servers = members + 1 + seed / 7 % 2;
            for id in (members + 1..=storm.servers).map(ServerId) {
                storm.given.insert(id, Given { waits: true, ..Given::default() });
            }
        }
        storm
    }

    /// What goes wrong, and how often somebody asks for something.
    fn weather(&self, seed: u64) -> Faults {
        let every = |least: Goal, from: u64, width: u64| {
            (self.goal >= least).then(|| Duration::from_millis(from + seed % width))
        };
        let faults = Faults {
            command_every: every(Goal::LogsAgree, 10, 90),
            change_every: every(Goal::Reconfigured, 100, 907),
            ..Faults::swarm(seed)
        };
        if self.goal >= Goal::Durable { faults.with_crashes(seed) } else { faults }
    }

    /// Runs it.
    fn run(&self, trace: bool) -> Result<(), (End, Vec<Traced>)> {
        let mut world = self.world(trace).map_err(|stop| (End::Stopped(stop), vec![]))?;
        weather_and_calm(&mut world, self.goal, self.asking)
            .map_err(|end| (end, world.cluster.trace.take().unwrap_or_default()))
    }

    /// Its servers, just started, under its weather.
    fn world(&self, trace: bool) -> Result<Timed, Stop> {
        let (config, faults) = (self.config.clone(), self.faults.clone());
        let options =
            TimedOptions { servers: self.servers, config, seed: self.seed, faults, trace };
        let mut world = Timed::given(options, self.boot.clone(), &self.given)?;
        world.cluster.durable = self.goal >= Goal::Durable;
        world.set_asking(self.asking);
        Ok(world)
    }

    /// So many of its servers, just started, for a script. Where some wait to be added, which is told by
    /// their numbers, it must be all.
    fn scripted(&self, servers: u64) -> Result<Scripted, ScriptError> {
        if servers != self.servers && !self.given.is_empty() {
            let why = format!("this storm has {} servers, some of which wait", self.servers);
            return Err(ScriptError::Impossible(why));
        }
        let (config, boot) = (self.config.clone(), self.boot.clone());
        let mut world = Scripted::new(servers, config, self.seed, boot, &self.given)?;
        world.cluster.durable = self.goal >= Goal::Durable;
        Ok(world)
    }
}

/// Limits that differ from storm to storm, small enough to be reached.
fn limits(seed: u64) -> Config {
    let draw = |from: u64, width: u64| usize::try_from(from + seed % width).unwrap_or(usize::MAX);
    Config {
        snapshot_entries: draw(2, 23),
        snapshot_chunk: draw(8, 101),
        max_entries: [64, 64, 3, 1][draw(0, 4)],
        ..Config::default()
    }
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
    storms_of(context, boot, goal, Asking::default(), numbers)
}

/// The same, in which clients ask in this way.
///
/// # Errors
/// As [`storms`].
pub fn storms_of(
    context: &mut Context,
    boot: &Boot,
    goal: Goal,
    asking: Asking,
    numbers: RangeInclusive<u64>,
) -> Verdict {
    if context.records() {
        recorded::storms(context, boot, goal, &numbers);
        return Ok(());
    }
    for number in numbers {
        let seed = context.seed().wrapping_mul(1_000_003).wrapping_add(number);
        let storm = Storm { asking, ..Storm::draw(goal, seed, boot) };
        let servers = storm.servers;
        context.step(step(number, &format!("{servers} servers, faults drawn from seed {seed}")));
        if storm.run(false).is_err() {
            return Err(retold(context, &storm));
        }
    }
    Ok(())
}

/// What a check that runs storms says that it is about to do.
fn step(number: u64, what: &str) -> String {
    format!("storm {number}: {what}")
}

/// The number of the storm that a step is about. Of a process that had to be stopped, nothing else is left
/// to tell it by.
pub(crate) fn number_in(step: &str) -> Option<u64> {
    step.strip_prefix("storm ")?.split_once(':')?.0.parse().ok()
}

/// The same storm once more, this time with a trace: the same seed gives the same run. If it breaks off,
/// it is told as a script of the few events that matter.
fn retold(context: &Context, storm: &Storm<'_>) -> Box<Failure> {
    match storm.run(true) {
        Err((end, trace)) => {
            let mut failure = end.told(context, storm, &trace);
            if let Some(note) = end.script(context, &trace, storm) {
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

fn weather_and_calm(world: &mut Timed, goal: Goal, asking: Asking) -> Result<(), End> {
    if goal >= Goal::Durable {
        // A server alone has few events, and comes back very often.
        world.run_until(WEATHER, |cluster| cluster.events() >= EVENTS)?;
    } else {
        world.run_events(EVENTS)?;
    }
    world.heal()?;
    match goal {
        Goal::StableLeader => calm::stable_leader(world)?,
        Goal::LogsAgree => calm::logs_agree(world)?,
        Goal::Reconfigured => calm::reconfigured(world)?,
        _ => calm::linearizable(world, asking)?,
    }
    world.cluster.test_promises()?;
    Ok(world.cluster.audit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storm_is_known_by_its_step() {
        assert_eq!(number_in(&step(217, "3 servers")), Some(217));
        assert_eq!(number_in("the long storm"), None);
    }
}

//! One long storm, with a weather of many kinds, and what a cluster has come through in it.

use std::time::Duration;

use protocol::Payload;
use simulator::{Boot, Timed, Traced};

use super::end::End;
use super::{EVENTS, Goal, Storm, calm};
use crate::{Context, Failure};

/// What a cluster has come through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Survived {
    /// How many servers there were, members or not.
    pub servers: u64,
    /// How many events they have handled.
    pub events: u64,
    /// How much virtual time went by.
    pub time: Duration,
    /// How often a leader was elected.
    pub elections: usize,
    /// How often a server has crashed and come back.
    pub crashes: u64,
    /// How many changes of members were committed.
    pub changes: usize,
    /// How many entries were committed.
    pub entries: u64,
    /// How many commands of clients had a result.
    pub results: u64,
}

/// Runs a storm in which the weather changes so many times: crashes, small limits, changes of members, and
/// clients, as in storms with the goal [`Goal::Reconfigured`], and judged as they are.
///
/// # Errors
/// How it ended badly: what was seen, and the last events before it.
pub fn long_storm(
    context: &mut Context,
    boot: &Boot,
    weathers: u64,
) -> Result<Survived, Box<Failure>> {
    // A seed of this kind draws five members.
    let seed = context.seed().wrapping_mul(7 * 1_000_003).wrapping_add(13);
    let storm = Storm::draw(Goal::Reconfigured, seed, boot);
    context.step(format!(
        "one long storm: {} servers, faults drawn from seed {seed}, {weathers} kinds of weather",
        storm.servers
    ));
    run(&storm, weathers, false).or_else(|_| match run(&storm, weathers, true) {
        Err((end, trace)) => Err(end.told(context, &storm, &trace)),
        Ok(survived) => Ok(survived),
    })
}

fn run(storm: &Storm<'_>, weathers: u64, trace: bool) -> Result<Survived, (End, Vec<Traced>)> {
    let mut world = storm.world(trace).map_err(|stop| (End::Stopped(stop), vec![]))?;
    let ended = through(&mut world, storm, weathers);
    ended.map_err(|end| (end, world.cluster.trace.take().unwrap_or_default()))
}

fn through(world: &mut Timed, storm: &Storm<'_>, weathers: u64) -> Result<Survived, End> {
    for weather in 0..weathers {
        world.set_faults(storm.weather(storm.seed.wrapping_add(weather * 389)));
        world.run_events(EVENTS)?;
        // It clears up for a moment.
        world.heal()?;
    }
    calm::reconfigured(world)?;
    world.cluster.audit()?;
    let cluster = &world.cluster;
    let log = cluster.members().first().map_or(&[][..], |&id| cluster.log(id));
    let is_change = |entry: &&protocol::Entry| matches!(entry.payload, Payload::Members(_));
    Ok(Survived {
        servers: storm.servers,
        events: cluster.events(),
        time: world.now(),
        elections: cluster.invariants().elections(),
        crashes: cluster.servers().iter().map(|&id| u64::from(cluster.incarnation(id))).sum(),
        changes: log.iter().filter(is_change).count(),
        entries: cluster.invariants().committed().0,
        results: world.ended().0,
    })
}

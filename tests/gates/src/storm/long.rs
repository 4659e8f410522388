//! One long storm with many mixes of faults, and what a cluster has survived in it.

use std::time::Duration;

use protocol::Payload;
use simulator::{NodeFactory, Timed, TraceRecord, Workload};

use super::end::End;
use super::goal::Goal;
use super::run::faults;
use super::setup::Storm;
use super::{calm, stretch};
use crate::{Context, Failure};

/// What a cluster has survived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StormReport {
    /// The number of servers, members or not.
    pub servers: u64,
    /// The number of events that they have handled.
    pub events: u64,
    /// The virtual time that has passed.
    pub time: Duration,
    /// The number of terms in which a leader was elected.
    pub elections: usize,
    /// How many times servers have crashed and come back.
    pub crashes: u64,
    /// The number of changes of members that were committed.
    pub changes: usize,
    /// The number of entries that were committed.
    pub entries: u64,
    /// The number of client commands that had a result.
    pub results: u64,
}

/// Runs a storm with the goal [`Goal::Reconfigured`] in which the mix of faults is drawn `mixes` times.
///
/// # Errors
/// How the storm ends badly, with the last events before its end.
pub fn long_storm(
    context: &mut Context,
    factory: &NodeFactory,
    mixes: u64,
) -> Result<StormReport, Box<Failure>> {
    // The number of servers is 1 + seed % 7. A multiple of 7 plus 13 makes that seven, of which five are
    // members.
    let seed = context.seed().wrapping_mul(7 * 1_000_003).wrapping_add(13);
    let storm = Storm::draw(Goal::Reconfigured, Workload::Commands, seed, factory);
    context.step(format!(
        "one long storm: {} servers, faults drawn from seed {seed}, {mixes} mixes of faults",
        storm.servers
    ));
    run(&storm, mixes, false).or_else(|_| match run(&storm, mixes, true) {
        Err((end, trace)) => Err(end.told(context, &storm, &trace)),
        Ok(survived) => Ok(survived),
    })
}

fn run(storm: &Storm<'_>, mixes: u64, trace: bool) -> Result<StormReport, (End, Vec<TraceRecord>)> {
    let mut world = storm.world(trace).map_err(|stop| (End::Stopped(stop), vec![]))?;
    let ended = through(&mut world, storm, mixes);
    ended.map_err(|end| (end, world.cluster.trace.take().unwrap_or_default()))
}

fn through(world: &mut Timed, storm: &Storm<'_>, mixes: u64) -> Result<StormReport, End> {
    for mix in 0..mixes {
        world.set_faults(storm.draw_faults(storm.seed.wrapping_add(mix * 389)));
        faults(world, 1)?;
        stretch::progress(world, storm.goal, 0)?;
        // Servers that are down come back, so that each mix begins with all of them.
        world.heal()?;
    }
    calm::reconfigured(world)?;
    world.cluster.audit()?;
    let cluster = &world.cluster;
    let log = cluster.members().first().map_or(&[][..], |&id| cluster.log(id));
    let is_change = |entry: &&protocol::Entry| matches!(entry.payload, Payload::Members(_));
    Ok(StormReport {
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

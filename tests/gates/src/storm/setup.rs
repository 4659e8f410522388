//! What is drawn for a storm.

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::{Config, ServerId};
use simulator::{
    Faults, InitialState, NodeFactory, ScriptError, Scripted, Stop, Timed, TimedOptions, Workload,
    drawn_history,
};

use super::goal::Goal;

/// Everything that is drawn for a storm.
pub(super) struct Storm<'a> {
    pub(super) goal: Goal,
    pub(super) workload: Workload,
    pub(super) seed: u64,
    /// The number of servers, including those that wait to be added.
    pub(super) servers: u64,
    /// Servers that do not begin as new members: those that wait, or all, in the middle of their lives.
    given: BTreeMap<ServerId, InitialState>,
    config: Config,
    pub(super) faults: Faults,
    factory: &'a NodeFactory,
}

impl<'a> Storm<'a> {
    pub(super) fn draw(
        goal: Goal,
        workload: Workload,
        seed: u64,
        factory: &'a NodeFactory,
    ) -> Self {
        let mut storm = Storm {
            goal,
            workload,
            seed,
            servers: 1 + seed % 7,
            given: BTreeMap::new(),
            config: Config::default(),
            faults: Faults::calm(),
            factory,
        };
        storm.faults = storm.draw_faults(seed);
        if goal.has_small_limits() {
            storm.config = limits(seed);
        }
        if workload == Workload::Sessions {
            // As many sessions as there are clients, or a few more. A client whose registration was answered too late
            // registers again, so sessions end, but not so often that no command is executed.
            storm.config.max_sessions = [4, 5, 6][usize::try_from(seed % 3).unwrap_or(0)];
        }
        // Without commands or commits, logs would be empty or agree too soon to show a mistake.
        if goal.has_history() && !seed.is_multiple_of(3) {
            storm.given = drawn_history(storm.servers, seed);
        }
        if goal.has_changes() {
            // Larger chunks than in other storms: a new server must have received one snapshot before the leader
            // takes the next, or it never catches up.
            storm.config.snapshot_chunk *= 32;
            let members = storm.servers.min(5);
            storm.servers = members + 1 + seed / 7 % 2;
            for id in (members + 1..=storm.servers).map(ServerId) {
                storm.given.insert(id, InitialState { waits: true, ..InitialState::default() });
            }
        }
        storm
    }

    /// What makes its servers.
    pub(super) fn factory(&self) -> NodeFactory {
        self.factory.clone()
    }

    /// The same storm on servers that all begin as new ones.
    pub(super) fn without_history(mut self) -> Self {
        self.given.retain(|_, state| state.waits);
        self
    }

    /// The faults drawn from this seed, and how often clients send something.
    pub(super) fn draw_faults(&self, seed: u64) -> Faults {
        let every = |wanted: bool, from: u64, width: u64| {
            wanted.then(|| Duration::from_millis(from + seed % width))
        };
        let faults = Faults {
            command_every: every(self.goal.has_clients(), 10, 90),
            change_every: every(self.goal.has_changes(), 100, 907),
            ..Faults::swarm(seed)
        };
        if self.goal.has_crashes() { faults.with_crashes(seed) } else { faults }
    }

    /// Its servers, just started, with its faults.
    pub(super) fn world(&self, trace: bool) -> Result<Timed, Stop> {
        let (config, faults) = (self.config.clone(), self.faults.clone());
        let options =
            TimedOptions { servers: self.servers, config, seed: self.seed, faults, trace };
        let mut world = Timed::given(options, self.factory.clone(), &self.given)?;
        world.cluster.durable = self.goal.has_crashes();
        world.cluster.acknowledgements = self.goal.judges_acknowledgements();
        world.cluster.conduct = Some(self.goal.conduct());
        world.set_workload(self.workload);
        Ok(world)
    }

    /// Its servers' states at the beginning, for a script: first as if all were new, since most mistakes need no
    /// history and a script without one is shorter; then as they are. Servers that wait always do.
    pub(super) fn beginnings(&self) -> Vec<BTreeMap<ServerId, InitialState>> {
        let has_history = self.given.values().any(|state| !state.waits);
        let new = has_history.then(BTreeMap::new);
        new.into_iter().chain([self.given.clone()]).collect()
    }

    /// `servers` of its servers, just started in the `given` states, for a script. If there are any, it must be all
    /// servers: those that wait are the last ones, and with a history an election may need each.
    pub(super) fn scripted(
        &self,
        servers: u64,
        given: &BTreeMap<ServerId, InitialState>,
    ) -> Result<Scripted, ScriptError> {
        if servers != self.servers && !given.is_empty() {
            let why = format!("this storm has {} servers in given states", self.servers);
            return Err(ScriptError::Impossible(why));
        }
        let (config, factory) = (self.config.clone(), self.factory.clone());
        let mut world = Scripted::new(servers, config, self.seed, factory, given)?;
        world.cluster.durable = self.goal.has_crashes();
        world.cluster.acknowledgements = self.goal.judges_acknowledgements();
        world.cluster.conduct = Some(self.goal.conduct());
        Ok(world)
    }
}

/// Limits that differ from storm to storm and are small enough to be reached. The widths have no factor
/// in common with 7, so the limits vary independently of the number of servers.
fn limits(seed: u64) -> Config {
    let draw = |from: u64, width: u64| usize::try_from(from + seed % width).unwrap_or(usize::MAX);
    Config {
        snapshot_entries: draw(2, 23),
        // Often none, so that followers need snapshots; otherwise shorter or longer than the limit.
        snapshot_tail: [0, 0, draw(1, 13)][draw(0, 3)],
        snapshot_chunk: draw(8, 101),
        max_entries: [64, 64, 3, 1][draw(0, 4)],
        ..Config::default()
    }
}

//! Executions that the checks of a module have seen: for module 0, whose predicates judge them.

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use protocol::Config;
use protocol::execution::Execution;
use serde::{Deserialize, Serialize};
use simulator::{Boot, Faults, Property, Stop, Timed, TimedOptions, execution};

use crate::panics::guarded;
use crate::storm::Goal;
use crate::{Check, Context, Suite};

/// An execution, and what the simulator has said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Where it comes from, in a few words.
    pub from: String,
    /// The property that its last event broke, if one was broken.
    pub breach: Option<Property>,
    /// What happened.
    pub execution: Execution,
}

/// A short storm ends after so many moments, so that one can read what happened …
const MOMENTS: usize = 40;

/// … or when it has been looked at so often, each time after so much virtual time.
const LOOKS: u64 = 40;
const LOOK: Duration = Duration::from_millis(100);

/// So many short storms are recorded when a gate runs with `RAFT_LAB_RECORD`.
const STORMS: u64 = 12;

impl Recorded {
    /// Keeps what a run did. A run that panicked, or broke a rule that Figure 3 does not speak of, is no
    /// example of anything.
    pub(crate) fn of(from: String, execution: Execution, ended: Result<(), &Stop>) -> Option<Self> {
        let breach = match ended {
            Ok(()) => None,
            Err(Stop::Breach(breach)) => Some(breach.property),
            Err(_) => return None,
        };
        let is_of_figure_3 = matches!(
            breach,
            None | Some(
                Property::ElectionSafety
                    | Property::LeaderAppendOnly
                    | Property::LogMatching
                    | Property::StateMachineSafety
                    | Property::LeaderCompleteness
            )
        );
        is_of_figure_3.then_some(Recorded { from, breach, execution })
    }

    /// Reads all files of executions in a folder.
    ///
    /// # Errors
    /// If they cannot be read; the message says what and why.
    pub fn read(folder: &Path) -> Result<Vec<Self>, String> {
        let fail = |error| format!("cannot read {}: {error}", folder.display());
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(fail)? {
            paths.push(entry.map_err(fail)?.path());
        }
        paths.retain(|path| path.extension().is_some_and(|end| end == "jsonl"));
        paths.sort();
        let mut all = Vec::new();
        for path in paths {
            all.extend(Self::read_file(&path)?);
        }
        Ok(all)
    }

    /// Reads a file that [`Recorded::write`] has written.
    ///
    /// # Errors
    /// If it cannot be read; the message says why.
    pub fn read_file(path: &Path) -> Result<Vec<Self>, String> {
        let text = fs::read_to_string(path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let read = |(line, number): (&str, usize)| {
            serde_json::from_str(line)
                .map_err(|error| format!("{}, line {number}: {error}", path.display()))
        };
        text.lines().zip(1..).map(read).collect()
    }

    /// Writes some into a file, a line each.
    ///
    /// # Errors
    /// If that fails.
    pub fn write(all: &[Self], path: &Path) -> std::io::Result<()> {
        let mut text = String::new();
        for recorded in all {
            text += &serde_json::to_string(recorded).map_err(std::io::Error::other)?;
            text.push('\n');
        }
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text)
    }
}

/// What the checks of a suite see of their servers, one after the other: in the scenarios, and in so many
/// short storms, which take the place of long ones. Whether a check is green is not asked.
pub fn record(suite: &Suite, storms: u64, seed: u64) -> Vec<Recorded> {
    let seen_by = |check: &Check| {
        let mut context = Context::new(seed).recording(storms);
        let _ = guarded(&suite.manifest_dir, || check.body(&mut context));
        context.take_recorded()
    };
    suite.checks.iter().flat_map(seen_by).collect()
}

/// Records what the checks of each suite see, and leaves it in a folder, a file for each module.
pub(crate) fn leave(suites: &[Suite], seed: u64, folder: &Path) -> std::io::Result<()> {
    suites.iter().try_for_each(|suite| {
        let path = folder.join(format!("{}.jsonl", suite.module));
        Recorded::write(&record(suite, STORMS, seed), &path)
    })
}

/// Records short storms in place of the ones with these numbers. Several checks are made of storms: the
/// first stands for all.
pub(crate) fn storms(
    context: &mut Context,
    boot: &Boot,
    goal: Goal,
    numbers: &RangeInclusive<u64>,
) {
    if *numbers.start() > 1 {
        return;
    }
    for number in 1..=context.storms_to_record() {
        if let Some(recorded) = record_storm(boot, goal, number, context.seed()) {
            context.record(recorded);
        }
    }
}

/// A storm that is over before it becomes too long to read: the one with this number, for a base seed.
/// Nothing, if it is no example of anything.
pub fn record_storm(boot: &Boot, goal: Goal, number: u64, seed: u64) -> Option<Recorded> {
    let seed = seed.wrapping_mul(7_368_787).wrapping_add(number);
    let mut faults = Faults::swarm(seed);
    if goal != Goal::StableLeader {
        faults.command_every = Some(Duration::from_millis(20 + seed % 180));
    }
    let servers = [3, 3, 4, 5][usize::try_from(seed % 4).unwrap_or(0)];
    let options = TimedOptions { servers, config: Config::default(), seed, faults, trace: true };
    let mut world = Timed::new(options, boot.clone()).ok()?;
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
    Recorded::of(from, so_far, ended.as_ref().map(|&()| ()))
}

//! What module 0 is judged by: executions of right servers and of wrong ones, as the simulator saw them.
//! They are kept in `tests/00-warm-up/recorded`, since a handout has no wrong servers.

use std::collections::BTreeSet;
use std::env;
use std::path::Path;

use gates::{RecordedExecution, record};
use libtest_mimic::Failed;
use protocol::execution::Execution;
use simulator::Property;

use crate::patch::Patches;
use crate::replay::replay;
use crate::subject::Subject;
use crate::switch::switch_on;

/// Each subject goes through this many short storms.
const STORMS: u64 = 60;

/// Nobody reads a longer execution.
const MOMENTS: usize = 60;

/// At most this many executions are kept of a wrong server, and of the right one.
const OF_A_BUG: usize = 4;
const OF_THE_REFERENCE: usize = 60;

/// The modules whose servers are recorded: those who read the executions do not know crashes and snapshots
/// yet.
const RECORDED: [&str; 3] = ["02-election", "03-replication", "04-commitment"];

/// The executions of a module's subjects are what the simulator and the reference of module 0 say that
/// they are. `cargo xtask bless` records them again.
pub(crate) fn recorded(
    module: &str,
    patches: &Patches,
    subjects: &[Subject],
) -> Result<(), Failed> {
    if !RECORDED.contains(&module) {
        return Ok(());
    }
    let ids: Vec<&str> = subjects.iter().map(|subject| subject.id).collect();
    Ok(keep_recorded(module, &ids, || record_all(patches, subjects))?)
}

/// Holds the recorded executions in a file against what the simulator and the reference of module 0 say
/// of them. `ids` are the servers that they may be of. `cargo xtask bless` first puts those that
/// `record` gives in their place.
///
/// # Errors
/// What is stale, and why.
pub fn keep_recorded(
    name: &str,
    ids: &[&str],
    record: impl FnOnce() -> Vec<RecordedExecution>,
) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../00-warm-up/recorded");
    let path = folder.join(format!("{name}.jsonl"));
    if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        RecordedExecution::write(&record(), &path).map_err(|error| error.to_string())?;
    }
    let all = RecordedExecution::read_file(&path)?;
    if all.is_empty() {
        return Err(format!("{} is empty", path.display()));
    }
    all.iter().try_for_each(|recorded| {
        is_fresh(recorded, ids).map_err(|why| {
            let RecordedExecution { from, execution, .. } = recorded;
            let bless = "`cargo xtask bless` records executions again";
            format!("{}: {from}: {why}. {bless}.\n{execution}", path.display())
        })
    })
}

fn is_fresh(
    RecordedExecution { from, breach, execution }: &RecordedExecution,
    ids: &[&str],
) -> Result<(), String> {
    if from.split_once(':').is_none_or(|(id, _)| !ids.contains(&id)) {
        return Err("there is no such server any more".to_owned());
    }
    let simulated = replay(execution).map(|breach| breach.property);
    if simulated != *breach {
        return Err(format!("the simulator says {simulated:?}, not {breach:?}"));
    }
    let broken = broken(execution);
    if broken != Vec::from_iter(*breach) {
        return Err(format!("the reference says {broken:?}, not {breach:?}"));
    }
    Ok(())
}

/// All properties that an execution breaks, as the reference of module 0 sees it.
fn broken(execution: &Execution) -> Vec<Property> {
    let verdicts = [
        (Property::ElectionSafety, warm_up::election_safety(execution).is_err()),
        (Property::LeaderAppendOnly, warm_up::leader_append_only(execution).is_err()),
        (Property::LogMatching, warm_up::log_matching(execution).is_err()),
        (Property::StateMachineSafety, warm_up::state_machine_safety(execution).is_err()),
        (Property::LeaderCompleteness, warm_up::leader_completeness(execution).is_err()),
    ];
    verdicts.into_iter().filter_map(|(property, broken)| broken.then_some(property)).collect()
}

fn record_all(patches: &Patches, subjects: &[Subject]) -> Vec<RecordedExecution> {
    let mut kept = Vec::new();
    for subject in subjects {
        let bug = patches.bug.iter().find(|bug| bug.id == subject.id);
        let is_reference = subject.number == 0;
        if bug.is_none_or(|bug| bug.endless) && !is_reference {
            continue;
        }
        switch_on(subject.number);
        let mut all = record(&(subject.suite)(), STORMS, 1);
        switch_on(0);
        all.retain(|recorded| recorded.breach.is_none() == is_reference);
        kept.extend(pick(all, subject.id, OF_A_BUG));
    }
    kept
}

/// A few of many executions of the server `id`, no two of them the same: the shortest ones of each
/// breach, and some of each length where nothing is broken.
pub fn pick(
    mut all: Vec<RecordedExecution>,
    id: &str,
    of_a_breach: usize,
) -> Vec<RecordedExecution> {
    // One that breaks several properties at once is no good example of any.
    let mut seen = BTreeSet::new();
    all.retain(|recorded| {
        let RecordedExecution { breach, execution, .. } = recorded;
        (4..=MOMENTS).contains(&execution.moments.len())
            && broken(execution) == Vec::from_iter(*breach)
            && replay(execution).map(|breach| breach.property) == *breach
            && seen.insert(execution.transcript(&[]))
    });
    all.sort_by_key(|recorded| (recorded.breach, recorded.execution.moments.len()));
    let (right, wrong): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|recorded| recorded.breach.is_none());
    let step = right.len().div_ceil(OF_THE_REFERENCE).max(1);
    let mut kept: Vec<RecordedExecution> = right.into_iter().step_by(step).collect();
    for recorded in wrong {
        let same = kept.iter().filter(|other| other.breach == recorded.breach).count();
        if same < of_a_breach {
            kept.push(recorded);
        }
    }
    for recorded in &mut kept {
        recorded.from = format!("{id}: {}", recorded.from);
    }
    kept
}

//! The scenarios in a folder, each as a check.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use simulator::NodeFactory;

use super::judge::judge;
use super::script::Script;
use crate::settings::variable;
use crate::{Check, ExerciseId, Failure};

/// Makes servers with the rules of all exercises up to and including this one.
pub type NodeFactories = Arc<dyn Fn(ExerciseId) -> NodeFactory + Send + Sync>;

/// A check for each scenario of a module, on servers with the rules of the scenario's exercise. `servers` makes
/// them for the number of an exercise in the module; `manifest_dir` is the subject's package.
pub fn of_module(
    module: &str,
    manifest_dir: &str,
    servers: impl Fn(u32) -> NodeFactory + Send + Sync + 'static,
) -> Vec<Check> {
    let factories: NodeFactories = Arc::new(move |exercise: ExerciseId| servers(exercise.number));
    checks(&Path::new(manifest_dir).join("../../tests").join(module), &factories)
}

/// A check for each scenario in `folder`, and in the folder that `RAFT_LAB_SCENARIOS` names: a course can add
/// its own. Scenarios of the lab must have a snapshot, others need none.
pub fn checks(folder: &Path, factories: &NodeFactories) -> Vec<Check> {
    let mut checks = in_folder(folder, factories, true);
    if let Some(more) = variable("RAFT_LAB_SCENARIOS") {
        checks.extend(in_folder(Path::new(&more), factories, false));
    }
    checks
}

fn in_folder(folder: &Path, factories: &NodeFactories, needs_snapshot: bool) -> Vec<Check> {
    match paths_in(folder) {
        Ok(paths) => paths.iter().map(|path| check(path, factories, needs_snapshot)).collect(),
        Err(error) => vec![broken(folder, &format!("cannot be read: {error}"))],
    }
}

/// The scenarios in a folder, in the order of their names.
pub(super) fn paths_in(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?;
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "scenario"));
    paths.sort();
    Ok(paths)
}

fn check(path: &Path, factories: &NodeFactories, needs_snapshot: bool) -> Check {
    let script = match Script::read(path) {
        Ok(script) => script,
        Err(fault) => return broken(path, &fault),
    };
    let header = script.header.clone();
    let factory = factories(header.exercise);
    let exercise = header.exercise.to_string();
    let mut check = Check::new(&exercise, header.claim, header.why, move |context| {
        judge(&script, factory.clone(), context, needs_snapshot)
    });
    check.points = header.points;
    match header.function {
        Some(function) => check.about(&function),
        None => check,
    }
}

/// A scenario that cannot be read is a check that fails: it must not be overlooked.
fn broken(path: &Path, fault: &str) -> Check {
    let fault = format!("{}: {fault}", path.display());
    let name = path.file_stem().map(|name| name.to_string_lossy().replace('_', " "));
    let claim = format!("The scenario {} can be read", name.unwrap_or_default());
    Check::new("0.0", claim, "docs/scenarios.md", move |_| {
        Err(Failure::new("a scenario as docs/scenarios.md describes it", fault.clone()))
    })
}

//! The scenarios in a folder, each as a check.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use course::OPEN_DIR;
use simulator::NodeFactory;

use super::instructors;
use super::judge::judge;
use super::lens::Lens;
use super::script::{Script, file_name, paths_in};
use crate::factories::NodeFactories;
use crate::settings::variable;
use crate::{Check, ExerciseId, Failure, Scope};

/// The file beside a module's scenarios that names them all, one per line; the scenarios of an exercise begin with
/// the most basic one. A line that begins with `#` is a comment.
const ORDER: &str = "scenarios.txt";

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

/// A check for each scenario in `folder`, and for those of the same module in the folder that `RAFT_LAB_SCENARIOS`
/// names: a course can add its own. Scenarios of the lab must have a snapshot, others need none.
pub fn checks(folder: &Path, factories: &NodeFactories) -> Vec<Check> {
    let mut checks = in_folder(folder, factories);
    if let Some(more) = variable("RAFT_LAB_SCENARIOS") {
        let paths = instructors::of(module_number(folder), Path::new(&more));
        checks.extend(paths.iter().map(|path| check(path, factories, false)));
    }
    checks
}

/// A check for each scenario in `folder` that needs nothing of a server but [`Node`](protocol::Node), for servers
/// that are complete: they may do more than the scenario's exercise knows, which a lens leaves out. `milestone`
/// returns the exercise of such servers that a scenario belongs to, for its file and its own exercise. Scenarios that
/// belong to none are left out.
pub fn of_whole_servers(
    folder: &Path,
    factories: &NodeFactories,
    milestone: impl Fn(&str, ExerciseId) -> Option<ExerciseId>,
) -> Vec<Check> {
    let checks = ordered(folder, |path| match Script::read(path) {
        Ok(script) if script.internals().is_some() => None,
        Ok(mut script) => {
            let exercise = script.header.exercise;
            script.lens = Lens::of(exercise);
            script.is_borrowed = !folder.ends_with(OPEN_DIR);
            script.header.function = None;
            let milestone = milestone(&file_name(&script.path), exercise)?;
            Some(check_of(script, milestone, factories, true))
        }
        Err(fault) => Some(broken(path, &fault)),
    });
    checks.into_iter().flatten().collect()
}

/// The exercise of each scenario in `folder`, by its file, with what it needs of a server beyond
/// [`Node`](protocol::Node), if it does. For tests: a scenario that cannot be read is left out.
pub fn needs_of(folder: &Path) -> Vec<(String, ExerciseId, Option<String>)> {
    let paths = paths_in(folder).unwrap_or_default();
    let scripts = paths.iter().filter_map(|path| Script::read(path).ok());
    let needs = |it: Script| (file_name(&it.path), it.header.exercise, it.internals());
    scripts.map(needs).collect()
}

/// The number of the module whose scenarios are in this folder: 2 of `02-election`.
fn module_number(folder: &Path) -> Option<u32> {
    let name = folder.file_name()?.to_str()?;
    name.split_once('-')?.0.parse().ok()
}

fn in_folder(folder: &Path, factories: &NodeFactories) -> Vec<Check> {
    ordered(folder, |path| check(path, factories, true))
}

/// What is made of each scenario of a folder, in the order of its list. A fault in the list becomes a check that
/// fails, and is converted in the same way.
fn ordered<T: From<Check>>(folder: &Path, make: impl Fn(&Path) -> T) -> Vec<T> {
    let paths = match paths_in(folder) {
        Ok(paths) => paths,
        Err(error) => return vec![broken(folder, &format!("cannot be read: {error}")).into()],
    };
    let order = match std::fs::read_to_string(folder.join(ORDER)) {
        Ok(order) => order,
        Err(error) => {
            return vec![broken(&folder.join(ORDER), &format!("cannot be read: {error}")).into()];
        }
    };
    let (paths, faults) = in_order(paths, &order);
    let faults = faults.iter().map(|fault| broken(&folder.join(ORDER), fault).into());
    paths.iter().map(|path| make(path)).chain(faults).collect()
}

/// The paths in the order of the names, and what is wrong with these: they must be the names of all files, each
/// once.
fn in_order(mut paths: Vec<PathBuf>, order: &str) -> (Vec<PathBuf>, Vec<String>) {
    let lines = order.lines().map(str::trim);
    let names: Vec<&str> =
        lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let name_of = |path: &PathBuf| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let there: Vec<String> = paths.iter().filter_map(name_of).collect();
    let unnamed = there.iter().filter(|name| !names.contains(&name.as_str()));
    let mut faults: Vec<String> =
        unnamed.map(|name| format!("it does not name the scenario {name}")).collect();
    for (at, name) in names.iter().enumerate() {
        if !there.iter().any(|file| file == name) {
            faults.push(format!("it names {name}, and there is no such scenario"));
        } else if names[..at].contains(name) {
            faults.push(format!("it names {name} twice"));
        }
    }
    // A scenario without a place must not get lost: it comes last.
    paths.sort_by_key(|path| {
        let name = name_of(path);
        names.iter().position(|&it| Some(it) == name.as_deref()).unwrap_or(usize::MAX)
    });
    (paths, faults)
}

fn check(path: &Path, factories: &NodeFactories, needs_snapshot: bool) -> Check {
    let script = match Script::read(path) {
        Ok(script) => script,
        Err(fault) => return broken(path, &fault),
    };
    let exercise = script.header.exercise;
    check_of(script, exercise, factories, needs_snapshot)
}

/// The check of `exercise` that runs a script, on servers with the rules of the script's own exercise.
fn check_of(
    script: Script,
    exercise: ExerciseId,
    factories: &NodeFactories,
    needs_snapshot: bool,
) -> Check {
    let header = script.header.clone();
    let factory = factories(header.exercise);
    let mut check = Check::new(&exercise.to_string(), header.claim, header.why, move |context| {
        judge(&script, factory.clone(), context, needs_snapshot)
    });
    check = check.scope(Scope::Scenario);
    check.servers = Some(Arc::clone(factories));
    check.points = header.points;
    match header.function {
        Some(function) => check.about(&function),
        None => check,
    }
}

/// A scenario that cannot be read becomes a check that fails, so that it is not overlooked.
fn broken(path: &Path, fault: &str) -> Check {
    let (expected, claim) = if path.ends_with(ORDER) {
        // Each fault is a check of its own, and no two checks have the same claim.
        ("a line for each scenario", format!("All scenarios have their place: {fault}"))
    } else {
        let name = path.file_stem().map(|name| name.to_string_lossy().replace('_', " "));
        let claim = format!("The scenario {} can be read", name.unwrap_or_default());
        ("a scenario as docs/scenarios.md describes it", claim)
    };
    let fault = format!("{}: {fault}", path.display());
    Check::new("0.0", claim, "docs/scenarios.md", move |_| {
        Err(Failure::new(expected, fault.clone()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_decides_the_order() {
        let paths = ["a.scenario", "b.scenario", "c.scenario"].map(PathBuf::from).to_vec();
        let (paths, faults) = in_order(paths, "# 2.3\nc\na\n\n# 2.4\nb\n");
        assert_eq!(paths, ["c.scenario", "a.scenario", "b.scenario"].map(PathBuf::from));
        assert!(faults.is_empty());
    }

    #[test]
    fn a_list_that_is_not_that_of_the_files_is_a_fault() {
        let paths = ["a.scenario", "b.scenario"].map(PathBuf::from).to_vec();
        let (paths, faults) = in_order(paths, "b\nb\nc\n");
        assert_eq!(paths, ["b.scenario", "a.scenario"].map(PathBuf::from));
        let expected = [
            "it does not name the scenario a",
            "it names b twice",
            "it names c, and there is no such scenario",
        ];
        assert_eq!(faults, expected);
    }

    #[test]
    fn every_module_names_its_scenarios_exercise_by_exercise() {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut modules = 0;
        for entry in std::fs::read_dir(tests).unwrap() {
            let folder = entry.unwrap().path();
            let paths = paths_in(&folder).unwrap_or_default();
            if !folder.join("exercises.toml").exists() || paths.is_empty() {
                continue;
            }
            let order = std::fs::read_to_string(folder.join(ORDER)).unwrap();
            let (paths, faults) = in_order(paths, &order);
            assert!(faults.is_empty(), "{}: {faults:?}", folder.display());
            let exercise = |path: &PathBuf| Script::read(path).unwrap().header.exercise;
            // Otherwise the checks would not be in the order of the lines.
            assert!(paths.iter().map(exercise).is_sorted(), "{}", folder.display());
            modules += 1;
        }
        assert!(modules > 0);
    }
}

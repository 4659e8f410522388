//! The scenarios that a course adds: those in the folder that `RAFT_LAB_SCENARIOS` names.
//!
//! A scenario that no gate runs would be green forever. So a fault in the folder ends a gate before it judges
//! anything.

use std::path::{Path, PathBuf};

use course::Module;

use super::script::{Script, paths_in};

/// What is wrong with the folder: a line for each fault, with file and line. Empty if nothing is. `root` is the
/// workspace, which has the exercises of all modules.
pub(crate) fn faults(folder: &Path, root: &Path) -> Vec<String> {
    let modules = match course::read_modules(root) {
        Ok(modules) => modules,
        Err(error) => return vec![error.to_string()],
    };
    match paths_in(folder) {
        Err(error) => vec![format!("{}: this folder cannot be read: {error}", folder.display())],
        Ok(paths) if paths.is_empty() => {
            vec![format!("{}: this folder has no file NAME.scenario", folder.display())]
        }
        Ok(paths) => paths.iter().filter_map(|path| fault(path, &modules)).collect(),
    }
}

/// The scenarios in `folder` for exercises of this module. Those of other modules are for their gates; those that
/// cannot be read are among [`faults`].
pub(super) fn of(module: Option<u32>, folder: &Path) -> Vec<PathBuf> {
    let mut paths = paths_in(folder).unwrap_or_default();
    paths.retain(|path| {
        let exercise = Script::read(path).ok().map(|script| script.header.exercise);
        exercise.is_some_and(|exercise| module.is_none_or(|module| module == exercise.module))
    });
    paths
}

fn fault(path: &Path, modules: &[Module]) -> Option<String> {
    let at = |line: usize, what: &str| Some(format!("{}:{line}: {what}", path.display()));
    let script = match Script::read(path) {
        Ok(script) => script,
        Err(error) => {
            let (line, what) = placed(&error).unwrap_or((1, &error));
            return at(line, what);
        }
    };
    let exercise = script.header.exercise;
    let lines = script.text.lines().zip(1..);
    let named = lines.filter(|(line, _)| line.starts_with("# exercise:")).map(|(_, number)| number);
    let line = named.min().unwrap_or(1);
    let Some(module) = modules.iter().find(|module| module.number() == exercise.module) else {
        return at(
            line,
            &format!("there is no module {}, so no exercise {exercise}", exercise.module),
        );
    };
    if module.exercise(exercise).is_some() {
        return None;
    }
    let ids: Vec<String> = module.exercises.iter().map(|it| it.id.to_string()).collect();
    at(
        line,
        &format!(
            "there is no exercise {exercise}; module {} has {}",
            exercise.module,
            ids.join(", ")
        ),
    )
}

/// An error that begins with the number of its line: the number, and the rest.
fn placed(error: &str) -> Option<(usize, &str)> {
    let (number, rest) = error.strip_prefix("line ")?.split_once(": ")?;
    Some((number.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const SCENARIO: &str =
        "# Three servers start.\n#\n# exercise: 2.1\n# why: §5.2.\n\ncluster 3\n---\n";

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    /// What is wrong with a folder that holds one scenario with this text.
    fn fault_of(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("mine.scenario"), text).unwrap();
        let faults = faults(folder.path(), &root());
        assert!(faults.len() < 2, "{faults:?}");
        let (shown, path) = (faults.concat(), folder.path().join("mine.scenario"));
        shown.replace(&path.display().to_string(), "mine")
    }

    #[test]
    fn a_scenario_of_an_exercise_is_in_order() {
        assert_eq!(fault_of(SCENARIO), "");
    }

    #[test]
    fn a_folder_that_is_missing_or_empty_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        let missing = faults(&folder.path().join("missing"), &root());
        assert!(missing.concat().contains("missing: this folder cannot be read"), "{missing:?}");
        let empty = faults(folder.path(), &root());
        assert!(empty.concat().contains("has no file NAME.scenario"), "{empty:?}");
    }

    #[test]
    fn a_scenario_without_an_exercise_is_a_fault() {
        let fault = fault_of(&SCENARIO.replace("# exercise: 2.1\n", ""));
        assert!(fault.starts_with("mine:1: "), "{fault}");
        assert!(fault.ends_with("`exercise:` is missing"), "{fault}");
    }

    #[test]
    fn a_scenario_of_no_exercise_is_a_fault() {
        let fault = fault_of(&SCENARIO.replace("2.1", "2.77"));
        assert!(
            fault.starts_with("mine:3: there is no exercise 2.77; module 2 has 2.1, "),
            "{fault}"
        );
        let fault = fault_of(&SCENARIO.replace("2.1", "77.1"));
        assert_eq!(fault, "mine:3: there is no module 77, so no exercise 77.1");
    }

    #[test]
    fn a_scenario_that_cannot_be_read_is_a_fault_at_its_line() {
        let fault = fault_of(&SCENARIO.replace("cluster 3\n", ""));
        assert_eq!(fault, "mine:6: there is no command before this `---`");
    }

    #[test]
    fn each_gate_runs_the_scenarios_of_its_module() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("mine.scenario"), SCENARIO).unwrap();
        assert_eq!(of(Some(2), folder.path()).len(), 1);
        assert_eq!(of(Some(3), folder.path()).len(), 0);
    }
}

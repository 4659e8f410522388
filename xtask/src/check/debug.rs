//! `debug`: builds the gate of one check for a debugger, in a place that the editors' launch configurations know.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use course::{Module, SelectedCheck};

use super::explain;
use super::judge::Judge;
use super::walk::{Stop, Walk};
use crate::build::{self, Built};
use crate::tree::Course;
use crate::{files, term};

/// Where the program and the name of the check are.
const FOLDER: &str = "target/raft-lab/debug";

/// The program, below [`FOLDER`]. The launch configurations start it.
const PROGRAM: &str = "gate";

/// The file that names the check, below [`FOLDER`]. The launch configurations set the variable to it.
const CHECK: &str = "check";

/// Builds the check that `name` names, or the first one that is red.
pub(super) fn prepare(
    course: &Course,
    walk: &Walk<'_>,
    judge: &mut Judge<'_>,
    name: Option<&str>,
) -> Result<()> {
    if let Stop::Broken(_) = walk.stop {
        bail!("{} does not compile; `cargo xtask check` shows the errors", walk.module.dir);
    }
    let report = match name {
        Some(name) => explain::named(course, walk, name)?,
        None => walk.wrong().first().copied().with_context(|| {
            format!(
                "no check of {} is red; name the check that you want to debug",
                walk.module.called()
            )
        })?,
    };
    // Cargo is to see each file as new that is not the text that was built last.
    judge.gate(walk.module)?;
    let program = build(course, walk.module)?;
    let check = SelectedCheck::of(report);
    let file = program.with_file_name(CHECK);
    files::write_if_changed(&file, format!("{check}\n").as_bytes())?;
    say!("{}", term::bold(&format!("{check}: {}", report.claim)));
    if let Some(place) = &report.place {
        say!("  break at  {}", course.root.join(place).display());
    }
    say!(
        "  editor    VS Code: F5, Zed: F4, and choose the built check; Helix: `:debug-start check`"
    );
    let program = program.strip_prefix(&course.root).unwrap_or(&program);
    say!("  or        set RAFT_LAB_IN_PLACE=1 and start your debugger on");
    say!("            {} --test-threads 1 --exact {check}", program.display());
    Ok(())
}

/// Builds the gate of a module with its variables, and copies it to where launch configurations find it.
fn build(course: &Course, module: &Module) -> Result<PathBuf> {
    let packages: Vec<&str> = course.modules.iter().map(|module| &*module.package).collect();
    let Built::Ready(gate) = build::gate_for_debugger(&course.root, &module.package, &packages)?
    else {
        bail!("{} does not compile; `cargo xtask check` shows the errors", module.dir)
    };
    let folder = course.root.join(FOLDER);
    let program = folder.join(PROGRAM).with_extension(std::env::consts::EXE_EXTENSION);
    fs::create_dir_all(&folder).and_then(|()| replace(gate.executable(), &program)).with_context(
        || format!("cannot copy the program to {}", files::shown(Path::new(FOLDER))),
    )?;
    Ok(program)
}

/// Copies a program beside its place and renames the copy: a debugger may still have the old one open.
fn replace(from: &Path, to: &Path) -> std::io::Result<()> {
    let copy = to.with_extension("new");
    fs::copy(from, &copy)?;
    fs::rename(copy, to)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;
    use toml_edit::DocumentMut;

    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
    }

    /// A file of JSON in which lines may be comments.
    fn json(path: &str) -> Value {
        let text = fs::read_to_string(root().join(path)).unwrap();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        serde_json::from_str(&lines.collect::<Vec<_>>().join("\n")).unwrap()
    }

    /// What a launch configuration starts, from the root of the tree, and how.
    fn starts_the_check(root: &str, program: &str, variable: &str, check: &str) {
        assert_eq!(program, format!("{root}{FOLDER}/{PROGRAM}"));
        assert_eq!(check, format!("{root}{FOLDER}/{CHECK}"));
        let page = fs::read_to_string(self::root().join("docs/reference/environment.md")).unwrap();
        assert!(page.contains(&format!("| `{variable}` |")), "{variable} is not a variable");
    }

    /// Whether a command line is one of the runner.
    fn is_of_the_runner(command: &Value, arguments: &Value) {
        assert_eq!(command, "cargo");
        let words: Vec<&str> =
            arguments.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        assert_eq!(words[0], "xtask");
        crate::parse(&words[1..]).unwrap();
    }

    #[test]
    fn vs_code_builds_the_check_and_starts_it() {
        let tasks = json(".vscode/tasks.json");
        let tasks = tasks["tasks"].as_array().unwrap();
        for task in tasks {
            is_of_the_runner(&task["command"], &task["args"]);
        }
        let labels: BTreeSet<&str> =
            tasks.iter().map(|task| task["label"].as_str().unwrap()).collect();
        let launch = json(".vscode/launch.json");
        for configuration in launch["configurations"].as_array().unwrap() {
            let text = |name: &str| configuration[name].as_str().unwrap();
            // One configuration starts what is built already.
            let task = configuration["preLaunchTask"].as_str();
            assert!(task.is_none_or(|label| labels.contains(label)), "there is no task {task:?}");
            let (variable, check) =
                configuration["env"].as_object().unwrap().iter().next().unwrap();
            starts_the_check(
                "${workspaceFolder}/",
                text("program"),
                variable,
                check.as_str().unwrap(),
            );
        }
    }

    #[test]
    fn zed_builds_the_check_and_starts_it() {
        for configuration in json(".zed/debug.json").as_array().unwrap() {
            let text = |name: &str| configuration[name].as_str().unwrap();
            if let Some(build) = configuration.get("build") {
                is_of_the_runner(&build["command"], &build["args"]);
            }
            let (variable, check) =
                configuration["env"].as_object().unwrap().iter().next().unwrap();
            starts_the_check(
                "$ZED_WORKTREE_ROOT/",
                text("program"),
                variable,
                check.as_str().unwrap(),
            );
        }
    }

    #[test]
    fn helix_starts_the_check() {
        let text = fs::read_to_string(root().join(".helix/languages.toml")).unwrap();
        let file: DocumentMut = text.parse().unwrap();
        let template = &file["language"][0]["debugger"]["templates"][0];
        assert_eq!(template["name"].as_str(), Some("check"));
        let arguments = &template["args"];
        let (variable, check) = arguments["env"][0].as_str().unwrap().split_once('=').unwrap();
        starts_the_check("", arguments["program"].as_str().unwrap(), variable, check);
    }
}

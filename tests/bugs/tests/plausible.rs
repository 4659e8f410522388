//! For each exercise, `plausible.toml` names a wrong version that a learner could write from the stub alone. If it is
//! written in Rust, that is a patch; that it is red there, and that the text names the mistake, is judged with all other
//! patches. If it is not, it is a trial of `src/own.rs`, or a test that tries wrong answers.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bugs::Patches;
use serde::Deserialize;

#[derive(Deserialize)]
struct Module {
    exercise: Vec<Exercise>,
}

#[derive(Deserialize)]
struct Exercise {
    id: String,
    file: String,
}

/// Whether a trial of this name, or the test in this file, tries wrong versions of an exercise's file.
fn is_tried(root: &Path, file: &str, tried: &str) -> bool {
    let contains = |path: &str, words: &str| {
        fs::read_to_string(root.join(path)).is_ok_and(|text| text.contains(words))
    };
    let name = file.rsplit('/').next().unwrap_or_default();
    match name {
        "own.scenario" | "hunt.scenario" => {
            contains("tests/bugs/src/own.rs", &format!("\"{tried}\""))
        }
        _ => contains(tried, name),
    }
}

#[test]
fn each_exercise_has_a_wrong_server_that_its_stub_invites() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(own.join("plausible.toml")).unwrap();
    let mut plausible: BTreeMap<String, String> = toml_edit::de::from_str(&text).unwrap();
    let mut faults = Vec::new();
    let mut files: Vec<_> =
        fs::read_dir(own.join("patches")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let module = file.file_stem().unwrap();
        let exercises = own.join("..").join(module).join("exercises.toml");
        let text = fs::read_to_string(&exercises).unwrap();
        let module: Module = toml_edit::de::from_str(&text).unwrap();
        let patches = Patches::read(&file).unwrap();
        for Exercise { id, file } in module.exercise {
            let bug = plausible.remove(&id);
            let Some(bug) = bug else {
                faults.push(format!("exercise {id} has no wrong version in plausible.toml"));
                continue;
            };
            if Path::new(&file).extension().is_none_or(|extension| extension != "rs") {
                if !is_tried(&own.join("../.."), &file, &bug) {
                    faults.push(format!("exercise {id}: `{bug}` tries nothing in {file}"));
                }
                continue;
            }
            let found = patches.bug.iter().find(|it| it.id == bug);
            let shown = found.and_then(|it| it.first.as_ref().or(it.caught_by.first()));
            if !shown.is_some_and(|check| check.starts_with(&format!("{id}::"))) {
                faults.push(format!(
                    "exercise {id}: `{bug}` is no wrong server that is red there first"
                ));
            }
        }
    }
    faults.extend(plausible.keys().map(|id| format!("{id} in plausible.toml is no exercise")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

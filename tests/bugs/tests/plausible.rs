//! For each exercise that is written in Rust, `plausible.toml` names a wrong server that a learner could write from the
//! stub alone. That the server is red there, and that the text names the mistake, is judged with all other patches.

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
            if Path::new(&file).extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let Some(bug) = bug else {
                faults.push(format!("exercise {id} has no wrong server in plausible.toml"));
                continue;
            };
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

//! Each of some mistakes is found by the scenario that explores it, by itself: no line of it says what to do. What is
//! found is printed as a script that shows the same.

use std::fs;
use std::path::{Path, PathBuf};

use data_model as model;
use gates::{ExerciseId, Failure, scenario};
use simulator::NodeFactory;

#[path = "../../boot.rs"]
mod boot;
#[path = "explored/late.rs"]
mod late;
#[path = "explored/mod.rs"]
mod wrong;

use wrong::{WRONG, reference};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(format!("{name}.scenario"))
}

fn exercise(text: &str) -> ExerciseId {
    let id = text.lines().find_map(|line| line.strip_prefix("# exercise: "));
    id.expect("a scenario names its exercise").parse().expect("an exercise's number")
}

fn run(path: &Path, servers: NodeFactory) -> Result<scenario::Run, Box<Failure>> {
    let text = fs::read_to_string(path).expect("the scenario can be read");
    scenario::run(path, exercise(&text), servers, 1)
}

/// The script that a failure prints: the lines after the one that explores.
fn script(failure: &Failure, name: &str, text: &str) -> String {
    let note = failure.notes.iter().find(|note| note.starts_with("The shortest way there"));
    let note = note.unwrap_or_else(|| panic!("{name}: there is no way to it: {failure:#?}"));
    let before = text.lines().take_while(|line| !line.starts_with("explore "));
    let way = note.lines().skip(1).map(str::trim_start);
    before.chain(way).chain(["---", ""]).collect::<Vec<_>>().join("\n")
}

/// The number of an event depends on where its run began.
fn without_events(text: &str) -> String {
    text.split("(event").next().unwrap_or_default().to_owned()
}

#[test]
fn each_mistake_is_found_and_what_is_found_can_be_replayed() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for wrong in &WRONG {
        let (name, path) = (wrong.name, file(wrong.scenario));
        let Err(failure) = run(&path, (wrong.servers)()) else { panic!("{name}: not found") };
        let happened = &failure.happened;
        assert!(happened.contains(wrong.says), "{name}: {failure:#?}");
        let text = fs::read_to_string(&path).expect("the scenario can be read");
        let replay = folder.join("way.scenario");
        fs::write(&replay, script(&failure, name, &text)).expect("the folder can be written");
        let Err(again) = run(&replay, (wrong.servers)()) else {
            panic!("{name}: the script shows nothing: {failure:#?}")
        };
        assert_eq!(again.broken, failure.broken, "{name}: {again:#?}");
        if again.broken.is_some() {
            assert_eq!(without_events(&again.happened), without_events(happened), "{name}");
        }
        println!("{name}: {}", failure.notes[0]);
    }
}

#[test]
fn no_exploration_of_the_gates_finds_anything_on_the_reference() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut explored = 0;
    for module in ["02-election", "03-replication", "04-commitment", "07-membership"] {
        let files = fs::read_dir(tests.join(module)).expect("the suite's folder is there");
        for entry in files {
            let path = entry.expect("the folder can be read").path();
            let is_scenario = path.extension().is_some_and(|it| it == "scenario");
            let text =
                if is_scenario { fs::read_to_string(&path).expect("text") } else { continue };
            if !text.lines().any(|line| line.starts_with("explore ")) {
                continue;
            }
            let id = exercise(&text);
            let run = run(&path, reference(id.module));
            let run = run.unwrap_or_else(|failure| panic!("{}: {failure:#?}", path.display()));
            println!("{}: {}", path.display(), run.explored.join("\n"));
            explored += run.explored.len();
        }
    }
    assert!(explored >= WRONG.len());
}

//! The guide for teaching assistants: every entry names an exercise and a check that exist.

use std::collections::BTreeSet;
use std::fs;

use gates::course;
use serde_json::Value;

use crate::{none, page, root};

const PAGE: &str = "docs/instructors/teaching-assistants.md";

/// What the name of a check begins with that each wrong server of an own scenario has.
const NOTICES: &str = "your_own_scenario_notices_a_server_that_";

/// A claim as the name of its check.
fn named(claim: &str) -> String {
    let words = claim.replace(['\'', '’'], "");
    let words = words.split(|it: char| !it.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}

/// The checks that judge the wrong servers of the zoo: tests of those servers keep this list true.
fn of_the_zoo() -> BTreeSet<String> {
    let text = page("tests/bugs/zoo.jsonl");
    let verdicts = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    verdicts.filter_map(|verdict| Some(verdict["check"].as_str()?.to_owned())).collect()
}

/// What the suites and the gates say in string literals, as names of checks.
fn said_in(folder: &str) -> BTreeSet<String> {
    let mut said = BTreeSet::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("the file can be read");
                said.extend(text.split('"').skip(1).map(named));
            }
        }
    }
    said
}

#[test]
fn every_entry_names_an_exercise_and_a_check() {
    let text = page(PAGE);
    let modules = course::read_modules(&root()).unwrap_or_else(|why| panic!("{why}"));
    let zoo = of_the_zoo();
    let mut said = said_in("tests/gates/src");
    for module in &modules {
        said.extend(said_in(&format!("tests/{}", module.dir)));
    }
    let mut wrong = Vec::new();
    let mut guided = BTreeSet::new();
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [exercise, turn, check, question] = cells[..] else {
            if row.starts_with("| exercise") || row.contains("::") {
                wrong.push(format!("`{row}` has {} cells", cells.len()));
            }
            continue;
        };
        if exercise == "exercise" {
            continue;
        }
        let check = check.trim_matches('`');
        let Some((id, name)) = check.split_once("::") else {
            wrong.push(format!("{exercise}: `{check}` is no check"));
            continue;
        };
        let spoilt = name.strip_prefix(NOTICES);
        let is_known = zoo.contains(check)
            || said.contains(name)
            || spoilt.is_some_and(|it| said.contains(it));
        if id != exercise || !is_known {
            wrong.push(format!("{exercise}: there is no check `{check}`"));
        }
        if turn.is_empty() || !question.ends_with(['?', '.']) {
            wrong.push(format!("{exercise}: an entry is not whole"));
        }
        guided.insert(exercise.to_owned());
    }
    for exercise in modules.iter().flat_map(|module| &module.exercises) {
        if !guided.remove(&exercise.id.to_string()) {
            wrong.push(format!("exercise {} has no entry", exercise.id));
        }
    }
    wrong.extend(guided.into_iter().map(|id| format!("there is no exercise {id}")));
    none(&wrong);
}

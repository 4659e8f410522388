//! `docs/scenarios.md` is true: its examples run and show what they say, and they cover all commands.

use std::collections::BTreeSet;
use std::path::Path;

use ::election_solution as subject;
use gates::scenario::COMMANDS;
use gates::solution::{ScenarioPage, run_script};
use gates::{ExerciseId, Kind};
use subject::data_model::{self as model, Rules};

#[path = "../../../tests/boot.rs"]
mod boot;

static RULES: Rules = subject::RULES;

const EXERCISE: ExerciseId = ExerciseId { module: 2, number: 7 };

fn page() -> ScenarioPage {
    ScenarioPage::read(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_example_shows_what_the_page_says() {
    let servers = boot::servers_with(&RULES);
    let folder = env!("CARGO_TARGET_TMPDIR");
    let count = page().examples_hold("scenario", EXERCISE, &servers, folder);
    assert!(count >= COMMANDS.len() / 2, "only {count} examples were found on the page");
}

#[test]
fn every_wrong_script_is_told_as_the_page_says() {
    let page = page();
    let blocks = page.blocks();
    let wrong = blocks.iter().enumerate().filter(|(_, (kind, _))| *kind == "scenario fails");
    let mut count = 0;
    for (number, (_, script)) in wrong {
        let Some(("text", expected)) = blocks.get(number + 1) else {
            panic!("the error must follow in a block of text:\n{script}")
        };
        let name = format!("wrong {number}");
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.scenario"));
        let servers = boot::servers_with(&RULES);
        let Err(failure) = run_script(&path, script, EXERCISE, &servers) else {
            panic!("this does not fail:\n{script}")
        };
        let said = match &failure.kind {
            Kind::Todo(exercise) => format!("exercise {exercise} is not written yet"),
            _ => failure.happened.clone(),
        };
        // The page does not say how its scripts are called.
        let placed = said.split_once(&format!("{name}.scenario:"));
        let said = placed.map_or(said.clone(), |(_, fault)| format!("line {fault}"));
        assert_eq!(said, expected.replace('\n', " ").trim(), "of this script:\n{script}");
        count += 1;
    }
    assert!(count >= 5, "only {count} wrong scripts were found on the page");
}

#[test]
fn the_commands_on_the_page_are_all_there_are() {
    let page = page();
    let described: BTreeSet<&str> = page
        .text()
        .lines()
        .filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'))
        .collect();
    let there_are: Vec<String> =
        COMMANDS.iter().map(|(name, words)| format!("{name} {words}").trim().to_owned()).collect();
    assert_eq!(described, there_are.iter().map(String::as_str).collect());
}

#[test]
fn every_command_occurs_in_an_example() {
    let page = page();
    let used: BTreeSet<&str> = page
        .blocks()
        .into_iter()
        .filter(|(kind, _)| kind.starts_with("scenario"))
        .flat_map(|(_, example)| example.lines())
        .filter_map(|line| line.split(' ').next())
        .collect();
    let unused: Vec<&str> =
        COMMANDS.iter().map(|&(name, _)| name).filter(|name| !used.contains(name)).collect();
    assert!(unused.is_empty(), "no example uses {unused:?}");
}

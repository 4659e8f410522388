//! `docs/scenarios.md` says what is true: its examples run and show what they say, and they are of all
//! commands there are.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::election_solution as subject;
use gates::scenario::{self, COMMANDS};
use gates::simulator::Boot;
use gates::{ExerciseId, Failure, Kind};
use subject::data_model::{self as model, Rules};

#[path = "../../../tests/boot.rs"]
mod boot;

static RULES: Rules = subject::RULES;

const EXERCISE: ExerciseId = ExerciseId { module: 2, number: 7 };

/// The page, with the line ends that it has in the repository.
fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/scenarios.md");
    fs::read_to_string(path).expect("the page is there").replace("\r\n", "\n")
}

/// The fenced blocks of the page: what stands behind the fence, and the text.
fn fenced(page: &str) -> Vec<(&str, &str)> {
    let mut parts = page.split("\n```");
    let _before = parts.next();
    let mut blocks = Vec::new();
    while let (Some(block), Some(_prose)) = (parts.next(), parts.next()) {
        blocks.push(block.split_once('\n').unwrap_or((block, "")));
    }
    blocks
}

/// A transcript without what was shown: the script.
fn script_of(transcript: &str) -> String {
    let mut script = String::new();
    let mut shown = false;
    for line in transcript.lines() {
        shown &= !line.is_empty();
        if !shown {
            script.push_str(line);
            script.push('\n');
        }
        shown |= line == "---";
    }
    script
}

fn run(name: &str, script: &str) -> Result<String, Box<Failure>> {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.scenario"));
    fs::write(&path, script).expect("the file can be written");
    let boot: Boot = Arc::new(|setup, given| boot::boot(setup, given, &RULES));
    scenario::run(&path, EXERCISE, boot, 1).map(|run| run.transcript)
}

#[test]
fn every_example_shows_what_the_page_says() {
    let page = page();
    let examples = fenced(&page).into_iter().filter(|(kind, _)| *kind == "scenario");
    let mut count = 0;
    for (number, (_, example)) in examples.enumerate() {
        let shown = run(&format!("example {number}"), &script_of(example))
            .unwrap_or_else(|failure| panic!("{example}\n\nfails: {failure:#?}"));
        assert_eq!(shown.trim_end(), example.trim_end(), "in docs/scenarios.md (right) stands:");
        count += 1;
    }
    assert!(count >= COMMANDS.len() / 2, "only {count} examples were found on the page");
}

#[test]
fn every_wrong_script_is_told_as_the_page_says() {
    let page = page();
    let blocks = fenced(&page);
    let wrong = blocks.iter().enumerate().filter(|(_, (kind, _))| *kind == "scenario fails");
    let mut count = 0;
    for (number, (_, script)) in wrong {
        let Some(("text", expected)) = blocks.get(number + 1) else {
            panic!("what is said of it must follow in a block of text:\n{script}")
        };
        let name = format!("wrong {number}");
        let Err(failure) = run(&name, script) else { panic!("this does not fail:\n{script}") };
        let said = match &failure.kind {
            Kind::Todo(exercise) => format!("exercise {exercise} is not written yet"),
            _ => failure.happened.clone(),
        };
        let said = said.strip_prefix(&format!("{name}.scenario")).unwrap_or(&said);
        let said = said.trim_start_matches([',', ':', ' ']);
        assert_eq!(said, expected.replace('\n', " ").trim(), "of this script:\n{script}");
        count += 1;
    }
    assert!(count >= 5, "only {count} wrong scripts were found on the page");
}

#[test]
fn the_commands_on_the_page_are_all_there_are() {
    let page = page();
    let described: BTreeSet<&str> =
        page.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`')).collect();
    let there_are: Vec<String> =
        COMMANDS.iter().map(|(name, words)| format!("{name} {words}").trim().to_owned()).collect();
    assert_eq!(described, there_are.iter().map(String::as_str).collect());
}

#[test]
fn every_command_occurs_in_an_example() {
    let page = page();
    let used: BTreeSet<&str> = fenced(&page)
        .into_iter()
        .filter(|(kind, _)| kind.starts_with("scenario"))
        .flat_map(|(_, example)| example.lines())
        .filter_map(|line| line.split(' ').next())
        .collect();
    let unused: Vec<&str> =
        COMMANDS.iter().map(|&(name, _)| name).filter(|name| !used.contains(name)).collect();
    assert!(unused.is_empty(), "no example uses {unused:?}");
}

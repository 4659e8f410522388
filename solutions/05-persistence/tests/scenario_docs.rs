//! The examples of `docs/scenarios.md` that need servers of module 5 show what the page says.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::persistence_solution as subject;
use gates::ExerciseId;
use gates::scenario;
use gates::simulator::Boot;
use subject::data_model::{self as model, Rules};

#[path = "../../../tests/boot.rs"]
mod boot;

static RULES: Rules = subject::RULES;

const EXERCISE: ExerciseId = ExerciseId { module: 5, number: 7 };

/// What opens such an example.
const FENCE: &str = "\n```scenario of module 5\n";

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

#[test]
fn examples_of_module_5_show_what_the_page_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/scenarios.md");
    let page = fs::read_to_string(page).expect("the page is there").replace("\r\n", "\n");
    let examples: Vec<&str> =
        page.split(FENCE).skip(1).filter_map(|rest| rest.split("\n```").next()).collect();
    assert!(!examples.is_empty(), "the page has no example that begins with{FENCE}");
    for (example, number) in examples.into_iter().zip(1..) {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{number}.scenario"));
        fs::write(&path, script_of(example)).expect("the file can be written");
        let boot: Boot = Arc::new(|setup, given| boot::boot(setup, given, &RULES));
        let run = scenario::run(&path, EXERCISE, boot, 1)
            .unwrap_or_else(|failure| panic!("{example}\n\nfails: {failure:#?}"));
        assert_eq!(run.transcript.trim_end(), example.trim_end(), "the page (right) says:");
    }
}

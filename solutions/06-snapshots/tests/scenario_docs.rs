//! The examples of `docs/scenarios.md` that need servers of module 6 show what the page says.

use ::snapshots_solution as subject;
use gates::ExerciseId;
use gates::solution::ScenarioPage;
use subject::data_model::{self as model, Rules};

#[path = "../../../tests/boot.rs"]
mod boot;

static RULES: Rules = subject::RULES;

const EXERCISE: ExerciseId = ExerciseId { module: 6, number: 8 };

#[test]
fn examples_of_module_6_show_what_the_page_says() {
    let page = ScenarioPage::read(env!("CARGO_MANIFEST_DIR"));
    let servers = boot::servers_with(&RULES);
    let folder = env!("CARGO_TARGET_TMPDIR");
    let count = page.examples_hold("scenario of module 6", EXERCISE, &servers, folder);
    assert!(count > 0, "the page has no example of module 6");
}

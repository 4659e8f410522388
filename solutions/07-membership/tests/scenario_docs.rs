//! The examples of `docs/scenarios.md` that need servers of module 7 show what the page says.

use ::membership_solution as subject;
use gates::ExerciseId;
use gates::solution::ScenarioPage;
use subject::data_model::{self as model, Rules};

#[path = "../../../tests/boot.rs"]
mod boot;

static RULES: Rules = subject::RULES;

const EXERCISE: ExerciseId = ExerciseId { module: 7, number: 11 };

#[test]
fn examples_of_module_7_show_what_the_page_says() {
    let page = ScenarioPage::read(env!("CARGO_MANIFEST_DIR"));
    let servers = boot::servers_with(&RULES);
    let folder = env!("CARGO_TARGET_TMPDIR");
    let count = page.examples_hold("scenario of module 7", EXERCISE, &servers, folder);
    assert!(count > 0, "the page has no example of module 7");
}

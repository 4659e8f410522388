//! The scenarios of module 2 show the same on servers with all rules of the module.

use ::election_solution as subject;
use gates::{ExerciseId, solution};
use subject::data_model::{self as model, Rules};

#[path = "../../../tests/boot.rs"]
mod boot;

static RULES: Rules = subject::RULES;

#[test]
fn every_scenario_shows_the_same_on_complete_servers() {
    let last = ExerciseId { module: 2, number: u32::MAX };
    let servers = |_| boot::servers_with(&RULES);
    solution::scenarios_hold("02-election", env!("CARGO_MANIFEST_DIR"), servers, last, 40);
}

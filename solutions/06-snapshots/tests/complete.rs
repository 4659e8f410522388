//! A scenario runs on the rules up to its own exercise, so that it can be green before the later ones are
//! written. It must show the same on servers with all rules of the module, or it would fail servers that are
//! right.

use ::snapshots_solution as subject;
use gates::{ExerciseId, solution};
use subject::data_model::{self as model, Rules};

#[path = "../../../tests/boot.rs"]
mod boot;

static RULES: Rules = subject::RULES;

#[test]
fn every_scenario_shows_the_same_on_complete_servers() {
    let last = ExerciseId { module: 6, number: 7 };
    let servers = |_| boot::servers_with(&RULES);
    solution::scenarios_hold("06-snapshots", env!("CARGO_MANIFEST_DIR"), servers, last, 14);
}

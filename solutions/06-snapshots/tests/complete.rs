//! The scenarios about snapshots show the same on servers with all rules for them. Changes of members have a table
//! of their own, with other elections.

use ::snapshots_solution as subject;
use gates::{ExerciseId, solution};
use subject::data_model::{self as model, Rules};

#[path = "../../../tests/boot.rs"]
mod boot;

static RULES: Rules = subject::SNAPSHOTS;

#[test]
fn every_scenario_shows_the_same_on_complete_servers() {
    let last = ExerciseId { module: 6, number: 6 };
    let servers = boot::servers_with(&RULES);
    solution::scenarios_hold("06-snapshots", env!("CARGO_MANIFEST_DIR"), &servers, last, 14);
}

//! A scenario runs on the rules up to its own exercise, so that it can be green before the later
//! ones are written. It must show the same on servers with all that snapshots need: else it would fail
//! servers that are right. (Changes of members are another table, on which elections go otherwise.)

use std::path::Path;
use std::sync::Arc;

use ::snapshots_solution as subject;
use gates::scenario::{self, Boots};
use gates::simulator::Boot;
use gates::{ExerciseId, Outcome, Suite};
use subject::data_model::{self as model, Rules};

#[path = "../../../tests/boot.rs"]
mod boot;

static RULES: Rules = subject::SNAPSHOTS;

const LAST: ExerciseId = ExerciseId { module: 6, number: 6 };

#[test]
fn every_scenario_shows_the_same_on_complete_servers() {
    let boots: Boots =
        Arc::new(|_| -> Boot { Arc::new(|setup, given| boot::boot(setup, given, &RULES)) });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/06-snapshots");
    let mut checks = scenario::checks(&folder, &boots);
    checks.retain(|check| check.exercise <= LAST);
    let suite = Suite::new("06-snapshots", env!("CARGO_MANIFEST_DIR"), checks);
    assert!(suite.checks.len() >= 14, "only {} scenarios were found", suite.checks.len());
    for check in &suite.checks {
        let report = gates::run_here(&suite, check, 1);
        assert_eq!(report.outcome, Outcome::Passed, "{}", report.text);
    }
}

//! A scenario runs on the rules up to its own exercise, so that it can be green before the later
//! ones are written. It must show the same on a complete server: else it would fail servers that
//! are right.

use std::path::Path;
use std::sync::Arc;

use ::replication_solution as subject;
use gates::scenario::{self, Boots};
use gates::simulator::Boot;
use gates::{Outcome, Suite};
use subject::data_model::{self as model, Rules};

#[path = "../../../tests/boot.rs"]
mod boot;

static RULES: Rules = subject::RULES;

#[test]
fn every_scenario_shows_the_same_on_complete_servers() {
    let boots: Boots =
        Arc::new(|_| -> Boot { Arc::new(|setup, given| boot::boot(setup, given, &RULES)) });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/03-replication");
    let checks = scenario::checks(&folder, &boots);
    let suite = Suite::new("03-replication", env!("CARGO_MANIFEST_DIR"), checks);
    assert!(suite.checks.len() >= 36, "only {} scenarios were found", suite.checks.len());
    for check in &suite.checks {
        let report = gates::run_here(&suite, check, 1);
        assert_eq!(report.outcome, Outcome::Passed, "{}", report.text);
    }
}

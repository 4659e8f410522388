//! The checks of the open path. The file that includes this one names the server under test.
//!
//! Each milestone takes the scenarios of a module that need nothing of a server but `protocol::Node`, and the storms of
//! that module. They run on whole servers: what a scenario's exercise does not know is left out of its transcript.

use std::path::Path;
use std::sync::Arc;

use gates::protocol::Setup;
use gates::scenario::NodeFactories;
use gates::simulator::{InitialState, NodeFactory};
use gates::{ExerciseId, Suite, scenario};

use super::subject;
use subject::Features;

pub(crate) mod milestones;
mod storms;

/// The checks, for the subject in this folder.
pub(crate) fn suite(manifest_dir: &'static str) -> Suite {
    let tests = Path::new(manifest_dir).join("../../tests");
    let folders = milestones::FOLDERS.map(|folder| tests.join(folder));
    let scenarios = folders.iter().flat_map(|folder| scenarios(folder));
    let suite = Suite::new("open", manifest_dir, Vec::new())
        .with(scenarios)
        .with(storms::checks(&tests))
        .reading(folders.iter().cloned());
    storms::KINDS.into_iter().fold(suite, |suite, kind| suite.storms(move |it| kind.check(it)))
}

fn scenarios(folder: &Path) -> Vec<gates::Check> {
    let factories: NodeFactories = Arc::new(servers);
    scenario::of_whole_servers(folder, &factories, milestones::of_scenario)
}

/// Makes servers for the scenarios of an exercise, or for a milestone.
fn servers(exercise: ExerciseId) -> NodeFactory {
    let (check_quorum, pre_vote) = milestones::features_of(exercise);
    Arc::new(move |setup, given| boot(setup, &given, Features { check_quorum, pre_vote }))
}

/// A new server. A server of another design cannot be put into a state, but it may wait to be added.
fn boot(setup: Setup, given: &InitialState, features: Features) -> Box<dyn gates::protocol::Node> {
    let is_new = *given == InitialState { waits: given.waits, ..InitialState::default() };
    assert!(is_new, "a check of the open path puts a server into a state");
    subject::server(setup, features)
}

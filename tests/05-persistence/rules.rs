//! The checks of module 5. The file that includes this one names the module under test.

use std::path::Path;
use std::sync::Arc;

use gates::scenario::{self, Boots};
use gates::simulator::Boot;
use gates::{ExerciseId, Suite};

use super::subject;
use subject::RULES;
use subject::data_model::{self as model, Rules};

#[path = "../boot.rs"]
mod boot;

mod crash_points;
mod failing;
mod frames;
mod own;
mod reading;
mod records;
mod recovering;
mod sabotage;
mod saving;
mod servers;
mod storms;
mod story;

/// The module's checks, for the subject in this folder.
pub(crate) fn suite(manifest_dir: &'static str) -> Suite {
    let files = [
        records::checks(),
        frames::checks(),
        reading::checks(),
        saving::checks(),
        recovering::checks(),
        failing::checks(),
        scenarios(manifest_dir),
        crash_points::checks(manifest_dir),
        storms::checks(),
        own::checks(manifest_dir),
    ];
    Suite::new("05-persistence", manifest_dir, Vec::new())
        .with(files.into_iter().flatten())
        .storms(storms::check)
}

/// The scenarios beside this file, each upon the table of its exercise.
fn scenarios(manifest_dir: &str) -> Vec<gates::Check> {
    let boots: Boots = Arc::new(|exercise: ExerciseId| servers_with(table(exercise.number)));
    let folder = Path::new(manifest_dir).join("../../tests/05-persistence");
    scenario::checks(&folder, &boots)
}

/// Makes servers with these rules.
fn servers_with(rules: &'static Rules) -> Boot {
    Arc::new(move |setup, given| boot::boot(setup, given, rules))
}

static BEFORE: Rules = subject::commitment::RULES;
static SAVE: Rules = Rules { persist: subject::save, ..BEFORE };
static RECOVER: Rules = Rules { recover: subject::recover, ..SAVE };
static ALL: Rules = RULES;

/// The rows of the exercises up to 5.`exercise`; what is not there yet is module 4's.
fn table(exercise: u32) -> &'static Rules {
    match exercise {
        0..=3 => &BEFORE,
        4 => &SAVE,
        5 => &RECOVER,
        _ => &ALL,
    }
}

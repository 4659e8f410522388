//! The checks of module 5. The file that includes this one names the module under test.

use gates::hunt::BugHunt;
use gates::{Suite, scenario};

use super::subject;
use subject::RULES;
use subject::data_model::{self as model, Rules};

#[path = "../boot.rs"]
mod boot;
use boot::servers_with;

mod bad_storm;
mod crash_points;
mod failing;
mod frames;
mod hunt;
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
        scenario::of_module("05-persistence", manifest_dir, |exercise| {
            servers_with(table(exercise))
        }),
        crash_points::checks(manifest_dir),
        storms::checks(),
        own::checks(manifest_dir),
        bad_storm::task(table(8)).checks(manifest_dir),
        BugHunt::new("5.8", manifest_dir, servers_with, table(8)).bugs(&hunt::BUGS),
    ];
    Suite::new("05-persistence", manifest_dir, Vec::new())
        .with(files.into_iter().flatten())
        .storms(storms::check)
        .storms(storms::sessions)
        .storms(storms::reads)
        .storms_of("5.9", bad_storm::fuzzed)
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

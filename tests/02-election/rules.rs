//! The checks of module 2. The file that includes this one names the module under test.

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

mod campaigns;
mod counting;
mod heartbeats;
mod own;
mod sabotage;
mod servers;
mod storms;
mod timeouts;
mod up_to_date;
mod votes;

/// The module's checks, for the subject in this folder.
pub(crate) fn suite(manifest_dir: &'static str) -> Suite {
    let files = [
        timeouts::checks(),
        up_to_date::checks(),
        votes::checks(),
        counting::checks(),
        campaigns::checks(),
        heartbeats::checks(),
        scenarios(manifest_dir),
        storms::checks(),
        own::checks(manifest_dir),
    ];
    Suite::new("02-election", manifest_dir, Vec::new())
        .with(files.into_iter().flatten())
        .storms(storms::check)
}

/// The scenarios beside this file, each upon the table of its exercise.
fn scenarios(manifest_dir: &str) -> Vec<gates::Check> {
    let boots: Boots = Arc::new(|exercise: ExerciseId| servers_with(table(exercise.number)));
    let folder = Path::new(manifest_dir).join("../../tests/02-election");
    scenario::checks(&folder, &boots)
}

/// Makes servers with these rules.
fn servers_with(rules: &'static Rules) -> Boot {
    Arc::new(move |setup, given| boot::boot(setup, given, rules))
}

static TIMEOUT: Rules = Rules { start: RULES.start, deposed: RULES.deposed, ..model::RULES };
static VOTE: Rules = Rules { request_vote: RULES.request_vote, ..TIMEOUT };
static COUNT: Rules = Rules { request_vote_reply: RULES.request_vote_reply, ..VOTE };
static CAMPAIGN: Rules = Rules { election_timeout: RULES.election_timeout, ..COUNT };
static ALL: Rules = RULES;

/// The rows of the exercises up to 2.`exercise`; what is not there yet is module 1's. So a check of an
/// exercise needs nothing that comes after it.
fn table(exercise: u32) -> &'static Rules {
    match exercise {
        0..=2 => &TIMEOUT,
        3 => &VOTE,
        4 => &COUNT,
        5 => &CAMPAIGN,
        _ => &ALL,
    }
}

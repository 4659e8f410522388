//! The checks of module 3. The file that includes this one names the module under test.

use gates::hunt::BugHunt;
use gates::{Suite, scenario};

use super::subject;
use subject::RULES;
use subject::data_model::{self as model, Rules};
use subject::election;

#[path = "../boot.rs"]
mod boot;
use boot::servers_with;
#[allow(dead_code, reason = "each suite uses a part of it")]
#[path = "../grid.rs"]
mod grid;
#[path = "../logs.rs"]
mod logs;

mod agreeing;
mod answers;
mod any_state;
mod changing;
mod commands;
mod hints;
mod hunt;
mod log_matching;
mod merging;
mod own;
mod receiving;
mod sabotage;
mod sending;
mod servers;
mod storms;
mod traffic;

/// The module's checks, for the subject in this folder.
pub(crate) fn suite(manifest_dir: &'static str) -> Suite {
    let files = [
        changing::checks(),
        sending::checks(),
        agreeing::checks(),
        merging::checks(),
        receiving::checks(),
        any_state::checks(),
        answers::checks(),
        commands::checks(),
        traffic::checks(),
        scenario::of_module("03-replication", manifest_dir, |exercise| {
            servers_with(table(exercise))
        }),
        storms::checks(),
        own::checks(manifest_dir),
        hints::checks(),
        log_matching::PROOF.checks(manifest_dir),
        BugHunt::new("3.11", manifest_dir, servers_with, table(11)).bugs(&hunt::BUGS),
    ];
    Suite::new("03-replication", manifest_dir, Vec::new())
        .with(files.into_iter().flatten())
        .storms(storms::check)
}

// Each table is the learner's, with the rows of later exercises taken from module 2. What the learner overrides besides
// the rows of the exercises counts from the beginning.
static COMMANDS: Rules = RULES;
static REPLIES: Rules = Rules { client_request: election::RULES.client_request, ..COMMANDS };
static RECEIVE: Rules =
    Rules { append_entries_reply: election::RULES.append_entries_reply, ..REPLIES };
static SEND: Rules = Rules { append_entries: election::RULES.append_entries, ..RECEIVE };
static BEFORE: Rules = Rules { replicate_to: election::RULES.replicate_to, ..SEND };

/// The rows of the exercises up to 3.`exercise`; what is not there yet is module 2's. So a check of an
/// exercise needs nothing that comes after it. The bonus is part of no row: its functions are neutral
/// until they are written.
fn table(exercise: u32) -> &'static Rules {
    match exercise {
        0..=1 => &BEFORE,
        2..=4 => &SEND,
        5 => &RECEIVE,
        6 => &REPLIES,
        _ => &COMMANDS,
    }
}

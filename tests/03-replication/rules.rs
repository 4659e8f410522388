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
#[path = "../logs.rs"]
mod logs;

mod agreeing;
mod answers;
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

static BEFORE: Rules = election::RULES;
static SEND: Rules = Rules { replicate_to: RULES.replicate_to, ..BEFORE };
static RECEIVE: Rules = Rules { append_entries: RULES.append_entries, ..SEND };
static REPLIES: Rules = Rules { append_entries_reply: RULES.append_entries_reply, ..RECEIVE };
static ALL: Rules = RULES;

/// The rows of the exercises up to 3.`exercise`; what is not there yet is module 2's. So a check of an
/// exercise needs nothing that comes after it. The bonus is part of no row: its functions are neutral
/// until they are written.
fn table(exercise: u32) -> &'static Rules {
    match exercise {
        0..=1 => &BEFORE,
        2..=4 => &SEND,
        5 => &RECEIVE,
        6 => &REPLIES,
        _ => &ALL,
    }
}

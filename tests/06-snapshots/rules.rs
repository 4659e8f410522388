//! The checks of module 6. The file that includes this one names the module under test.

use gates::hunt::BugHunt;
use gates::{Suite, scenario};

use super::subject;
use subject::RULES;
use subject::data_model::{self as model, Rules};

#[path = "../boot.rs"]
mod boot;
use boot::servers_with;

mod chunks;
mod compacting;
mod crash_points;
mod hunt;
mod installing;
mod own;
mod receiving;
mod recovering;
mod replies;
mod sabotage;
mod saving;
mod sending;
mod servers;
mod states;
mod storms;
mod story;
mod taking;
mod transfers;

/// The module's checks, for the subject in this folder.
pub(crate) fn suite(manifest_dir: &'static str) -> Suite {
    let files = [
        compacting::checks(),
        taking::checks(),
        saving::checks(),
        recovering::checks(),
        sending::checks(),
        replies::checks(),
        sending::later_checks(),
        receiving::checks(),
        installing::checks(),
        states::checks(),
        transfers::checks(),
        scenario::of_module("06-snapshots", manifest_dir, |exercise| servers_with(table(exercise))),
        crash_points::checks(manifest_dir),
        storms::checks(),
        own::checks(manifest_dir),
        BugHunt::new("6.9", manifest_dir, servers_with, table(9)).bugs(&hunt::BUGS),
    ];
    Suite::new("06-snapshots", manifest_dir, Vec::new())
        .with(files.into_iter().flatten())
        .storms(storms::check)
        .storms(storms::sessions)
        .storms(storms::reads)
}

static COMPACT: Rules =
    Rules { append_entries: RULES.append_entries, ..subject::persistence::RULES };
static SAVE: Rules = Rules { persist: RULES.persist, ..COMPACT };
static RECOVER: Rules = Rules { recover: RULES.recover, ..SAVE };
static SEND: Rules = Rules {
    elected: RULES.elected,
    heartbeat_timeout: RULES.heartbeat_timeout,
    replicate_to: RULES.replicate_to,
    install_snapshot_reply: RULES.install_snapshot_reply,
    ..RECOVER
};
static ALL: Rules = RULES;

/// The rows of the exercises up to 6.`exercise`; what is not there yet is module 5's. So a check of an
/// exercise needs nothing that comes after it.
fn table(exercise: u32) -> &'static Rules {
    match exercise {
        0..=2 => &COMPACT,
        3 => &SAVE,
        4 => &RECOVER,
        5..=6 => &SEND,
        _ => &ALL,
    }
}

//! The checks of module 2. The file that includes this one names the module under test.

use gates::hunt::BugHunt;
use gates::{Suite, scenario};

use super::subject;
use subject::RULES;
use subject::data_model::{self as model, Rules};

#[path = "../boot.rs"]
mod boot;
use boot::servers_with;
#[allow(dead_code, reason = "each suite uses a part of it")]
#[path = "../grid.rs"]
mod grid;

mod any_state;
mod campaigns;
mod counting;
mod following;
mod heartbeats;
mod hunt;
mod leading;
mod own;
mod sabotage;
mod servers;
mod storms;
mod story;
mod timeouts;
mod up_to_date;
mod votes;

/// The module's checks, for the subject in this folder.
pub(crate) fn suite(manifest_dir: &'static str) -> Suite {
    let files = [
        timeouts::checks(),
        up_to_date::checks(),
        votes::checks(),
        leading::checks(),
        counting::checks(),
        campaigns::checks(),
        heartbeats::checks(),
        following::checks(),
        any_state::checks(),
        scenario::of_module("02-election", manifest_dir, |exercise| servers_with(table(exercise))),
        story::checks(),
        storms::checks(),
        own::checks(manifest_dir),
        BugHunt::new("2.9", manifest_dir, servers_with, table(9)).bugs(&hunt::BUGS),
    ];
    Suite::new("02-election", manifest_dir, Vec::new())
        .with(files.into_iter().flatten())
        .storms(storms::check)
}

// Each table is the learner's, with the rows of later exercises taken from module 1. What the learner overrides besides
// the rows of the exercises counts from the beginning.
static FOLLOW: Rules = RULES;
static HEARTBEAT: Rules =
    Rules { append_entries: model::RULES.append_entries, follow: model::RULES.follow, ..FOLLOW };
static CAMPAIGN: Rules = Rules {
    elected: model::RULES.elected,
    heartbeat_timeout: model::RULES.heartbeat_timeout,
    replicate_to: model::RULES.replicate_to,
    ..HEARTBEAT
};
static COUNT: Rules = Rules { election_timeout: model::RULES.election_timeout, ..CAMPAIGN };
static VOTE: Rules = Rules { request_vote_reply: model::RULES.request_vote_reply, ..COUNT };
static TIMEOUT: Rules = Rules { request_vote: model::RULES.request_vote, ..VOTE };

/// The rows of the exercises up to 2.`exercise`; what is not there yet is module 1's. So a check of an
/// exercise needs nothing that comes after it.
fn table(exercise: u32) -> &'static Rules {
    match exercise {
        0..=2 => &TIMEOUT,
        3 => &VOTE,
        4 => &COUNT,
        5 => &CAMPAIGN,
        6 => &HEARTBEAT,
        _ => &FOLLOW,
    }
}

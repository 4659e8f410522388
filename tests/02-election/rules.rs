//! The checks of module 2. The file that includes this one names the module under test.

use gates::hunt::BugHunt;
use gates::{Suite, scenario};

use super::subject;
use subject::RULES;
use subject::data_model::{self as model, Rules};

#[path = "../boot.rs"]
mod boot;
use boot::servers_with;

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

static TIMEOUT: Rules = Rules { start: RULES.start, deposed: RULES.deposed, ..model::RULES };
static VOTE: Rules = Rules { request_vote: RULES.request_vote, ..TIMEOUT };
static COUNT: Rules = Rules { request_vote_reply: RULES.request_vote_reply, ..VOTE };
static CAMPAIGN: Rules = Rules { election_timeout: RULES.election_timeout, ..COUNT };
static HEARTBEAT: Rules = Rules {
    elected: RULES.elected,
    heartbeat_timeout: RULES.heartbeat_timeout,
    replicate_to: RULES.replicate_to,
    ..CAMPAIGN
};
static ALL: Rules = RULES;

/// The rows of the exercises up to 2.`exercise`; what is not there yet is module 1's. So a check of an
/// exercise needs nothing that comes after it.
fn table(exercise: u32) -> &'static Rules {
    match exercise {
        0..=2 => &TIMEOUT,
        3 => &VOTE,
        4 => &COUNT,
        5 => &CAMPAIGN,
        6 => &HEARTBEAT,
        _ => &ALL,
    }
}

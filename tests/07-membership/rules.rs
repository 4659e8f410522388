//! The checks of module 7. The file that includes this one names the module under test.

use gates::hunt::BugHunt;
use gates::{Suite, scenario};

use super::subject;
use subject::RULES;
use subject::data_model::{self as model, Rules};

#[path = "../boot.rs"]
mod boot;
use boot::servers_with;

mod catch_up;
mod change;
mod check_quorum;
mod configuration;
mod hunt;
mod illegal;
mod last;
mod leader_lease;
mod own;
mod pre_vote;
mod removal;
mod sabotage;
mod servers;
mod states;
mod storms;
mod story;
mod taking_over;
mod transfer;

/// The module's checks, for the subject in this folder.
pub(crate) fn suite(manifest_dir: &'static str) -> Suite {
    let files = [
        configuration::checks(),
        change::checks(),
        catch_up::checks(),
        removal::checks(),
        leader_lease::checks(),
        check_quorum::checks(),
        scenario::of_module("07-membership", manifest_dir, |exercise| {
            servers_with(table(exercise))
        }),
        storms::checks(),
        own::checks(manifest_dir),
        last::checks(manifest_dir),
        pre_vote::checks(),
        transfer::checks(),
        taking_over::checks(),
        BugHunt::new("7.8", manifest_dir, servers_with, &QUORUM).bugs(&hunt::BUGS),
        illegal::checks(),
        states::checks(),
    ];
    Suite::new("07-membership", manifest_dir, Vec::new())
        .with(files.into_iter().flatten())
        .storms(storms::check)
}

static CONFIGURE: Rules = Rules {
    append_entries: subject::configuration::append_entries,
    election_timeout: subject::configuration::election_timeout,
    ..subject::snapshots::RULES
};
/// Servers are added and removed at once.
static CHANGE: Rules = Rules { client_request: subject::change::client_request, ..CONFIGURE };
static CATCH_UP: Rules = Rules {
    client_request: subject::catch_up::client_request,
    heartbeat_timeout: subject::catch_up::heartbeat_timeout,
    advance_commit: subject::catch_up::advance_commit,
    deposed: subject::catch_up::deposed,
    ..CHANGE
};
static REMOVE: Rules = Rules { advance_commit: subject::removal::advance_commit, ..CATCH_UP };
static LEASE: Rules = Rules {
    intercept_request: subject::leader_lease::intercept_request,
    follow: subject::leader_lease::follow,
    lease_timeout: subject::leader_lease::lease_timeout,
    ..REMOVE
};
static QUORUM: Rules = Rules {
    elected: subject::check_quorum::elected,
    reply_received: subject::check_quorum::reply_received,
    election_timeout: subject::check_quorum::election_timeout,
    ..LEASE
};
static PRE_VOTE: Rules = Rules {
    election_timeout: subject::pre_vote::election_timeout,
    pre_vote: subject::pre_vote::pre_vote,
    pre_vote_reply: subject::pre_vote::pre_vote_reply,
    ..QUORUM
};
static TRANSFER: Rules = Rules {
    client_request: subject::transfer::client_request,
    append_entries_reply: subject::transfer::append_entries_reply,
    ..PRE_VOTE
};
static ALL: Rules = RULES;

/// The rows of the exercises up to 7.`exercise`; the rest is module 6's. So a check of an exercise needs
/// nothing that comes after it.
fn table(exercise: u32) -> &'static Rules {
    match exercise {
        0..=1 => &CONFIGURE,
        2 => &CHANGE,
        3 => &CATCH_UP,
        4 => &REMOVE,
        5 => &LEASE,
        6..=8 => &QUORUM,
        9 => &PRE_VOTE,
        10 => &TRANSFER,
        _ => &ALL,
    }
}

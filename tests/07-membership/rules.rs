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
        .storms(storms::sessions)
        .storms(storms::reads)
        .storms(storms::asking)
        .storms(storms::handing_over)
}

// From the learner's whole table down: each takes away what belongs to one exercise more. So a row that the
// learner overrides besides is never passed over.
static ALL: Rules = RULES;
static TRANSFER: Rules = Rules {
    election_timeout: subject::pre_vote::election_timeout,
    deposed: subject::catch_up::deposed,
    timeout_now: BEFORE.timeout_now,
    ..ALL
};
static PRE_VOTE: Rules = Rules {
    client_request: subject::catch_up::client_request,
    append_entries_reply: BEFORE.append_entries_reply,
    ..TRANSFER
};
static QUORUM: Rules = Rules {
    election_timeout: subject::check_quorum::election_timeout,
    pre_vote: BEFORE.pre_vote,
    pre_vote_reply: BEFORE.pre_vote_reply,
    ..PRE_VOTE
};
static LEASE: Rules = Rules {
    elected: BEFORE.elected,
    reply_received: BEFORE.reply_received,
    election_timeout: subject::configuration::election_timeout,
    ..QUORUM
};
static REMOVE: Rules = Rules {
    intercept_request: BEFORE.intercept_request,
    follow: BEFORE.follow,
    lease_timeout: BEFORE.lease_timeout,
    ..LEASE
};
static CATCH_UP: Rules = Rules { advance_commit: subject::catch_up::advance_commit, ..REMOVE };
/// Servers are added and removed at once.
static CHANGE: Rules = Rules {
    client_request: subject::change::client_request,
    heartbeat_timeout: BEFORE.heartbeat_timeout,
    advance_commit: BEFORE.advance_commit,
    deposed: BEFORE.deposed,
    ..CATCH_UP
};
static CONFIGURE: Rules = Rules { client_request: BEFORE.client_request, ..CHANGE };
static BEFORE: Rules = subject::snapshots::RULES;

/// The learner's rows, but for those of exercises after 7.`exercise`: these are module 6's. So a check of an
/// exercise needs nothing that comes after it.
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

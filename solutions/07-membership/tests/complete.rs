//! A scenario runs on the rules up to its own exercise, so that it can be green before the later ones are
//! written. It must show the same on servers that know more: otherwise it would fail servers that are
//! right.
//!
//! From 7.5 on, elections need leases to run out first, and from 7.9 on, servers ask before an election. So
//! the scenarios before 7.5 run with all that 7.4 knows, and those before 7.9 with all that 7.6 knows.

use ::membership_solution as subject;
use gates::{ExerciseId, solution};
use subject::data_model::{self as model, Rules};
use subject::{catch_up, check_quorum, configuration, leader_lease, removal, snapshots};

#[path = "../../../tests/boot.rs"]
mod boot;

/// What exercise 7.4 knows: members change, and candidates are listened to at any time.
static MEMBERS: Rules = Rules {
    append_entries: configuration::append_entries,
    election_timeout: configuration::election_timeout,
    client_request: catch_up::client_request,
    heartbeat_timeout: catch_up::heartbeat_timeout,
    advance_commit: removal::advance_commit,
    deposed: catch_up::deposed,
    ..snapshots::RULES
};

/// What exercise 7.6 knows, with transfers of leadership, which change nothing until a client asks for one.
static QUORUM: Rules = Rules {
    elected: check_quorum::elected,
    reply_received: check_quorum::reply_received,
    follow: leader_lease::follow,
    election_timeout: check_quorum::election_timeout,
    ..subject::RULES
};

const LAST: ExerciseId = ExerciseId { module: 7, number: 8 };

fn rules(exercise: ExerciseId) -> &'static Rules {
    if exercise.number < 5 { &MEMBERS } else { &QUORUM }
}

#[test]
fn every_scenario_shows_the_same_on_servers_that_know_more() {
    let servers = |exercise| boot::servers_with(rules(exercise));
    solution::scenarios_hold("07-membership", env!("CARGO_MANIFEST_DIR"), servers, LAST, 30);
}

//! The checks of module 6. The file that includes this one names the module under test.

use gates::{Suite, scenario};

use super::subject;
use subject::data_model::{self as model, LateRules, Rules};
use subject::{RULES, SNAPSHOTS};

#[path = "../boot.rs"]
mod boot;
use boot::servers_with;

mod compaction;
mod membership;

/// The module's checks, for the subject in this folder.
pub(crate) fn suite(manifest_dir: &'static str) -> Suite {
    let files = [
        compaction::checks(manifest_dir),
        scenario::of_module("06-snapshots", manifest_dir, |exercise| servers_with(table(exercise))),
        membership::checks(manifest_dir),
    ];
    Suite::new("06-snapshots", manifest_dir, Vec::new())
        .with(files.into_iter().flatten())
        .storms(membership::storms)
}

static COMPACT: Rules =
    Rules { append_entries: SNAPSHOTS.append_entries, ..subject::persistence::RULES };
static TAKE: Rules = Rules { persist: SNAPSHOTS.persist, ..COMPACT };
static RECOVER: Rules = Rules { recover: SNAPSHOTS.recover, ..TAKE };
static SEND: Rules = Rules {
    replicate_to: SNAPSHOTS.replicate_to,
    install_snapshot_reply: SNAPSHOTS.install_snapshot_reply,
    ..RECOVER
};
static INSTALL: Rules = SNAPSHOTS;

static CONFIGURE: Rules = Rules {
    append_entries: subject::configuration::append_entries,
    election_timeout: subject::configuration::election_timeout,
    ..SNAPSHOTS
};
static CHANGE: Rules = Rules {
    client_request: subject::change::client_request,
    heartbeat_timeout: subject::change::heartbeat_timeout,
    advance_commit: subject::change::advance_commit,
    deposed: subject::change::deposed,
    ..CONFIGURE
};
static DISREGARD: Rules = Rules {
    append_entries: subject::disruption::append_entries,
    install_snapshot: subject::disruption::install_snapshot,
    election_timeout: subject::disruption::election_timeout,
    late: LateRules {
        before_term: RULES.late.before_term,
        quiet_timeout: RULES.late.quiet_timeout,
        ..SNAPSHOTS.late
    },
    ..CHANGE
};
static ASK_FIRST: Rules = Rules {
    election_timeout: subject::pre_vote::election_timeout,
    late: LateRules {
        pre_vote: RULES.late.pre_vote,
        pre_vote_reply: RULES.late.pre_vote_reply,
        ..DISREGARD.late
    },
    ..DISREGARD
};
static ALL: Rules = RULES;

/// The rows of the exercises up to 6.`exercise`; what is not there yet is module 5's. So a check of an
/// exercise needs nothing that comes after it.
fn table(exercise: u32) -> &'static Rules {
    match exercise {
        0..=1 => &COMPACT,
        2 => &TAKE,
        3 => &RECOVER,
        4..=5 => &SEND,
        6 => &INSTALL,
        7 => &CONFIGURE,
        8 => &CHANGE,
        9..=10 => &DISREGARD,
        11 => &ASK_FIRST,
        _ => &ALL,
    }
}

//! The reference, as far as it was taught up to an exercise. When a module is added, the name of its
//! package, its rules and its last exercise change here.

use ::membership::{
    self as latest, check_quorum, commitment, configuration, persistence, replication, snapshots,
};
use gates::ExerciseId;
use gates::simulator::NodeFactory;
use latest::data_model::{self as model, Outbox, RaftNode, Rules};
use latest::protocol::{AppendEntries, AppendEntriesReply};

#[path = "../../../boot.rs"]
mod boot;

/// The last exercise of the last module.
#[allow(dead_code, reason = "not every test that uses the reference asks for all of it")]
pub(crate) const LATEST: ExerciseId = ExerciseId { module: 7, number: 11 };

/// Without the hint in a rejection, which exercise 3.9 adds: a leader steps back entry by entry.
static REPLICATION: Rules = Rules { append_entries: without_hint, ..replication::RULES };
static WITH_HINT: Rules = replication::RULES;
/// Without a leader's first entry, which exercise 4.8 adds: the paper's figures have none.
static COMMITMENT: Rules = Rules { elected: replication::RULES.elected, ..commitment::RULES };
static FIRST_ENTRY: Rules = commitment::RULES;
static PERSISTENCE: Rules = persistence::RULES;
static SNAPSHOTS: Rules = snapshots::RULES;
/// Without stepping down for want of a quorum, which exercise 7.6 adds.
static LEASE: Rules = Rules {
    elected: snapshots::RULES.elected,
    reply_received: snapshots::RULES.reply_received,
    election_timeout: configuration::election_timeout,
    ..latest::RULES
};
/// Without asking before an election, which exercise 7.9 adds.
static MEMBERSHIP: Rules =
    Rules { election_timeout: check_quorum::election_timeout, ..latest::RULES };
static ALL: Rules = latest::RULES;

/// Makes servers that know what is taught up to an exercise; module 3 at least, since a follower of module
/// 2 cannot answer its leader with success yet.
pub(crate) fn servers(exercise: ExerciseId) -> NodeFactory {
    boot::servers_with(rules(exercise))
}

/// Makes servers with these rules.
#[allow(dead_code, reason = "not every test that uses the reference changes it")]
pub(crate) fn servers_with(rules: &'static Rules) -> NodeFactory {
    boot::servers_with(rules)
}

fn rules(exercise: ExerciseId) -> &'static Rules {
    match (exercise.module, exercise.number) {
        (0..=2, _) | (3, ..=8) => &REPLICATION,
        (3, _) => &WITH_HINT,
        (4, ..=7) => &COMMITMENT,
        (4, _) => &FIRST_ENTRY,
        (5, _) => &PERSISTENCE,
        (6, _) => &SNAPSHOTS,
        (7, ..=5) => &LEASE,
        (7, ..=8) => &MEMBERSHIP,
        _ => &ALL,
    }
}

fn without_hint(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    AppendEntriesReply { conflict: None, ..replication::append_entries(node, request, out) }
}

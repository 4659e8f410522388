//! The reference, as far as it was taught up to an exercise.

use gates::ExerciseId;

use super::latest::data_model::{Outbox, RaftNode, Rules};
use super::latest::protocol::{AppendEntries, AppendEntriesReply};
use super::latest::{self, replication};

/// Without the hint in a refusal, which exercise 3.9 adds: a leader steps back entry by entry.
static REPLICATION: Rules = Rules { append_entries: without_hint, ..replication::RULES };
static WITH_HINT: Rules = replication::RULES;
/// Without a leader's first entry, which exercise 4.8 adds: the paper's figures have none.
static COMMITMENT: Rules = Rules { elected: replication::RULES.elected, ..latest::RULES };
static ALL: Rules = latest::RULES;

/// The rules of servers that know what is taught up to an exercise; module 3 at least, since a follower
/// of module 2 cannot answer its leader with success yet.
pub(crate) fn rules(exercise: ExerciseId) -> &'static Rules {
    match (exercise.module, exercise.number) {
        (0..=2, _) | (3, ..=8) => &REPLICATION,
        (3, _) => &WITH_HINT,
        (4, ..=7) => &COMMITMENT,
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

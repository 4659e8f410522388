//! Exercise 5.9: servers whose mistake shows only after a crash, and only if the next election comes soon.

use std::ops::RangeInclusive;

use gates::bad_storm::BadStorm;
use gates::proof::Choice;
use gates::simulator::Property;
use gates::storm::{Goal, storms};
use gates::{Check, Context};

use super::model::{Outbox, RaftNode, Rules};
use super::subject::protocol::{Index, RequestVote, RequestVoteReply, Term};
use super::{RULES, servers_with};

static WRONG: Rules = Rules { request_vote: compare_with_committed, ..RULES };

/// The exercise, with the learner's own table.
pub(super) fn task(own: &'static Rules) -> BadStorm<Rules> {
    BadStorm {
        exercise: "5.9",
        servers_with,
        own,
        wrong: &WRONG,
        storms: |context: &mut Context, servers, numbers| {
            storms(context, servers, Goal::Durable, numbers)
        },
        properties: PROPERTIES,
        mistakes: MISTAKES,
    }
}

/// The storms of `cargo xtask fuzz 5.9`.
pub(super) fn fuzzed(numbers: RangeInclusive<u64>) -> Check {
    task(&RULES).fuzzed(numbers)
}

/// The properties as the learner's file lists them.
const PROPERTIES: &[(&str, Property)] = &[
    ("A", Property::ElectionSafety),
    ("B", Property::OneVoteATerm),
    ("C", Property::LogMatching),
    ("D", Property::LeaderCompleteness),
    ("E", Property::StateMachineSafety),
    ("F", Property::AnsweredIsKept),
];

/// The mistakes as the learner's file lists them.
const MISTAKES: &[Choice] = &[
    Choice {
        name: "P",
        says: "A vote is answered before it is on disk.",
        wrong: Some(
            "Then a server would vote twice in one term, or come back without its vote. Look at the votes in the script: \
             each server gives one in a term, and keeps it.",
        ),
    },
    Choice {
        name: "Q",
        says: "A candidate's log is compared by its length alone.",
        wrong: Some(
            "Then a voter that has not crashed would make the same mistake. Compare the servers that the winner asked: \
             what has happened to the one that should have rejected it?",
        ),
    },
    Choice {
        name: "R",
        says: "A follower acknowledges entries before they are on disk.",
        wrong: Some(
            "Then an entry would be missing on the server that crashed. Look at its log when it is back: the entry is \
             there. What did the server do although it had it?",
        ),
    },
    Choice {
        name: "S",
        says: "A voter compares the candidate's log with what it knows to be committed, and not with the end of its log.",
        wrong: None,
    },
    Choice {
        name: "T",
        says: "A server that comes back is in an older term than before.",
        wrong: Some(
            "Then a term would decrease in the script. Compare the terms before the crash and after it.",
        ),
    },
    Choice {
        name: "U",
        says: "A leader commits an entry of an earlier term because a majority holds it.",
        wrong: Some(
            "Then the leader that committed would have had no entry of its own term on a majority. Look at what it had \
             replicated by then.",
        ),
    },
];

fn compare_with_committed(
    node: &mut RaftNode,
    request: &RequestVote,
    out: &mut Outbox,
) -> RequestVoteReply {
    let committed = node.commit_index;
    let own = (node.log.term_at(committed).unwrap_or_default(), committed);
    let is_up_to_date = (request.last_log_term, request.last_log_index) >= own;
    // A log that is beyond every other, or behind every other, leaves the rest to the learner's own row.
    let (last_log_term, last_log_index) =
        if is_up_to_date { (Term(u64::MAX), Index(u64::MAX)) } else { (Term(0), Index(0)) };
    (RULES.request_vote)(node, &RequestVote { last_log_term, last_log_index, ..*request }, out)
}

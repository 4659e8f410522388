//! Exercise 3.10: the statements of a proof of Log Matching, to be put in order.

use gates::proof::{Argument, Statement};

pub(super) const PROOF: Argument = Argument {
    exercise: "3.10",
    file: "log_matching.proof",
    source: "§5.3: \"The consistency check acts as an induction step: the initial empty state of the logs satisfies \
             the Log Matching Property, and the consistency check preserves the Log Matching Property whenever logs \
             are extended.\"",
    statements: STATEMENTS,
};

const fn true_one(
    name: &'static str,
    says: &'static str,
    needs: &'static [&'static str],
    open: &'static str,
) -> Statement {
    Statement { name, says, needs, wrong: None, open }
}

const fn false_one(name: &'static str, says: &'static str, wrong: &'static str) -> Statement {
    Statement { name, says, needs: &[], wrong: Some(wrong), open: "" }
}

const STATEMENTS: &[Statement] = &[
    true_one(
        "A",
        "After every event Log Matching holds, so it always holds.",
        &["C", "F", "H", "K", "L"],
        "what does the proof prove? It never says that Log Matching holds.",
    ),
    false_one(
        "B",
        "An entry that is on a majority is never deleted.",
        "Figure 8 shows one that is. Log Matching compares logs, and says nothing about what stays in them.",
    ),
    true_one(
        "C",
        "Before the first event all logs are empty, so Log Matching holds.",
        &[],
        "where does the induction begin?",
    ),
    true_one(
        "D",
        "A follower accepts an AppendEntries only if its entry at prev_log_index has the term prev_log_term.",
        &[],
        "what does a follower compare before it accepts entries?",
    ),
    false_one(
        "E",
        "A follower accepts an AppendEntries only if its log is not longer than the leader's.",
        "(c) and (d) of Figure 7 are longer, and accept the first request of the leader of term 8.",
    ),
    true_one(
        "F",
        "Suppose that Log Matching holds before an event.",
        &[],
        "what may the proof assume about the logs before an event?",
    ),
    true_one(
        "G",
        "No two entries have the same index and term: only the leader of a term makes entries of it, one for each index, and none is ever moved.",
        &[],
        "could two entries of the same index and term hold different commands?",
    ),
    true_one(
        "H",
        "If the event is that a leader appends a new entry, no other log has an entry of that index and term, so no \
         two logs agree in a new place.",
        &["F", "G"],
        "what if the event is that a leader appends a new entry?",
    ),
    false_one(
        "I",
        "Two logs that end with entries of the same term have the same length.",
        "One of two followers may not have received the last entries of that term yet.",
    ),
    true_one(
        "J",
        "So the follower's log and the leader's are identical up to prev_log_index.",
        &["D", "F"],
        "two terms at one index were compared; what do they say about the entries before it?",
    ),
    true_one(
        "K",
        "If the event is that a follower accepts entries, they are the leader's, and follow a part in which the two \
         logs are identical; so the logs are identical up to the last of these entries.",
        &["J"],
        "what if the event is that a follower accepts entries?",
    ),
    true_one(
        "L",
        "If entries are deleted from the end of a log, no two logs agree in a new place.",
        &["F"],
        "what if entries are deleted?",
    ),
];

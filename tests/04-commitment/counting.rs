//! Exercise 4.12: a proof that counting is enough, with the step that does not follow.

use gates::proof::{Choice, Gap};

pub(super) const PROOF: Gap = Gap {
    exercise: "4.12",
    file: "counting.proof",
    source: "§5.4.2, §5.4.3: \"Raft never commits log entries from previous terms by counting replicas.\"",
    steps: STEPS,
    repairs: REPAIRS,
    counterexample: &[
        ("elected", &["S5"], "the leader that is elected without the entry"),
        ("voter", &["S2", "S3"], "a server that holds the entry and votes for that leader"),
        ("last", &["3"], "the term of the last entry of that leader when it is elected"),
    ],
};

const fn right(name: &'static str, says: &'static str) -> Choice {
    Choice { name, says, wrong: None }
}

const fn wrong(name: &'static str, says: &'static str, wrong: &'static str) -> Choice {
    Choice { name, says, wrong: Some(wrong) }
}

const STEPS: &[Choice] = &[
    wrong(
        "1",
        "Suppose that some later leader lacks e. Let U be the first term after T whose leader lacks e.",
        "This only says what the proof is about to refute. Among the later terms whose leaders lack e there is a \
         first one.",
    ),
    wrong(
        "2",
        "A majority holds e, and a majority voted for the leader of U. So some server, the voter, acknowledged e to \
         the leader of T and voted for the leader of U.",
        "Two majorities of the same servers have a server in common. The leader of T counts only servers that have \
         acknowledged e to it.",
    ),
    wrong(
        "3",
        "The voter acknowledged e before it voted.",
        "After it had voted, it was in term U, and would have rejected a request of the leader of T, whose term is \
         lower.",
    ),
    wrong(
        "4",
        "When it voted, the voter still held e.",
        "A follower deletes an entry only if it conflicts with the log of a leader. Every leader between T and U holds \
         e, because U is the first whose leader does not.",
    ),
    wrong(
        "5",
        "The voter granted its vote. So by §5.4.1 its own log was not the more up-to-date one.",
        "This is the condition of §5.4.1, which the voter checks.",
    ),
    wrong(
        "6",
        "If the last entries of both logs have the same term, the log of the leader of U is at least as long, and by \
         Log Matching it contains e.",
        "Both last entries were made by the same leader. So the longer log contains every entry of the shorter one.",
    ),
    right(
        "7",
        "Otherwise the last entry of the leader of U has a later term than the voter's, and so a term after T. The \
         leader of that term held e, so by Log Matching the leader of U does, too.",
    ),
    wrong(
        "8",
        "In both cases the leader of U holds e, which contradicts the choice of U.",
        "By §5.4.1 there are no other cases. If steps 6 and 7 were right, this would follow.",
    ),
];

const REPAIRS: &[Choice] = &[
    wrong(
        "A",
        "The log of the leader of U is longer than the voter's.",
        "If the terms of the last entries differ, the length is not compared. A longer log need not contain e \
         either.",
    ),
    wrong(
        "B",
        "All servers but one hold e.",
        "In Figure 8, let S4 hold the entry of term 2 as well. S5 still gets the votes of S2, S3 and S4: its last \
         entry is of term 3.",
    ),
    right("C", "The entry e is of term T."),
    wrong(
        "D",
        "The leader of T exchanges heartbeats with a majority once more before it counts e as committed.",
        "The exchange shows that S1 still leads. It does not change what S2 and S3 compare when S5 asks for their \
         votes later.",
    ),
    wrong(
        "E",
        "No server that holds e votes for another server after T.",
        "Then the claim holds, but no cluster could: after the leader of T has crashed, no majority would be left to \
         elect another one.",
    ),
];

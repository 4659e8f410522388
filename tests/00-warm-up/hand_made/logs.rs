//! Executions made by hand, about logs.

use gates::protocol::{Index, Term};
use gates::simulator::Property;

use super::{HandMade, PLAIN, S1, S2, S3, entry, has};

pub(super) static LOG_MATCHING: [HandMade; 8] = [
    HandMade {
        about: Property::LogMatching,
        breaks: true,
        claim: "Different commands with the same index and term break Log Matching",
        moments: &[2, 3],
        happens: |r| {
            r.elected(S1, Term(1));
            r.in_term(S2, Term(1));
            r.log_changed(S2, Index(1), [entry(1, "set x 1")]);
            r.in_term(S3, Term(1));
            r.log_changed(S3, Index(1), [entry(1, "set y 2")]);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LogMatching,
        breaks: false,
        claim: "Logs may differ where their terms do",
        moments: &[],
        happens: |r| {
            has(r, S1, 6, &[1, 1, 1, 4, 4, 5, 5, 6]);
            has(r, S2, 4, &[1, 1, 1, 4, 4, 4, 4]);
            has(r, S3, 3, &[1, 1, 1, 2, 2, 2, 3, 3, 3]);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LogMatching,
        breaks: false,
        claim: "One log may be the beginning of another",
        moments: &[],
        happens: |r| {
            has(r, S1, 2, &[1, 1, 2]);
            has(r, S2, 1, &[1]);
            has(r, S3, 2, &[1, 1]);
            has(r, S2, 2, &[1, 1, 2]);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LogMatching,
        breaks: true,
        claim: "The same entry after different ones breaks Log Matching",
        moments: &[1, 2],
        happens: |r| {
            has(r, S1, 3, &[1, 3]);
            has(r, S2, 3, &[2, 3]);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LogMatching,
        breaks: false,
        claim: "The same term and command may come again at another index",
        moments: &[],
        happens: |r| {
            r.elected(S1, Term(1));
            r.log_changed(S1, Index(1), [entry(1, "append x a"), entry(1, "append x a")]);
            r.in_term(S2, Term(1));
            r.log_changed(S2, Index(1), [entry(1, "append x a")]);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LogMatching,
        breaks: true,
        claim: "Log Matching is broken also far before the end of the logs",
        moments: &[2, 3],
        happens: |r| {
            has(r, S1, 1, &[1]);
            has(r, S2, 6, &[1, 2, 2, 3, 4, 6]);
            has(r, S3, 5, &[1, 1, 2, 5]);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LogMatching,
        breaks: true,
        claim: "Log Matching is broken also by two logs that agree again before they part",
        moments: &[2, 3],
        happens: |r| {
            r.elected(S1, Term(1));
            r.log_changed(
                S1,
                Index(1),
                [entry(1, "set x 1"), entry(1, "set x 2"), entry(1, "set x 3")],
            );
            r.in_term(S2, Term(1));
            let other = [entry(1, "set x 1"), entry(1, "set x 7"), entry(1, "set x 3")];
            r.log_changed(S2, Index(1), other);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LogMatching,
        breaks: true,
        claim: "Log Matching compares a log with the logs that the same server had before",
        reading: Some(
            "In this lab, all logs count that there ever were, those of one server among them.",
        ),
        moments: &[1, 2],
        happens: |r| {
            r.in_term(S1, Term(2));
            r.log_changed(S1, Index(1), [entry(1, "set x 1"), entry(2, "set x 2")]);
            r.log_changed(S1, Index(1), [entry(1, "set y 1"), entry(2, "set x 2")]);
        },
        ..PLAIN
    },
];

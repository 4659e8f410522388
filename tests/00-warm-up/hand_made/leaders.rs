//! Executions made by hand, about what leaders may do.

use gates::protocol::{Index, Term};
use gates::simulator::Property;

use super::{HandMade, PLAIN, S1, S2, S3, deposed, entry, has};

pub(super) static ELECTION_SAFETY: [HandMade; 8] = [
    HandMade {
        about: Property::ElectionSafety,
        breaks: true,
        claim: "Two servers that are elected in one term break Election Safety",
        moments: &[1, 2],
        happens: |r| {
            r.elected(S1, Term(1));
            r.elected(S2, Term(1));
        },
        ..PLAIN
    },
    HandMade {
        about: Property::ElectionSafety,
        breaks: false,
        claim: "Two leaders at one time are legal, if their terms are different",
        moments: &[],
        happens: |r| {
            r.elected(S1, Term(1));
            r.elected(S2, Term(2));
            r.elected(S3, Term(4));
        },
        ..PLAIN
    },
    HandMade {
        about: Property::ElectionSafety,
        breaks: false,
        claim: "One server may be elected in one term after the other",
        moments: &[],
        happens: |r| {
            r.elected(S1, Term(1));
            deposed(r, S1, 2);
            r.elected(S1, Term(3));
            r.elected(S2, Term(4));
            deposed(r, S1, 4);
            r.elected(S1, Term(5));
        },
        ..PLAIN
    },
    HandMade {
        about: Property::ElectionSafety,
        breaks: true,
        claim: "Election Safety is broken even if the first leader of the term no longer leads",
        moments: &[2, 4],
        happens: |r| {
            r.elected(S3, Term(3));
            r.elected(S1, Term(4));
            r.stepped_down(S1);
            r.elected(S2, Term(4));
        },
        ..PLAIN
    },
    HandMade {
        about: Property::ElectionSafety,
        breaks: true,
        claim: "Election Safety is broken even if a leader of another term comes in between",
        moments: &[1, 5],
        happens: |r| {
            r.elected(S1, Term(1));
            has(r, S1, 1, &[1]);
            r.elected(S2, Term(2));
            deposed(r, S1, 2);
            r.elected(S3, Term(1));
        },
        ..PLAIN
    },
    HandMade {
        about: Property::ElectionSafety,
        breaks: false,
        claim: "Elections need not come in the order of their terms",
        moments: &[],
        happens: |r| {
            r.elected(S1, Term(3));
            r.elected(S2, Term(2));
            r.elected(S3, Term(1));
        },
        ..PLAIN
    },
    HandMade {
        about: Property::ElectionSafety,
        breaks: false,
        claim: "Nothing is wrong where nothing happens",
        moments: &[],
        happens: |_| {},
        ..PLAIN
    },
    HandMade {
        about: Property::ElectionSafety,
        breaks: false,
        claim: "A server that is elected twice in one term is still the only leader of that term",
        reading: Some("It is about leaders, not about elections."),
        moments: &[],
        happens: |r| {
            r.elected(S1, Term(1));
            r.crashed(S1);
            r.restarted(S1);
            r.elected(S1, Term(1));
            r.elected(S2, Term(2));
        },
        ..PLAIN
    },
];

pub(super) static LEADER_APPEND_ONLY: [HandMade; 9] = [
    HandMade {
        about: Property::LeaderAppendOnly,
        breaks: true,
        claim: "A leader that overwrites an entry breaks Leader Append-Only",
        moments: &[3],
        happens: |r| {
            has(r, S2, 1, &[1, 1]);
            r.elected(S2, Term(2));
            has(r, S2, 2, &[1, 2]);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LeaderAppendOnly,
        breaks: true,
        claim: "A leader that deletes its last entry breaks Leader Append-Only",
        moments: &[3],
        happens: |r| {
            r.elected(S1, Term(1));
            has(r, S1, 1, &[1, 1]);
            has(r, S1, 1, &[1]);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LeaderAppendOnly,
        breaks: false,
        claim: "A leader may append one entry or many",
        moments: &[],
        happens: |r| {
            has(r, S1, 1, &[1]);
            r.elected(S1, Term(2));
            has(r, S1, 2, &[1, 2]);
            has(r, S1, 2, &[1, 2, 2, 2]);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LeaderAppendOnly,
        breaks: false,
        claim: "Followers may overwrite and delete, also while another server leads",
        moments: &[],
        happens: |r| {
            has(r, S2, 2, &[1, 2, 2]);
            has(r, S3, 1, &[1, 1]);
            r.elected(S1, Term(3));
            has(r, S1, 3, &[3]);
            has(r, S2, 3, &[3]);
            has(r, S3, 3, &[3]);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LeaderAppendOnly,
        breaks: false,
        claim: "A server that no longer leads may give up entries",
        moments: &[],
        happens: |r| {
            r.elected(S1, Term(1));
            has(r, S1, 1, &[1, 1, 1]);
            deposed(r, S1, 2);
            has(r, S1, 2, &[1, 2]);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LeaderAppendOnly,
        breaks: true,
        claim: "A leader that takes an entry out of the middle breaks Leader Append-Only",
        moments: &[3],
        happens: |r| {
            has(r, S1, 2, &[1, 1, 2]);
            r.elected(S1, Term(3));
            // The second is gone; the third is in its place.
            r.log_changed(S1, Index(2), [entry(2, "set x 32")]);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LeaderAppendOnly,
        breaks: true,
        claim: "A leader breaks Leader Append-Only even if its log becomes longer",
        moments: &[3],
        happens: |r| {
            has(r, S1, 2, &[1, 1, 2]);
            r.elected(S1, Term(3));
            has(r, S1, 3, &[1, 3, 3, 3]);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LeaderAppendOnly,
        breaks: true,
        claim: "A server that leads again must only append, as before",
        moments: &[6],
        happens: |r| {
            r.elected(S3, Term(1));
            has(r, S3, 1, &[1, 1, 1]);
            deposed(r, S3, 2);
            has(r, S3, 2, &[1, 2]);
            r.elected(S3, Term(3));
            has(r, S3, 3, &[1]);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LeaderAppendOnly,
        breaks: true,
        claim: "A leader that replaces a command by another of the same term breaks Leader Append-Only",
        also: &[Property::LogMatching],
        moments: &[3],
        happens: |r| {
            r.elected(S1, Term(1));
            r.log_changed(S1, Index(1), [entry(1, "set x 1"), entry(1, "set x 2")]);
            r.log_changed(S1, Index(2), [entry(1, "set y 2")]);
        },
        ..PLAIN
    },
];

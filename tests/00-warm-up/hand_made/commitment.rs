//! Executions made by hand, about what is applied and committed.

use gates::protocol::{Index, Term};
use gates::simulator::Property;

use super::{HandMade, PLAIN, S1, S2, S3, deposed, entry, executes, has};

pub(super) static STATE_MACHINE_SAFETY: [HandMade; 6] = [
    HandMade {
        about: Property::StateMachineSafety,
        breaks: true,
        claim: "Different entries applied at one index break State Machine Safety",
        moments: &[3, 7],
        happens: |r| {
            r.elected(S1, Term(1));
            has(r, S1, 1, &[1]);
            // Before it is committed.
            r.applied(S1, Index(1));
            r.elected(S2, Term(2));
            has(r, S2, 2, &[2]);
            executes(r, S2, 1);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::StateMachineSafety,
        breaks: false,
        claim: "Servers may apply the same entries at different times, and in each other's absence",
        moments: &[],
        happens: |r| {
            r.elected(S1, Term(1));
            has(r, S1, 1, &[1, 1]);
            has(r, S2, 1, &[1, 1]);
            executes(r, S1, 1);
            executes(r, S2, 2);
            r.crashed(S1);
            r.restarted(S1);
            executes(r, S1, 2);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::StateMachineSafety,
        breaks: false,
        claim: "Entries that differ at one index are legal as long as no two of them are applied",
        moments: &[],
        happens: |r| {
            r.elected(S1, Term(1));
            has(r, S1, 1, &[1, 1]);
            r.elected(S2, Term(2));
            has(r, S2, 2, &[2]);
            executes(r, S2, 1);
            deposed(r, S1, 2);
            has(r, S1, 2, &[2]);
            executes(r, S1, 1);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::StateMachineSafety,
        breaks: true,
        claim: "State Machine Safety is broken also by followers, and long after",
        moments: &[7, 15],
        happens: |r| {
            r.elected(S1, Term(2));
            has(r, S1, 2, &[1, 2]);
            // S1 holds [1, 2], commits it; S3 has an entry of term 1 in the place of the second.
            executes(r, S1, 2);
            has(r, S2, 2, &[1, 2]);
            executes(r, S2, 2);
            has(r, S3, 2, &[1, 1]);
            executes(r, S3, 2);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::StateMachineSafety,
        breaks: true,
        claim: "Different commands of one term applied at one index break State Machine Safety",
        also: &[Property::LogMatching],
        moments: &[3, 5],
        happens: |r| {
            r.elected(S1, Term(1));
            r.log_changed(S1, Index(1), [entry(1, "set x 1")]);
            r.applied(S1, Index(1));
            r.in_term(S2, Term(1));
            r.log_changed(S2, Index(1), [entry(1, "set y 2")]);
            r.applied(S2, Index(1));
        },
        ..PLAIN
    },
    HandMade {
        about: Property::StateMachineSafety,
        breaks: true,
        claim: "A server that applies another entry after a restart breaks State Machine Safety",
        reading: Some("In this lab, a server that has restarted counts as another server."),
        moments: &[3, 7],
        happens: |r| {
            r.in_term(S1, Term(1));
            has(r, S1, 1, &[1]);
            executes(r, S1, 1);
            r.crashed(S1);
            r.restarted(S1);
            has(r, S1, 2, &[2]);
            r.applied(S1, Index(1));
        },
        ..PLAIN
    },
];

pub(super) static LEADER_COMPLETENESS: [HandMade; 9] = [
    HandMade {
        about: Property::LeaderCompleteness,
        breaks: true,
        claim: "A later leader without a committed entry breaks Leader Completeness",
        moments: &[3, 4],
        happens: |r| {
            r.elected(S1, Term(1));
            has(r, S1, 1, &[1]);
            r.committed(S1, Index(1));
            r.elected(S2, Term(2));
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LeaderCompleteness,
        breaks: false,
        claim: "A leader does not have at its election what it will commit itself",
        moments: &[],
        happens: |r| {
            r.elected(S1, Term(1));
            has(r, S1, 1, &[1]);
            has(r, S2, 1, &[1]);
            executes(r, S1, 1);
            r.elected(S2, Term(2));
            has(r, S2, 2, &[1, 2]);
            executes(r, S2, 2);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LeaderCompleteness,
        breaks: true,
        claim: "A later leader with another entry in its place breaks Leader Completeness",
        moments: &[5, 8],
        happens: |r| {
            has(r, S3, 2, &[1, 2, 2]);
            r.elected(S1, Term(3));
            has(r, S1, 3, &[1, 3]);
            executes(r, S1, 2);
            r.elected(S3, Term(4));
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LeaderCompleteness,
        breaks: false,
        claim: "A leader of a lower term that is elected late may lack what is committed",
        moments: &[],
        happens: |r| {
            r.elected(S1, Term(5));
            has(r, S1, 5, &[5]);
            executes(r, S1, 1);
            r.elected(S2, Term(4));
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LeaderCompleteness,
        breaks: false,
        claim: "An entry may be committed in a later term than its own, by a server that has it",
        moments: &[],
        happens: |r| {
            // Figure 8, (b) and (e): S3 was elected in term 3 without S1's entry of term 2, and committed nothing. S1
            // commits it in term 4.
            r.elected(S1, Term(2));
            has(r, S1, 2, &[1, 2]);
            r.elected(S3, Term(3));
            r.in_term(S1, Term(4));
            r.elected(S1, Term(4));
            has(r, S2, 4, &[1, 2]);
            has(r, S1, 4, &[1, 2, 4]);
            executes(r, S1, 3);
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LeaderCompleteness,
        breaks: true,
        claim: "Leader Completeness goes by terms: the leader of the higher term may be elected first",
        moments: &[4, 3],
        happens: |r| {
            r.elected(S1, Term(1));
            has(r, S1, 1, &[1]);
            r.elected(S2, Term(2));
            r.committed(S1, Index(1));
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LeaderCompleteness,
        breaks: true,
        claim: "Leader Completeness is about all higher terms, not about the next alone",
        moments: &[3, 7],
        happens: |r| {
            r.elected(S1, Term(1));
            has(r, S1, 1, &[1]);
            r.committed(S1, Index(1));
            has(r, S2, 1, &[1]);
            r.elected(S2, Term(2));
            deposed(r, S2, 3);
            r.elected(S3, Term(4));
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LeaderCompleteness,
        breaks: true,
        claim: "A later leader with another command of the same term breaks Leader Completeness",
        also: &[Property::LogMatching],
        moments: &[3, 5],
        happens: |r| {
            r.elected(S1, Term(1));
            r.log_changed(S1, Index(1), [entry(1, "set x 1")]);
            r.committed(S1, Index(1));
            r.in_term(S2, Term(1));
            r.log_changed(S2, Index(1), [entry(1, "set y 2")]);
            r.elected(S2, Term(2));
        },
        ..PLAIN
    },
    HandMade {
        about: Property::LeaderCompleteness,
        breaks: false,
        claim: "A later leader may lack an entry that a majority held and nobody committed",
        moments: &[],
        happens: |r| {
            // Figure 8, (c) and (d): S1 has brought its entry of term 2 to a majority, and S3 is elected without it.
            r.elected(S1, Term(2));
            has(r, S1, 2, &[1, 2]);
            r.elected(S3, Term(3));
            has(r, S3, 3, &[1, 3]);
            r.elected(S1, Term(4));
            has(r, S2, 4, &[1, 2]);
            r.elected(S3, Term(5));
            has(r, S2, 5, &[1, 3]);
        },
        ..PLAIN
    },
];

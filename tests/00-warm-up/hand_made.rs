//! Executions made by hand: each breaks one property of Figure 3, or none, and what it breaks is plain.

use gates::protocol::execution::{Execution, Recorder};
use gates::protocol::{Entry, Index, ServerId, Term};
use gates::simulator::Property;
use gates::{Check, Context, Verdict};

use super::judge::{Case, judge};
use super::laws::{LAWS, Law};

const S1: ServerId = ServerId(1);
const S2: ServerId = ServerId(2);
const S3: ServerId = ServerId(3);

/// An execution made by hand.
struct HandMade {
    /// Which property it is about.
    about: Property,
    /// Whether it breaks it.
    breaks: bool,
    /// What is to be seen in it, in a sentence.
    claim: &'static str,
    /// The moments at which one sees the breach.
    moments: &'static [usize],
    /// What happens.
    happens: fn(&mut Recorder),
}

impl HandMade {
    fn execution(&self) -> Execution {
        let mut recorder = Recorder::new(3);
        (self.happens)(&mut recorder);
        recorder.finish()
    }

    fn breach(&self) -> Option<Property> {
        self.breaks.then_some(self.about)
    }
}

/// The checks, for each property: those of the executions that are about it, and one of all the others.
pub(super) fn checks() -> Vec<Check> {
    let about = |law: &'static Law| {
        let own = ALL.iter().filter(|made| made.about == law.property);
        own.map(move |made| check(law, made)).chain([others(law)])
    };
    LAWS.iter().flat_map(about).collect()
}

fn check(law: &'static Law, made: &'static HandMade) -> Check {
    let why = law.property.rule();
    let check =
        Check::new(law.exercise, made.claim, why, move |context| one(context, law, made, None));
    check.about(law.function)
}

fn one(context: &mut Context, law: &Law, made: &HandMade, name: Option<&str>) -> Verdict {
    let execution = &made.execution();
    judge(context, law, &Case { name, execution, breach: made.breach(), moments: made.moments })
}

/// What is said about other properties does not concern this one.
fn others(law: &'static Law) -> Check {
    let claim = format!("{} is not broken by what breaks another property, or none", law.property);
    let check = Check::new(law.exercise, claim, law.property.rule(), |context| {
        ALL.iter()
            .filter(|made| made.about != law.property)
            .try_for_each(|made| one(context, law, made, Some(made.claim)))
    });
    check.about(law.function)
}

fn entry(term: u64, command: &str) -> Entry {
    Entry::command(Term(term), command)
}

/// A log of entries of these terms. The same index and term have the same command.
fn log(terms: &[u64]) -> Vec<Entry> {
    let entry = |(&term, index): (&u64, u64)| entry(term, &format!("set x {}", 10 * index + term));
    terms.iter().zip(1..).map(entry).collect()
}

/// A server is in this term, and its log becomes that of these terms.
fn has(recorder: &mut Recorder, server: ServerId, term: u64, terms: &[u64]) {
    recorder.in_term(server, Term(term));
    recorder.log_changed(server, Index(1), log(terms));
}

/// A leader of this term hears of a later one.
fn deposed(recorder: &mut Recorder, server: ServerId, later: u64) {
    recorder.in_term(server, Term(later));
    recorder.stepped_down(server);
}

/// A server commits and applies up to this index.
fn executes(recorder: &mut Recorder, server: ServerId, index: u64) {
    recorder.committed(server, Index(index));
    recorder.applied(server, Index(index));
}

static ALL: [HandMade; 33] = [
    // Election Safety
    HandMade {
        about: Property::ElectionSafety,
        breaks: true,
        claim: "Two servers that are elected in one term break Election Safety",
        moments: &[1, 2],
        happens: |r| {
            r.elected(S1, Term(1));
            r.elected(S2, Term(1));
        },
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
    },
    HandMade {
        about: Property::ElectionSafety,
        breaks: true,
        claim: "Election Safety is broken also if the first leader of the term leads no longer",
        moments: &[2, 4],
        happens: |r| {
            r.elected(S3, Term(3));
            r.elected(S1, Term(4));
            r.stepped_down(S1);
            r.elected(S2, Term(4));
        },
    },
    HandMade {
        about: Property::ElectionSafety,
        breaks: true,
        claim: "Election Safety is broken also if a leader of another term comes in between",
        moments: &[1, 5],
        happens: |r| {
            r.elected(S1, Term(1));
            has(r, S1, 1, &[1]);
            r.elected(S2, Term(2));
            deposed(r, S1, 2);
            r.elected(S3, Term(1));
        },
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
    },
    HandMade {
        about: Property::ElectionSafety,
        breaks: false,
        claim: "Nothing is wrong where nothing happens",
        moments: &[],
        happens: |_| {},
    },
    // Leader Append-Only
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
    },
    HandMade {
        about: Property::LeaderAppendOnly,
        breaks: false,
        claim: "Who led once may give up entries when it leads no longer",
        moments: &[],
        happens: |r| {
            r.elected(S1, Term(1));
            has(r, S1, 1, &[1, 1, 1]);
            deposed(r, S1, 2);
            has(r, S1, 2, &[1, 2]);
        },
    },
    HandMade {
        about: Property::LeaderAppendOnly,
        breaks: true,
        claim: "A leader that takes an entry out of the middle breaks Leader Append-Only",
        moments: &[3],
        happens: |r| {
            has(r, S1, 2, &[1, 1, 2]);
            r.elected(S1, Term(3));
            // The second is gone; the third stands in its place.
            r.log_changed(S1, Index(2), [entry(2, "set x 32")]);
        },
    },
    HandMade {
        about: Property::LeaderAppendOnly,
        breaks: true,
        claim: "A leader breaks Leader Append-Only also if its log becomes longer",
        moments: &[3],
        happens: |r| {
            has(r, S1, 2, &[1, 1, 2]);
            r.elected(S1, Term(3));
            has(r, S1, 3, &[1, 3, 3, 3]);
        },
    },
    HandMade {
        about: Property::LeaderAppendOnly,
        breaks: true,
        claim: "Who leads again must append only, as before",
        moments: &[6],
        happens: |r| {
            r.elected(S3, Term(1));
            has(r, S3, 1, &[1, 1, 1]);
            deposed(r, S3, 2);
            has(r, S3, 2, &[1, 2]);
            r.elected(S3, Term(3));
            has(r, S3, 3, &[1]);
        },
    },
    // Log Matching
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
    },
    // State Machine Safety
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
    },
    // Leader Completeness
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
    },
    HandMade {
        about: Property::LeaderCompleteness,
        breaks: false,
        claim: "An entry may be committed in a later term than its own, by who has it",
        moments: &[],
        happens: |r| {
            // Figure 8, (b) and (e): S3 was elected in term 3 without S1's entry of term 2, in vain. S1
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
    },
    HandMade {
        about: Property::LeaderCompleteness,
        breaks: true,
        claim: "Leader Completeness speaks of all higher terms, not of the next alone",
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
    },
];

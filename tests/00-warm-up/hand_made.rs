//! Executions made by hand: each breaks one property of Figure 3, or none, and what it breaks is plain.

use gates::protocol::execution::{Execution, Recorder};
use gates::protocol::{Entry, Index, ServerId, Term};
use gates::simulator::Property;
use gates::{Check, Context, Verdict};

use super::judge::{Case, judge};
use super::laws::{LAWS, Law};

mod commitment;
mod leaders;
mod logs;

const S1: ServerId = ServerId(1);
const S2: ServerId = ServerId(2);
const S3: ServerId = ServerId(3);

/// An execution made by hand.
struct HandMade {
    /// Which property it is about.
    about: Property,
    /// Whether it breaks it.
    breaks: bool,
    /// What can be seen in it, in a sentence.
    claim: &'static str,
    /// Properties that it unavoidably breaks as well: their functions do not judge it.
    also: &'static [Property],
    /// How this lab reads the property, where Figure 3 leaves a choice.
    reading: Option<&'static str>,
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
        let own = all().filter(|made| made.about == law.property);
        own.map(move |made| check(law, made)).chain([others(law)])
    };
    LAWS.iter().flat_map(about).collect()
}

fn check(law: &'static Law, made: &'static HandMade) -> Check {
    let rule = law.property.rule();
    let why = made.reading.map_or(rule.to_owned(), |reading| format!("{rule} {reading}"));
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
        all()
            .filter(|made| made.about != law.property && !made.also.contains(&law.property))
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

/// What most of them have in common.
const PLAIN: HandMade = HandMade {
    about: Property::ElectionSafety,
    breaks: false,
    claim: "",
    also: &[],
    reading: None,
    moments: &[],
    happens: |_| {},
};

/// All of them, in the order of the exercises.
fn all() -> impl Iterator<Item = &'static HandMade> {
    let leaders = leaders::ELECTION_SAFETY.iter().chain(&leaders::LEADER_APPEND_ONLY);
    let commitment =
        commitment::STATE_MACHINE_SAFETY.iter().chain(&commitment::LEADER_COMPLETENESS);
    leaders.chain(&logs::LOG_MATCHING).chain(commitment)
}

//! The outcome of a check, as a value.

use course::Evidence;
use serde::{Deserialize, Serialize};
use simulator::Property;

/// The outcome of a check.
pub type Verdict = Result<(), Box<Failure>>;

/// Why a check did not pass. [`Context`](crate::Context) makes most failures, since it knows the step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The kind of failure.
    pub kind: Kind,
    /// What the check was doing.
    pub step: String,
    /// What should have happened. If this or `happened` has several lines, the two are compared line by line.
    pub expected: String,
    /// What has happened.
    pub happened: String,
    /// A reason that replaces the check's own, such as that of a scenario's block.
    pub why: Option<String>,
    /// Further lines for the learner.
    pub notes: Vec<String>,
    /// The line of the source that failed, if it is known.
    pub place: Option<SourceLine>,
    /// The property that did not hold, if one was broken.
    pub broken: Option<Property>,
    /// What a scenario has shown up to then.
    pub evidence: Option<Box<Evidence>>,
}

/// A kind of failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// The subject did something unexpected.
    #[default]
    Differs,
    /// The subject's code panicked.
    Panicked,
    /// The check has reached the `todo!` of this exercise.
    Todo(String),
    /// The process of the check was stopped, or has ended on its own.
    Stopped,
}

/// A line of a source file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceLine {
    /// The file, as the compiler named it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

impl Failure {
    /// A failure because `happened` differs from `expected`.
    pub fn new(expected: impl Into<String>, happened: impl Into<String>) -> Box<Self> {
        Box::new(Failure {
            expected: expected.into(),
            happened: happened.into(),
            ..Failure::default()
        })
    }

    /// A failure because `exercise` is not written yet.
    pub fn todo(exercise: impl Into<String>) -> Box<Self> {
        Box::new(Failure { kind: Kind::Todo(exercise.into()), ..Failure::default() })
    }

    /// Adds a line for the learner.
    #[must_use]
    pub fn note(mut self: Box<Self>, note: impl Into<String>) -> Box<Self> {
        self.notes.push(note.into());
        self
    }

    /// Sets a reason that replaces the check's own.
    #[must_use]
    pub fn because(mut self: Box<Self>, why: impl Into<String>) -> Box<Self> {
        self.why = Some(why.into());
        self
    }
}

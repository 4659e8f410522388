//! What a check found, as a value.

use serde::{Deserialize, Serialize};

/// What a check comes to.
pub type Verdict = Result<(), Box<Failure>>;

/// Why a check did not pass. Usually made by [`Context`](crate::Context), which knows the step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// How it came about.
    pub kind: Kind,
    /// What was being done when it showed.
    pub step: String,
    /// What should have been. With several lines in this or in `happened`, the two are compared line
    /// by line.
    pub expected: String,
    /// What was.
    pub happened: String,
    /// Takes the place of the check's own reason, for instance with that of a scenario's block.
    pub why: Option<String>,
    /// Further lines for the learner.
    pub notes: Vec<String>,
    /// Where in the source it came about, if that is known.
    pub place: Option<Place>,
}

/// How a failure came about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// The subject did something, but not what was expected.
    #[default]
    Differs,
    /// The subject's code panicked.
    Panicked,
    /// The check ran into the `todo!` of this exercise.
    Todo(String),
    /// The process of the check was stopped, or ended by itself.
    Stopped,
}

/// A line of a source file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file, as the compiler named it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

impl Failure {
    /// The check found that `happened` is not as `expected`.
    pub fn new(expected: impl Into<String>, happened: impl Into<String>) -> Box<Self> {
        Box::new(Failure {
            expected: expected.into(),
            happened: happened.into(),
            ..Failure::default()
        })
    }

    /// The check found nothing to judge: `exercise` is not written yet.
    pub fn todo(exercise: impl Into<String>) -> Box<Self> {
        Box::new(Failure { kind: Kind::Todo(exercise.into()), ..Failure::default() })
    }

    /// Adds a line for the learner.
    #[must_use]
    pub fn note(mut self: Box<Self>, note: impl Into<String>) -> Box<Self> {
        self.notes.push(note.into());
        self
    }

    /// Gives another reason than the check's.
    #[must_use]
    pub fn because(mut self: Box<Self>, why: impl Into<String>) -> Box<Self> {
        self.why = Some(why.into());
        self
    }
}

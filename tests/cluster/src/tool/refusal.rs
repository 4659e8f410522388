//! Why a command was not carried out.

use std::fmt;
use std::io;

/// Why a command was not carried out: a sentence for the person who has typed it.
#[derive(Debug)]
pub struct Refusal(String);

/// What a command results in.
pub type Outcome<T> = Result<T, Refusal>;

/// A command that is not carried out, and why.
pub(super) fn refuse<T>(why: impl Into<String>) -> Outcome<T> {
    Err(Refusal(why.into()))
}

/// Says of an error what was tried.
pub(super) trait Context<T> {
    /// `what` was tried: "cannot read …".
    fn context(self, what: impl FnOnce() -> String) -> Outcome<T>;
}

impl<T> Context<T> for io::Result<T> {
    fn context(self, what: impl FnOnce() -> String) -> Outcome<T> {
        self.map_err(|error| Refusal(format!("{}: {error}", what())))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

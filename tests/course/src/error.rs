//! Why something of the course cannot be read.

use std::error;
use std::fmt;

/// A message for a person. Nothing decides by its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(String);

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Error(message.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for Error {}

// What reads the files of authors says what is wrong in a plain string.
impl From<Error> for String {
    fn from(Error(message): Error) -> String {
        message
    }
}

//! Bytes on disk that cannot be what was written. Given.

use std::io;

/// An error for such bytes, which says what was found.
pub fn corrupt(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}

//! Reading a log back: what a crash has cut off is dropped; what is damaged is not guessed at.

use std::io;

use crate::{ParsedFrame, Record, corrupt, decode, next_frame};

/// The records in a file's bytes, and how many bytes they fill. A torn tail is left out.
///
/// # Errors
/// If a frame is damaged. The error names its first byte.
pub fn read_records(bytes: &[u8]) -> io::Result<(Vec<Record>, usize)> {
    // Exercise 5.3: see [`ParsedFrame`].
    todo!("exercise 5.3")
}

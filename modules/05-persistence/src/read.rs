//! Reading a log back: what a crash has cut off is dropped; what is damaged is not guessed at.

use std::io;

use crate::{ParsedFrame, Record, corrupt, decode, next_frame};

/// The records in the bytes of a file, and how many bytes they fill. At most a torn record follows.
///
/// # Errors
/// If a record is damaged. It may hold what this server has promised, so the server must not come
/// back without it.
pub fn read_records(bytes: &[u8]) -> io::Result<(Vec<Record>, usize)> {
    // Exercise 5.3: frame by frame. A torn one was never promised to anyone, since no effect is
    // released before the sync has returned: it is left out. A damaged one is an error that names the
    // byte at which it begins.
    todo!("exercise 5.3")
}

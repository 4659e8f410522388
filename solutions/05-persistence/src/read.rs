//! Reading a log back: what a crash has cut off is dropped; what is damaged is not guessed at.

use std::io;

use crate::{ParsedFrame, Record, corrupt, decode, next_frame};

/// The records in a file's bytes, and how many bytes they fill. A torn tail is left out.
///
/// # Errors
/// If a frame is damaged. The error names its first byte.
pub fn read_records(bytes: &[u8]) -> io::Result<(Vec<Record>, usize)> {
    // Exercise 5.3: see [`ParsedFrame`].
    // Approach: a torn record was never promised to any server, since no effect is released before
    // the sync has returned. A damaged one may have been.
    let mut records = Vec::new();
    let mut left = bytes;
    loop {
        let at = bytes.len() - left.len();
        match next_frame(left) {
            ParsedFrame::End | ParsedFrame::Torn => return Ok((records, at)),
            ParsedFrame::Frame { payload, rest } => {
                records.push(decode(payload)?);
                left = rest;
            }
            ParsedFrame::Damaged => {
                return Err(corrupt(format!("the frame at byte {at} is damaged")));
            }
        }
    }
}

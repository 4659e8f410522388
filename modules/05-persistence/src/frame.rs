//! Frames: what surrounds a record on disk and shows whether it is complete.
//!
//! ```text
//!   4 bytes         4 bytes                 4 bytes                     as many as the length says
//! ┌────────┬─────────────────────┬────────────────────────────┬───────────── ─ ─ ─ ──────────────┐
//! │ length │ payload's checksum  │ checksum of those 8 bytes  │             payload              │
//! └────────┴─────────────────────┴────────────────────────────┴───────────── ─ ─ ─ ──────────────┘
//! ```
//!
//! Numbers are little-endian, checksums CRC-32. The length has a checksum too: without it, one
//! flipped bit there would make a frame in the middle of the file look like one that a crash has
//! cut off, and everything after it would be dropped silently.

/// The bytes before the payload.
const HEADER: usize = 12;

/// What some bytes begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParsedFrame<'a> {
    /// Nothing: there are no bytes.
    End,
    /// A whole frame.
    Frame {
        /// What is in it.
        payload: &'a [u8],
        /// The bytes that follow it.
        rest: &'a [u8],
    },
    /// A frame that the end of the bytes has cut off: a crash came while it was written.
    Torn,
    /// A frame that is not what was written.
    Damaged,
}

/// Puts a frame around `payload`.
pub fn frame(payload: &[u8]) -> Vec<u8> {
    // Exercise 5.2: as drawn above. `crc32fast::hash` computes a checksum.
    todo!("exercise 5.2")
}

/// The frame that `bytes` begin with.
pub fn next_frame(bytes: &[u8]) -> ParsedFrame<'_> {
    // Exercise 5.2: see [`ParsedFrame`].
    todo!("exercise 5.2")
}

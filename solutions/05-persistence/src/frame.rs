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
    let length = u32::try_from(payload.len()).expect("no record has four gigabytes");
    let mut bytes = [length.to_le_bytes(), crc32fast::hash(payload).to_le_bytes()].concat();
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes.extend(payload);
    bytes
}

/// The frame that `bytes` begin with.
pub fn next_frame(bytes: &[u8]) -> ParsedFrame<'_> {
    // Exercise 5.2: see [`ParsedFrame`].
    // Approach: the header comes first: unless it is complete and correct, the length in it means
    // nothing. A crash cuts off what was being written, at any byte, so what is not all there is
    // torn; what is all there and does not match its checksum is damaged.
    if bytes.is_empty() {
        return ParsedFrame::End;
    }
    let Some((header, rest)) = bytes.split_at_checked(HEADER) else { return ParsedFrame::Torn };
    let number = |at: usize| {
        let bytes = header[at..at + 4].try_into().expect("a number has four bytes");
        u32::from_le_bytes(bytes)
    };
    if crc32fast::hash(&header[..8]) != number(8) {
        return ParsedFrame::Damaged;
    }
    let length = usize::try_from(number(0)).unwrap_or(usize::MAX);
    let Some((payload, rest)) = rest.split_at_checked(length) else { return ParsedFrame::Torn };
    if crc32fast::hash(payload) != number(4) {
        return ParsedFrame::Damaged;
    }
    ParsedFrame::Frame { payload, rest }
}

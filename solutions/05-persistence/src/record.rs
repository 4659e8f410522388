//! What is durable, as bytes (Figure 2, "persistent state on all servers": currentTerm, votedFor,
//! log[]).

use std::io;

use commitment::protocol::{Entry, Index, ServerId, Term};
use serde::{Deserialize, Serialize};

use crate::corrupt;

/// The first byte of every record: the version of the format.
pub const VERSION: u8 = 1;

/// What one event changed of the persistent state. It reads like a leader's AppendEntries to its
/// own disk: up to `prev_log_index` the log is as earlier records say, and then come `entries`, and
/// nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The term from now on.
    pub current_term: Term,
    /// The vote in that term. In one record with the term: a crash must not part them.
    pub voted_for: Option<ServerId>,
    /// The index of the last entry that stays.
    pub prev_log_index: Index,
    /// The term of that entry.
    pub prev_log_term: Term,
    /// The entries that follow it. Whatever followed before is gone.
    pub entries: Vec<Entry>,
}

/// A record as bytes.
pub fn encode(record: &Record) -> Vec<u8> {
    // Exercise 5.1: the byte `VERSION`, then what `postcard` writes.
    // Approach: plain data can always be written.
    postcard::to_extend(record, vec![VERSION]).expect("plain data can be written")
}

/// The record in these bytes.
///
/// # Errors
/// If they are not the bytes of one record. For another version, the error names both.
pub fn decode(bytes: &[u8]) -> io::Result<Record> {
    // Exercise 5.1: with `postcard::take_from_bytes`.
    // Approach: every byte must belong to the record.
    let (record, rest) = match bytes {
        [VERSION, rest @ ..] => postcard::take_from_bytes(rest)
            .map_err(|error| corrupt(format!("a record cannot be read: {error}")))?,
        [version, ..] => {
            return Err(corrupt(format!(
                "a record of version {version}, and this server reads version {VERSION}"
            )));
        }
        [] => return Err(corrupt("a record without a single byte")),
    };
    match rest {
        [] => Ok(record),
        more => Err(corrupt(format!("{} bytes too many in a record", more.len()))),
    }
}

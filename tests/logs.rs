//! The logs that the checks of the log's functions try, and how these checks describe logs and entries.
//!
//! Included by the suites of the modules that write parts of the log. The suite says which crate `Log` comes
//! from: `use super::subject::data_model as model;`.

use super::model::Log;
use super::model::protocol::{Entry, Index, Payload, Term};

/// A log's base: its index and its term.
pub(crate) type Base = (u64, u64);

/// Logs that are short or empty, and new or compacted: base, and terms of the entries.
pub(crate) const LOGS: &[(Base, &[u64])] = &[
    ((0, 0), &[]),
    ((0, 0), &[1]),
    ((0, 0), &[1, 1, 2]),
    ((4, 2), &[]),
    ((4, 2), &[3]),
    ((4, 2), &[2, 3, 3]),
];

/// A log with entries of these terms after the base; each has its index as its command.
pub(crate) fn log_with((base, base_term): Base, terms: &[u64]) -> Log {
    let entries = (base + 1..).zip(terms).map(|(index, &term)| entry(term, index)).collect();
    Log::with_base(Index(base), Term(base_term), entries)
}

pub(crate) fn entry(term: u64, index: u64) -> Entry {
    Entry::command(Term(term), format!("at {index}").as_str())
}

/// What [`log_with`] makes, in words.
pub(crate) fn told((base, base_term): Base, terms: &[u64]) -> String {
    match (base, terms) {
        (0, []) => "an empty log".to_owned(),
        (0, _) => format!("a log whose entries have the terms {terms:?}"),
        (_, []) => format!("a log compacted up to its last entry, {base} of term {base_term}"),
        _ => {
            format!(
                "a log with base {base} of term {base_term}, and entries of the terms {terms:?}"
            )
        }
    }
}

/// An entry, in words. All of them have commands of the kind that [`entry`] makes.
pub(crate) fn one(entry: &Entry) -> String {
    match &entry.payload {
        Payload::Command(command) => {
            let command = String::from_utf8_lossy(&command.bytes);
            format!("an entry of term {} with the command “{command}”", entry.term)
        }
        other => format!("an entry of term {} with {other:?}", entry.term),
    }
}

pub(crate) fn maybe(entry: Option<&Entry>) -> String {
    entry.map_or("none".to_owned(), one)
}

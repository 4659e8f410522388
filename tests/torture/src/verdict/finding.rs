//! A contradiction, and where it is looked for.

use std::fmt::Write as _;

use super::words::sentence;
use crate::history::Operation;

/// A contradiction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is broken, in a few words.
    pub title: String,
    /// The contradiction, in sentences.
    pub words: String,
    /// The operations that contradict each other, by their places in the history.
    pub operations: Vec<usize>,
    /// When it happened: from and to, in nanoseconds. `None` if it is not about a time.
    pub span: Option<(u64, u64)>,
}

/// The operations on one key, with their places in the history. What was certainly not executed is left out.
pub(crate) type OnKey<'a> = Vec<(usize, &'a Operation)>;

/// The operations at these places, in words, one a line.
pub(super) fn list(places: &[usize], operations: &OnKey<'_>) -> String {
    let mut text = String::new();
    for place in places {
        if let Some((_, operation)) = operations.iter().find(|(at, _)| at == place) {
            let _ = writeln!(text, "  - {}", sentence(operation));
        }
    }
    text
}

/// From the first request to the last answer.
pub(super) fn span(places: &[usize], operations: &OnKey<'_>) -> Option<(u64, u64)> {
    let of =
        operations.iter().filter(|(at, _)| places.contains(at)).map(|(_, operation)| operation);
    let first = of.clone().map(|operation| operation.called).min()?;
    let last = of.map(|operation| operation.returned.unwrap_or(operation.called)).max()?;
    Some((first, last))
}

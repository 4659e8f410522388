//! A contradiction, and where it is looked for.

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
    /// The time that it is about, from and to; the whole run if it is about no time.
    pub span: Option<(u64, u64)>,
}

/// The operations on one key, with their places in the history. What was certainly not executed is left out.
pub(crate) type OnKey<'a> = Vec<(usize, &'a Operation)>;

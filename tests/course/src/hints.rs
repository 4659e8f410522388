//! Hints: a question, then the tools, then the approach.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer};

use crate::error::Error;

/// How many levels of hints there are.
pub const HINT_LEVELS: usize = 3;

/// The hints for one function of an exercise, or for a few that are one thought.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hints {
    /// The functions; none if the hints are for the whole exercise.
    pub functions: Vec<String>,
    /// A question, the tools, and the approach in words: each says more than the one before.
    pub levels: Vec<String>,
}

/// What `exercises.toml` may say: `hints = ["…", "…", "…"]`, or a table `[[exercise.hints]]` for each function.
#[derive(Deserialize)]
#[serde(untagged, expecting = "hints are a list of texts, or tables with `functions` and `levels`")]
enum Written {
    Whole(Vec<String>),
    Parts(Vec<Hints>),
}

pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Hints>, D::Error> {
    Ok(match Written::deserialize(deserializer)? {
        Written::Whole(levels) if levels.is_empty() => Vec::new(),
        Written::Whole(levels) => vec![Hints { functions: Vec::new(), levels }],
        Written::Parts(parts) => parts,
    })
}

/// Hints are for the whole exercise, or each of its functions has hints in one place.
pub(crate) fn validate(hints: &[Hints], functions: &[String]) -> Result<(), Error> {
    if hints.iter().all(|part| part.functions.is_empty()) && hints.len() < 2 {
        return Ok(());
    }
    let mut seen = BTreeSet::new();
    for name in hints.iter().flat_map(|part| &part.functions) {
        if !functions.contains(name) {
            return Err(Error::new(format!(
                "there are hints for `{name}`, which it does not ask for"
            )));
        }
        if !seen.insert(name) {
            return Err(Error::new(format!("there are hints for `{name}` in two places")));
        }
    }
    match functions.iter().find(|name| !seen.contains(name)) {
        Some(name) => Err(Error::new(format!("there are no hints for `{name}`"))),
        None => Ok(()),
    }
}

//! Whether clients saw what one copy of the store could have shown them, and whether the servers recovered and agree.
//!
//! | file | about |
//! |---|---|
//! | `registers.rs` | values that occur once: zones |
//! | `counters.rs` | sums: bounds |
//! | `short.rs` | everything else, on keys of few operations: the general search |
//! | `servers.rs` | the servers: the same state at the end, alive, and available after each healing |
//! | `words.rs` | operations in words |
//! | `finding.rs` | a contradiction, and where it is looked for |

mod counters;
mod finding;
mod registers;
mod servers;
mod short;
mod words;

use std::collections::BTreeMap;
use std::fmt;

pub use finding::Finding;
pub use words::{in_seconds, sentence};

use finding::OnKey;

use crate::history::{History, Outcome};

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The contradictions; empty if none was found.
    pub findings: Vec<Finding>,
    /// What could not be decided: keys for which the search took too long.
    pub undecided: Vec<String>,
    /// What was judged, for the summary.
    pub judged: Judged,
}

/// How much was judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// How many registers, and operations on them.
    pub registers: (usize, usize),
    /// The same for counters.
    pub counters: (usize, usize),
    /// The same for short-lived keys.
    pub short: (usize, usize),
    /// How many healings there were.
    pub healings: usize,
}

/// Judges a history.
pub fn verdict(history: &History) -> Verdict {
    let mut keys: BTreeMap<&str, OnKey<'_>> = BTreeMap::new();
    for (place, operation) in history.operations.iter().enumerate() {
        if operation.outcome != Outcome::Nothing {
            keys.entry(&operation.call.key).or_default().push((place, operation));
        }
    }
    let mut verdict =
        Verdict { findings: Vec::new(), undecided: Vec::new(), judged: Judged::default() };
    for (key, operations) in keys {
        let judged = &mut verdict.judged;
        let count = match key.split('-').next() {
            Some("register") => {
                verdict.findings.extend(registers::judge(key, &operations));
                &mut judged.registers
            }
            Some("counter") => {
                verdict.findings.extend(counters::judge(key, &operations));
                &mut judged.counters
            }
            _ => {
                match short::judge(key, &operations) {
                    Ok(finding) => verdict.findings.extend(finding),
                    Err(short::TooLong) => verdict.undecided.push(key.to_owned()),
                }
                &mut judged.short
            }
        };
        *count = (count.0 + 1, count.1 + operations.len());
    }
    let (healings, findings) = servers::judge(history);
    verdict.judged.healings = healings;
    verdict.findings.extend(findings);
    verdict
}

impl Verdict {
    /// Whether no contradiction was found.
    pub fn is_well(&self) -> bool {
        self.findings.is_empty()
    }

    /// What may be said when nothing was found, but not everything was decided.
    pub(crate) fn undecided_in_words(&self) -> String {
        format!(
            "No contradiction was found, but {} of the short-lived keys could not be judged.",
            self.undecided.len()
        )
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Judged { registers, counters, short, healings } = &self.judged;
        for (what, (keys, operations)) in
            [("registers", registers), ("counters", counters), ("short-lived keys", short)]
        {
            writeln!(f, "  {keys} {what} with {operations} operations")?;
        }
        writeln!(f, "  {healings} healings")?;
        for key in &self.undecided {
            writeln!(
                f,
                "  undecided: the search for an order of the operations on {key} took too long"
            )?;
        }
        if self.is_well() && !self.undecided.is_empty() {
            return f.write_str(&self.undecided_in_words());
        }
        if self.is_well() {
            return write!(
                f,
                "No contradiction: everything that clients saw could have come from one copy of the store."
            );
        }
        for finding in &self.findings {
            writeln!(f, "\n{}\n{}", finding.title, finding.words)?;
        }
        Ok(())
    }
}

//! The result of a check, for whoever reads it by machine.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The version of the report's form. It rises when a reader of the former one would be misled.
pub const VERSION: u32 = 1;

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// See [`VERSION`].
    pub version: u32,
    /// The suite's prefix, where several suites share a binary.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// The module's folder.
    pub module: String,
    /// The exercise that the check judges.
    pub exercise: String,
    /// The check's name.
    pub check: String,
    /// What must hold, in a sentence.
    pub claim: String,
    /// What passing it is worth.
    pub points: u32,
    /// What it came to.
    pub outcome: Outcome,
    /// The exercise whose `todo!` the check ran into.
    pub todo: Option<String>,
    /// The base seed.
    pub seed: u64,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// What is told to the learner; empty if it passed.
    pub text: String,
    /// A transcript to show when the module is done.
    pub show: Option<String>,
}

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not hold.
    Failed,
    /// It ran into a `todo!` that names an exercise.
    Todo,
    /// It took too long, ate memory, overflowed its stack, or ended its process.
    Stopped,
}

impl Report {
    /// Writes the report as one line into `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// If that fails.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let name = format!("{}{}-{}.json", self.prefix, self.exercise, self.check);
        let line = serde_json::to_string(self).map_err(io::Error::other)?;
        fs::write(folder.join(name.replace(['/', '\\', ':'], "-")), line + "\n")
    }
}

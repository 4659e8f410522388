//! What a check reports. The gates write it, the runner reads it.

use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;
use crate::id::ExerciseId;

/// The version of the format. It changes when a reader of the previous version would be misled.
pub const VERSION: u32 = 1;

/// The name of the check with this claim: the claim in snake case.
pub fn check_name(claim: &str) -> String {
    let words = claim.replace(['\'', '’'], "");
    let words = words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// See [`VERSION`].
    pub version: u32,
    /// The suite's prefix, if several suites share a binary.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// The module's folder.
    pub module: String,
    /// The exercise that the check judges.
    pub exercise: ExerciseId,
    /// The exercise whose rule was broken, if it is another than the one that the check judges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blames: Option<ExerciseId>,
    /// The function that is likely wrong, of the exercise that is blamed or else of the one that is judged, if only one
    /// can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// The check's name: see [`check_name`].
    pub check: String,
    /// What must hold, in one sentence.
    pub claim: String,
    /// What passing it is worth.
    pub points: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// What the `todo!` that the check ran into names.
    pub todo: Option<String>,
    /// The base seed.
    pub seed: u64,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// What the learner reads; empty if the check passed.
    pub text: String,
    /// Where the learner writes what the check is about, as a path from the root and a line, if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Whether the check lets servers run, so that there is something to replay.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_run: bool,
    /// What a scenario that failed has shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Box<Evidence>>,
    /// A transcript to show when the module is done.
    pub show: Option<String>,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It passed.
    Passed,
    /// It failed.
    Failed,
    /// It ran into a `todo!` that names an exercise.
    Todo,
    /// It took too long, used too much memory, overflowed its stack, or ended its process.
    Stopped,
}

impl Report {
    /// Whether the check passed.
    pub fn passed(&self) -> bool {
        self.outcome == Outcome::Passed
    }

    /// The exercise that is not written yet, if that is what the check ran into.
    pub fn unwritten(&self) -> Option<ExerciseId> {
        self.todo.as_deref().filter(|_| self.outcome == Outcome::Todo)?.parse().ok()
    }
}

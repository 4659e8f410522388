//! What the gates make of wrong servers.

use serde::{Deserialize, Serialize};

/// What the gate of its module makes of a wrong server: a line that a test binary of `tests/bugs` prints.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Verdict {
    /// The folder of the module.
    pub(super) module: String,
    /// The name of the server.
    pub(super) id: String,
    /// The check that is red first.
    pub(super) check: String,
    /// The exercise that its text blames.
    pub(super) blames: String,
    /// Where the rule is that the check quotes.
    pub(super) rule: String,
    /// What storms and explorations find without the other checks; `None` if they were not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) alone: Option<Alone>,
    /// Milliseconds until the first check was red. Not kept: it depends on the machine.
    #[serde(default, skip_serializing)]
    pub(super) millis: u64,
}

/// What storms and explorations find without the other checks: the first of each that is red.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Alone {
    pub(super) storms: Option<String>,
    pub(super) explorations: Option<String>,
}

//! What a scenario has shown up to the line that failed, and what it should have shown.

use serde::{Deserialize, Serialize};

/// A scenario that failed, block by block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The script's path from the root of the workspace.
    pub script: String,
    /// The line that failed, from 1.
    pub line: usize,
    /// The blocks up to the one that failed.
    pub blocks: Vec<EvidenceBlock>,
    /// The servers at that line, one line of text each.
    pub servers: Vec<String>,
}

/// A block of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceBlock {
    /// Its comments: why it is there.
    pub reason: String,
    /// Each command with its line, up to the one that failed.
    pub commands: Vec<(usize, String)>,
    /// What its snapshot shows; `None` if the scenario has no snapshot.
    pub expected: Option<String>,
    /// What it has shown; `None` if the scenario ended before the end of the block.
    pub happened: Option<String>,
}

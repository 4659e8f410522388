//! What will be played.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What will be played, and how. The runner writes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    /// The root of the lab's tree.
    pub root: PathBuf,
    /// The program that builds the gate and prints [`Built`](super::Built), with its words.
    pub build: Vec<String>,
    /// The servers have the rules of all exercises up to this one.
    pub exercise: String,
    /// The script's name: that of a file, without its extension.
    pub name: String,
    /// The script to begin with.
    pub script: String,
    /// The file of the learner's own scenario, if the module asks for one.
    pub own: Option<PathBuf>,
    /// The folders with the learner's sources.
    pub sources: Vec<PathBuf>,
    /// Whether it is played at a prompt, and not on a page.
    pub terminal: bool,
    /// The program that opens an address in a browser; `None` to open no browser.
    pub opener: Option<String>,
    /// How long a command may take, in milliseconds.
    #[serde(default = "usual_limit")]
    pub limit_ms: u64,
}

/// Right servers need less than a millisecond for a command, even on a busy machine.
fn usual_limit() -> u64 {
    5_000
}

impl Order {
    /// Reads an order.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(path: &Path) -> Result<Self, String> {
        let about = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = fs::read_to_string(path).map_err(|error| about(&error))?;
        serde_json::from_str(&text).map_err(|error| about(&error))
    }
}

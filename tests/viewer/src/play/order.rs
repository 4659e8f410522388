//! What somebody wants to play.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What somebody wants to play. The runner writes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    /// The root of the lab's tree.
    pub root: PathBuf,
    /// The program that builds the gate and prints [`Built`](super::Built), with its words.
    pub build: Vec<String>,
    /// The servers have the rules of all exercises up to this one.
    pub exercise: String,
    /// What the script is called: a file's name without its end.
    pub name: String,
    /// The script to begin with.
    pub script: String,
    /// The learner's own scenario that the module asks for, if it does.
    pub own: Option<PathBuf>,
    /// The folders with the learner's sources.
    pub sources: Vec<PathBuf>,
    /// Whether it is played at a prompt, and not on a page.
    pub terminal: bool,
    /// The program that opens an address in a browser; `None` to open none.
    pub opener: Option<String>,
    /// How long a command may take, in milliseconds.
    #[serde(default = "usual_limit")]
    pub limit_ms: u64,
}

/// Right servers need less than a millisecond for a command, on a busy machine too.
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

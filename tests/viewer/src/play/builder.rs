//! The gate, built from the learner's sources as they are now.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::order::Order;

/// The result of building a gate. The runner prints it as one line of JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Built {
    /// The gate. `None` if the sources do not compile.
    pub gate: Option<PathBuf>,
    /// What the gate needs in its environment.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Where the rows of the table of rules are in the learner's files.
    #[serde(default)]
    pub places: BTreeMap<String, String>,
    /// The compiler's errors, if the sources do not compile.
    #[serde(default)]
    pub errors: String,
}

/// Builds the gate.
///
/// # Errors
/// If the program that builds it cannot be run, or prints something else.
pub(super) fn build(order: &Order) -> Result<Built, String> {
    let (program, words) = order.build.split_first().ok_or("the order names no program")?;
    let output = Command::new(program)
        .args(words)
        .current_dir(&order.root)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run {program}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let built = said.lines().rev().find_map(|line| serde_json::from_str(line).ok());
    built.ok_or_else(|| "the gate cannot be built; `cargo xtask check` says why".to_owned())
}

/// When a file in these folders was last changed.
pub(super) fn last_change(folders: &[PathBuf]) -> Option<SystemTime> {
    folders.iter().filter_map(|folder| newest(folder)).max()
}

fn newest(path: &Path) -> Option<SystemTime> {
    let meta = fs::symlink_metadata(path).ok()?;
    if !meta.is_dir() {
        return meta.modified().ok();
    }
    let entries = fs::read_dir(path).ok()?;
    // A folder changes when a file in it comes or goes.
    let inner = entries.flatten().filter_map(|entry| newest(&entry.path()));
    inner.chain(meta.modified().ok()).max()
}

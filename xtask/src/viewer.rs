//! The program `viewer`, which makes pages and figures of recordings. It is separate, so that nobody compiles it who does not
//! use it.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::build;

/// Builds the program, and runs it with these words. Returns what it prints.
///
/// # Errors
/// If it cannot be built, or could not do its work.
pub(crate) fn run<'a>(root: &Path, words: impl IntoIterator<Item = &'a OsStr>) -> Result<String> {
    let viewer = build::program(root, "viewer")?;
    let done = Command::new(&viewer)
        .args(words)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}", viewer.display()))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        bail!("{}", said.trim().trim_start_matches("error: "));
    }
    Ok(String::from_utf8_lossy(&done.stdout).trim_end().to_owned())
}

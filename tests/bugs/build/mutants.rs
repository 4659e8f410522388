//! Mutants in place of patches: what `cargo xtask mutants` has described.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A place of a solution's source, changed by `cargo-mutants`.
#[derive(Deserialize)]
pub(crate) struct Mutant {
    id: String,
    /// The file, below the solution's `src`.
    file: String,
    /// The bytes that are replaced.
    start: usize,
    end: usize,
    replacement: String,
}

/// The folder that describes them, if this package is built for them.
pub(crate) fn folder() -> Option<PathBuf> {
    println!("cargo::rerun-if-env-changed=RAFT_LAB_MUTANTS");
    env::var_os("CARGO_FEATURE_MUTANTS")?;
    env::var_os("RAFT_LAB_MUTANTS").map(PathBuf::from)
}

/// The mutants of a module; none if it is not one of those asked for.
pub(crate) fn read(folder: &Path, module: &str) -> Result<Vec<Mutant>, String> {
    let path = folder.join(format!("{module}.json"));
    println!("cargo::rerun-if-changed={}", path.display());
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(&path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("in {}: {error}", path.display()))
}

impl Mutant {
    /// The number by which it is switched on.
    pub(crate) fn number(&self) -> Result<usize, String> {
        self.id.parse().map_err(|_| format!("`{}` is no number of a mutant", self.id))
    }

    /// The files with this mutant.
    pub(crate) fn applied(
        &self,
        files: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, String> {
        let mut mutated = files.clone();
        let text = mutated.get_mut(&self.file);
        let text = text.ok_or_else(|| format!("the solution has no file {}", self.file))?;
        if text.get(self.start..self.end).is_none() {
            return Err(format!("{} has no bytes {} to {}", self.file, self.start, self.end));
        }
        text.replace_range(self.start..self.end, &self.replacement);
        Ok(mutated)
    }
}

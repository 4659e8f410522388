//! The libraries that a gate was built from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// For each package, its library.
#[derive(Clone, Debug, Default)]
pub(crate) struct Libraries(BTreeMap<String, Vec<(String, PathBuf)>>);

impl Libraries {
    pub(crate) fn add(&mut self, name: &str, version: &str, library: PathBuf) {
        self.0.entry(name.to_owned()).or_default().push((version.to_owned(), library));
    }

    /// The library of a package; `None` if there is none, or if there are several versions of it.
    pub(crate) fn of(&self, package: &str) -> Option<&Path> {
        match self.0.get(package)?.as_slice() {
            [(_, library)] => Some(library),
            _ => None,
        }
    }
}

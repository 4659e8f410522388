//! The modules and exercises of a course, as far as an update must know them. Another version of the lab may say more
//! about an exercise, or less, than this runner knows. So everything else is ignored.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use course::{ExerciseId, Module};
use serde::Deserialize;

use crate::files::{self, Tree};

/// The modules of a course, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Listing {
    modules: Vec<Listed>,
}

#[derive(Clone, Debug, Deserialize)]
struct Listed {
    module: String,
    package: String,
    #[serde(default)]
    alone: bool,
    #[serde(default, rename = "exercise")]
    exercises: Vec<ListedExercise>,
}

/// An exercise.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ListedExercise {
    pub(super) id: ExerciseId,
    pub(super) title: String,
    #[serde(default)]
    functions: Vec<String>,
}

/// The module whose exercises a file lists, by its path from the root: `02-election` of
/// `tests/02-election/exercises.toml`.
pub(super) fn listed_in(path: &Path) -> Option<String> {
    let module = path.parent()?.strip_prefix("tests").ok()?;
    let is_list = path.file_name()? == "exercises.toml" && module.iter().count() == 1;
    is_list.then(|| module.to_string_lossy().into_owned())
}

fn list(bytes: &[u8]) -> Result<Listed> {
    Ok(toml_edit::de::from_slice(bytes)?)
}

impl Listing {
    /// Reads the lists in a tree. Its files are given by their path from the root.
    ///
    /// # Errors
    /// If one of them is not valid.
    pub(super) fn read(files: &Tree) -> Result<Self> {
        let lists = files.iter().filter(|(path, _)| listed_in(path).is_some());
        let read = |(path, bytes): (&PathBuf, &Vec<u8>)| {
            list(bytes).with_context(|| format!("{} is not valid", files::shown(path)))
        };
        Ok(Listing { modules: lists.map(read).collect::<Result<_>>()? })
    }

    /// Reads the lists that are valid.
    pub(super) fn read_valid(files: &Tree) -> Self {
        let lists = files.iter().filter(|(path, _)| listed_in(path).is_some());
        Listing { modules: lists.filter_map(|(_, bytes)| list(bytes).ok()).collect() }
    }

    /// The folders of the modules.
    pub(super) fn dirs(&self) -> impl Iterator<Item = &str> {
        self.modules.iter().map(|module| module.module.as_str())
    }

    /// All exercises, in order.
    pub(super) fn exercises(&self) -> impl Iterator<Item = &ListedExercise> {
        self.modules.iter().flat_map(|module| &module.exercises)
    }

    pub(super) fn exercise(&self, id: ExerciseId) -> Option<&ListedExercise> {
        self.exercises().find(|exercise| exercise.id == id)
    }

    /// The modules, as those who switch between them need them.
    pub(super) fn modules(&self) -> Result<Vec<Module>> {
        let module = |listed: &Listed| -> Result<Module> {
            let text = format!(
                "module = {:?}\npackage = {:?}\ntitle = \"\"\nsection = \"\"\nalone = {}\nexercise = []\n",
                listed.module, listed.package, listed.alone
            );
            Ok(toml_edit::de::from_str(&text)?)
        };
        self.modules.iter().map(module).collect()
    }
}

impl ListedExercise {
    /// Whether this is the same exercise in another version of the course. Ids are meant to last, but those of 0.1.0
    /// did not.
    pub(super) fn is_same(&self, other: &ListedExercise) -> bool {
        let has_common = self.functions.iter().any(|name| other.functions.contains(name));
        self.title == other.title || self.id == other.id && has_common
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_version_says_more_is_ignored() {
        let text = b"module = \"02-a\"\npackage = \"a\"\ntitle = \"A\"\nlevel = 7\n\n[[exercise]]\nid = \"2.1\"\ntitle = \"T\"\nmood = \"x\"\nfunctions = [\"f\"]\n";
        let tree = Tree::from([
            (PathBuf::from("tests/02-a/exercises.toml"), text.to_vec()),
            (PathBuf::from("tests/02-a/b/exercises.toml"), b"no list".to_vec()),
        ]);
        let listing = Listing::read(&tree).unwrap();
        assert_eq!(listing.dirs().collect::<Vec<_>>(), ["02-a"]);
        assert_eq!(listing.modules().unwrap()[0].package, "a");
        let one = listing.exercise("2.1".parse().unwrap()).unwrap();
        let exercise = |id: &str, title: &str, function: &str| ListedExercise {
            id: id.parse().unwrap(),
            title: title.to_owned(),
            functions: vec![function.to_owned()],
        };
        assert!(one.is_same(&exercise("2.1", "Reworded", "f")));
        assert!(one.is_same(&exercise("2.2", "T", "g")));
        assert!(!one.is_same(&exercise("2.1", "Another", "g")));
        assert!(!one.is_same(&exercise("2.2", "Another", "f")));
    }
}

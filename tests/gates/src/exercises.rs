//! Where an exercise is in the subject's source.

use std::fs;
use std::path::{Path, PathBuf};

use course::{Exercise, Module, source};

use crate::Suite;

/// The root of the workspace that a suite's subject belongs to: the nearest folder above it that has
/// the module's exercises.
pub(crate) fn root_of(suite: &Suite) -> Option<&Path> {
    let exercises: PathBuf = ["tests", &suite.module, "exercises.toml"].iter().collect();
    suite.manifest_dir.ancestors().find(|dir| dir.join(&exercises).is_file())
}

/// The suite's module, if its exercises can be read.
pub(crate) fn module_of(suite: &Suite) -> Option<Module> {
    course::read_module(root_of(suite)?, &suite.module).ok()
}

/// The place of `item` of an exercise in the subject, such as `modules/…/src/log.rs:48`: as seen from
/// `root`, and without a line if the item is not found.
pub(crate) fn place(exercise: &Exercise, root: &Path, manifest_dir: &Path, item: &str) -> String {
    let path = manifest_dir.join(&exercise.file);
    let shown = shown(root, &path);
    let text = fs::read_to_string(&path).unwrap_or_default();
    let line = source::line_of_item(&text, item, exercise.id);
    line.map_or(shown.clone(), |line| format!("{shown}:{line}"))
}

/// A path for a person to read: from the root, with `/`.
pub(crate) fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

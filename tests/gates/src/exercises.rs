//! The exercises of a module (`exercises.toml`), and where they stand in the subject's source.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{ExerciseId, Suite};

/// What a module's `exercises.toml` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exercises {
    /// The module's folder.
    pub module: String,
    /// The name of the learner's package.
    pub package: String,
    /// The module's title.
    pub title: String,
    /// The sections of the paper that it is about.
    pub section: String,
    /// Whether no other module stands upon it, and it upon none.
    #[serde(default)]
    pub alone: bool,
    /// Whether it comes after the finish line of the course.
    #[serde(default)]
    pub stretch: bool,
    /// The exercises, in order.
    pub exercise: Vec<Exercise>,
    /// Questions on the module, in order.
    #[serde(default)]
    pub question: Vec<Question>,
}

/// One question on a module. It is asked by `cargo xtask quiz`, and in the module's chapter.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its number, like `q1.3`. It never changes.
    pub id: String,
    /// What is asked.
    pub ask: String,
    /// What can be answered: a, b, c, … in this order. None if it is answered in the learner's own words.
    #[serde(default)]
    pub choices: Vec<String>,
    /// The letters of all choices that are right.
    #[serde(default)]
    pub answer: String,
    /// Why.
    #[serde(default)]
    pub why: String,
    /// Whether it is answered in the learner's own words, into the notes.
    #[serde(default)]
    pub free: bool,
    /// A scenario that comes to the situation in question, for a question about behaviour.
    #[serde(default)]
    pub script: String,
    /// For each choice, what must follow upon the scenario if the choice is right, and cannot if it is wrong.
    #[serde(default)]
    pub claims: Vec<String>,
}

/// One exercise.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// Its number, like `1.3`. It never changes.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The sections of the paper that it is about.
    pub section: String,
    /// The file where it stands, below the module's folder.
    pub file: String,
    /// The functions and types that it consists of.
    pub functions: Vec<String>,
    /// What it is worth.
    pub points: u32,
    /// How long it may take to solve, in minutes.
    pub minutes: u32,
    /// Whether later exercises do without it.
    #[serde(default)]
    pub bonus: bool,
    /// It may be left until this module.
    #[serde(default)]
    pub until: Option<u32>,
    /// Hints, each more concrete than the one before.
    pub hints: Vec<String>,
}

impl Exercises {
    /// Reads `tests/MODULE/exercises.toml` of the workspace at `root`.
    ///
    /// # Errors
    /// If it cannot be read, or is not as it should be; the message says where.
    pub fn read(root: &Path, module: &str) -> Result<Self, String> {
        let path = file_of(root, module);
        let text = fs::read_to_string(&path)
            .map_err(|e| format!("cannot read {}: {e}", path.display()))?;
        toml_edit::de::from_str(&text).map_err(|e| format!("in {}: {e}", path.display()))
    }

    /// The exercise with this number.
    pub fn get(&self, id: ExerciseId) -> Option<&Exercise> {
        let id = id.to_string();
        self.exercise.iter().find(|exercise| exercise.id == id)
    }
}

fn file_of(root: &Path, module: &str) -> PathBuf {
    root.join("tests").join(module).join("exercises.toml")
}

/// The root of the workspace that a suite's subject belongs to: the nearest folder above it that has
/// the module's exercises.
pub(crate) fn root_of(suite: &Suite) -> Option<&Path> {
    suite.manifest_dir.ancestors().find(|dir| file_of(dir, &suite.module).is_file())
}

impl Exercise {
    /// Where `item` of this exercise stands in the subject, like `modules/…/src/log.rs:48`: shown as
    /// from `root`, and without a line if the item is not found.
    pub fn place(&self, root: &Path, manifest_dir: &Path, item: &str) -> String {
        let path = manifest_dir.join(&self.file);
        let shown = shown(root, &path);
        let text = fs::read_to_string(&path).unwrap_or_default();
        line_of(&text, item, &self.id).map_or(shown.clone(), |line| format!("{shown}:{line}"))
    }
}

/// A path as people write it: from the root, with `/`.
pub(crate) fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// The line of the function or type `item`. Of several with that name, the one with the mark of the
/// exercise, which stands just above it or at the beginning of its body.
fn line_of(text: &str, item: &str, id: &str) -> Option<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let mark = format!("Exercise {id}:");
    let found: Vec<usize> = (0..lines.len()).filter(|&at| declares(lines[at], item)).collect();
    let marked = found.iter().copied().find(|&at| {
        let within = lines[at + 1..].iter().take_while(|line| !is_declaration(line));
        let above =
            lines[..at].iter().rev().take_while(|line| line.trim_start().starts_with(['/', '#']));
        within.chain(above).any(|line| line.contains(&mark))
    });
    // A scenario declares nothing: its mark is its place.
    let alone = || lines.iter().position(|line| line.contains(&mark) && line.starts_with('#'));
    marked.or(found.first().copied()).or_else(alone).map(|at| at + 1)
}

fn declares(line: &str, item: &str) -> bool {
    declared(line)
        .and_then(|rest| rest.strip_prefix(item))
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

fn is_declaration(line: &str) -> bool {
    declared(line).is_some()
}

/// What follows the keyword of a line that declares a function or type.
fn declared(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("pub ").unwrap_or(line);
    ["fn ", "enum ", "struct "].iter().find_map(|keyword| line.strip_prefix(keyword))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_found_by_its_mark() {
        let source = "\
fn entry_of() {}
/// Given.
pub fn entry() {}

impl Log {
    pub fn entry(&self) -> u64 {
        // Exercise 1.2: no index may panic.
        todo!(\"exercise 1.2\")
    }
}

// Exercise 1.1: the roles.
/// A role.
#[derive(Debug)]
pub enum Role {}
";
        assert_eq!(line_of(source, "entry", "1.2"), Some(6));
        assert_eq!(line_of(source, "entry_of", "1.9"), Some(1));
        assert_eq!(line_of(source, "Role", "1.1"), Some(15));
        assert_eq!(line_of(source, "Message", "1.1"), None);
        assert_eq!(line_of("# Exercise 2.7: yours\n", "own.scenario", "2.7"), Some(1));
    }
}

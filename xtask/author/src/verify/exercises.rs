//! Whether `exercises.toml` and the reference have the same exercises.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use course::{Exercise, Module};
use xtask::files;
use xtask::tree::Course;

use super::workshop::Workshop;
use crate::stubs;

pub(super) fn agree(workshop: &Workshop) -> Result<()> {
    let course = workshop.course();
    let mut faults = Vec::new();
    for module in &course.modules {
        reference(course, module, &mut faults)?;
        for exercise in &module.exercises {
            let id = exercise.id;
            let mut fault = |text: &str| faults.push(format!("exercise {id}: {text}"));
            if exercise.hints.len() < 3 {
                fault("there are fewer than three hints");
            }
            if exercise.hints.iter().any(|hint| looks_like_code(hint)) {
                fault("a hint contains code; hints are words");
            }
            if exercise.points == 0 || exercise.minutes == 0 {
                fault("it has no points, or takes no time");
            }
        }
    }
    let manifest = fs::read_to_string(course.root.join("Cargo.toml")).context("no Cargo.toml")?;
    for module in course.chain() {
        let line =
            format!("{} = {{ path = \"{}\" }}\n", module.package, files::shown(&module.learner()));
        if !manifest.contains(&line) {
            faults.push(format!("Cargo.toml does not have the line {line}"));
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

/// Whether every marked item belongs to an exercise, and the other way round.
fn reference(course: &Course, module: &Module, faults: &mut Vec<String>) -> Result<()> {
    let dir = module.solution();
    let mut marked = BTreeSet::new();
    for (path, bytes) in files::read_tree(&course.root.join(&dir))? {
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        for (id, item) in stubs::exercises_in(&path, text).with_context(|| files::shown(&path))? {
            let name = item.rsplit("::").next().unwrap_or_default().to_owned();
            marked.insert((id, path.clone(), name));
        }
    }
    let names = |exercise: &Exercise| -> Vec<String> {
        // A scenario is one item without a name.
        if exercise.is_rust() { exercise.functions.clone() } else { vec![String::new()] }
    };
    let mut asked = BTreeSet::new();
    for exercise in &module.exercises {
        for name in names(exercise) {
            asked.insert((exercise.id, PathBuf::from(&exercise.file), name));
        }
    }
    let shown = |path: &Path, name: &str| format!("`{name}` in {}", files::shown(path));
    for (id, path, name) in asked.difference(&marked) {
        faults.push(format!("exercise {id}: {} is not marked as such", shown(path, name)));
    }
    for (id, path, name) in marked.difference(&asked) {
        faults.push(format!("exercise {id}: {} is not in exercises.toml", shown(path, name)));
    }
    Ok(())
}

/// Whether a hint gives the answer away in Rust.
fn looks_like_code(hint: &str) -> bool {
    ["```", "fn ", ");", "=>", "->", "&mut ", "let mut "].iter().any(|code| hint.contains(code))
}

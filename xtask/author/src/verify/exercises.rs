//! Whether `exercises.toml` and the reference have the same exercises.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use course::{Exercise, HINT_LEVELS, Module, text};
use xtask::files;
use xtask::tree::Course;

use super::workshop::Workshop;
use crate::stubs;

/// How many lines the text after green may have, and how wide they are.
const AFTER_LINES: usize = 6;
const AFTER_WIDTH: usize = 100;

pub(super) fn agree(workshop: &Workshop) -> Result<()> {
    let course = workshop.course();
    let reports = reports(course)?;
    let mut faults = Vec::new();
    for module in course.all() {
        reference(course, module, &mut faults)?;
        for exercise in &module.exercises {
            let id = exercise.id;
            let mut fault = |text: &str| faults.push(format!("exercise {id}: {text}"));
            for what in in_texts(exercise, &reports) {
                fault(&what);
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

/// What is wrong with the hints of an exercise and its text after green.
fn in_texts(exercise: &Exercise, reports: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if exercise.hints.is_empty() || exercise.hints.iter().any(|it| it.levels.len() != HINT_LEVELS) {
        faults.push("its hints are not a question, the tools and the approach".to_owned());
    }
    let levels = exercise.hints.iter().flat_map(|hints| &hints.levels);
    if levels.chain(&exercise.after).any(|text| looks_like_code(text)) {
        faults.push("a hint, or the text after green, contains code; both are words".to_owned());
    }
    let lines = |text: &String| text::wrap_after("  - ", text, AFTER_WIDTH).lines().count();
    if !(1..=AFTER_LINES).contains(&exercise.after.iter().map(lines).sum()) {
        let range = format!("1 to {AFTER_LINES} lines of {AFTER_WIDTH} columns");
        faults.push(format!("its text after green does not have {range}"));
    }
    let words = exercise.after.iter().flat_map(|text| text.split([' ', ',', '(', ')', ':', '.']));
    for report in words.filter(|word| word.contains('#') && !reports.contains(word)) {
        faults.push(format!(
            "the text after green cites {report}, which no patch and no chapter knows"
        ));
    }
    faults
}

/// The texts that know the bug reports: the patches, and the chapters.
fn reports(course: &Course) -> Result<String> {
    let mut all = String::new();
    for folder in ["tests/bugs/patches", "docs/chapters"] {
        for bytes in files::read_tree(&course.root.join(folder))?.values() {
            all += &String::from_utf8_lossy(bytes);
        }
    }
    Ok(all)
}

/// Whether a hint gives the answer away in Rust.
fn looks_like_code(hint: &str) -> bool {
    ["```", "fn ", ");", "=>", "->", "&mut ", "let mut "].iter().any(|code| hint.contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_and_texts_after_green_are_as_they_should_be() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let course = Course::load(root).unwrap();
        let reports = reports(&course).unwrap();
        let exercises = course.all().flat_map(|module| &module.exercises);
        let faults: Vec<String> = exercises
            .flat_map(|exercise| {
                let faults = in_texts(exercise, &reports).into_iter();
                faults.map(|fault| format!("exercise {}: {fault}", exercise.id))
            })
            .collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[test]
    fn an_unknown_report_and_a_text_that_is_too_long_are_faults() {
        let mut exercise = course::read_module(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."),
            "02-election",
        )
        .unwrap()
        .exercises
        .remove(0);
        exercise.after = vec!["Nobody (nowhere#1).".to_owned(), "word ".repeat(150)];
        exercise.hints[0].levels[1].push_str(" with `let mut x`");
        let faults = in_texts(&exercise, "").join("\n");
        for words in ["nowhere#1", "1 to 6 lines", "contains code"] {
            assert!(faults.contains(words), "{faults}");
        }
    }
}

//! The number from which a learner's bug hunts take their bugs.
//!
//! It is drawn once and kept in `.progress`, unless the course has given one. It is no secret: it only keeps
//! neighbours from hunting the same bugs.

use std::collections::hash_map::RandomState;
use std::env;
use std::fs;
use std::hash::{BuildHasher as _, Hasher as _};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use course::{Exercise, Module};

use crate::progress::Progress;
use crate::tree::Course;
use crate::verdict::digest;

/// The variable of the gates. If it is set, it takes the place of the learner's number.
pub(crate) const VARIABLE: &str = "RAFT_LAB_HUNT";

/// The name of the file in which a hunting scenario is written.
const FILE: &str = "hunt.scenario";

/// Numbers have five digits, so that they are easy to compare and to copy.
const LEAST: u64 = 10_000;
const NUMBERS: u64 = 90_000;

/// The number of everyone who hunted before numbers were drawn.
const BEFORE: u64 = 0;

/// Whether a bug is hunted in this exercise.
pub(crate) fn is_hunt(exercise: &Exercise) -> bool {
    exercise.path_in_src() == Path::new(FILE)
}

/// What the gates receive: the variable's value, or else the number in `.progress`. `None` if no number is drawn yet.
pub(crate) fn choice(root: &Path) -> Option<String> {
    let set = env::var(VARIABLE).ok().filter(|value| !value.is_empty());
    set.or_else(|| Some(Progress::load(root).ok()?.hunt()?.to_string()))
}

/// The choice by which this module is judged, if there is one yet. A module without a bug hunt has none.
pub(crate) fn choice_for(course: &Course, module: &Module) -> Option<String> {
    module.exercises.iter().any(is_hunt).then(|| choice(&course.root))?
}

/// Draws the learner's number before the first module with a bug hunt is judged.
///
/// # Errors
/// If the number cannot be saved.
pub(crate) fn draw_for(course: &Course, module: &Module) -> Result<()> {
    if module.exercises.iter().any(is_hunt) && choice(&course.root).is_none() {
        drawn(course)?;
    }
    Ok(())
}

/// The learner's number, drawn if there is none.
fn drawn(course: &Course) -> Result<u64> {
    let mut progress = Progress::load(&course.root)?;
    if let Some(number) = progress.hunt() {
        return Ok(number);
    }
    let number = if has_hunted(course, &progress)? {
        BEFORE
    } else {
        LEAST + RandomState::new().build_hasher().finish() % NUMBERS
    };
    progress.draw_hunt(number);
    progress.save()?;
    progress.hunt().context("the number for bug hunts was not kept")
}

/// Whether a hunting scenario was written. The bug that it was written for must not become another one.
fn has_hunted(course: &Course, progress: &Progress) -> Result<bool> {
    for module in &course.modules {
        for exercise in module.exercises.iter().filter(|exercise| is_hunt(exercise)) {
            let stub = course.stub(module, exercise)?.unwrap_or_default();
            if progress.is_done(exercise.id) || course.text(module, exercise) != stub {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// `cargo xtask hunt`: says the learner's number, or takes the one that the course has given.
pub(crate) fn run(course: &Course, given: Option<u64>) -> Result<()> {
    if let Some(number) = given {
        let mut progress = Progress::load(&course.root)?;
        let before = progress.hunt().filter(|before| *before != number);
        let has_hunted = before.is_some() && has_hunted(course, &progress)?;
        progress.set_hunt(number);
        progress.save()?;
        tell!("Your number for bug hunts is {number} now.");
        if let Some(before) = before.filter(|_| has_hunted) {
            tell!(
                "Your hunting scenarios are unchanged, but what they hunt may be another bug now. `cargo xtask hunt \
                 {before}` brings the earlier bugs back."
            );
        }
    } else {
        let number = drawn(course)?;
        tell!(
            "Your number for bug hunts is {number}. It decides which bug of each module you hunt. Write it down: it is \
             kept in .progress alone."
        );
    }
    if let Ok(value) = env::var(VARIABLE)
        && !value.is_empty()
    {
        tell!("{VARIABLE} is set to `{value}`, and takes its place as long as it is set.");
    }
    Ok(())
}

/// The secret of a course, in a file.
///
/// # Errors
/// If it cannot be read, or is empty.
pub fn secret_in(path: &Path) -> Result<String> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("cannot read the secret in {}", path.display()))?;
    ensure!(!text.trim().is_empty(), "{} is empty: write any words into it", path.display());
    Ok(text)
}

/// `cargo xtask hunt --secret FILE --student ID`: the number that a course gives to a student.
pub(crate) fn give(secret: &Path, student: &str) -> Result<()> {
    let text = secret_in(secret)?;
    ensure!(!student.trim().is_empty(), "a student's id must not be empty");
    say!("{}", number_of(&text, student));
    Ok(())
}

/// The number of a student in a course with this secret: the same on every machine. Anyone who knows the secret can find
/// the numbers of all students. White space around both is ignored.
pub fn number_of(secret: &str, student: &str) -> u64 {
    let digest = digest([b"hunt".as_slice(), secret.trim().as_bytes(), student.trim().as_bytes()]);
    LEAST + u64::try_from(digest % u128::from(NUMBERS)).unwrap_or_default()
}

/// The base seed for the storms of a student in a course with this secret.
pub fn seed_of(secret: &str, student: &str) -> u64 {
    let digest = digest([b"seed".as_slice(), secret.trim().as_bytes(), student.trim().as_bytes()]);
    u64::try_from(digest % u128::from(u64::MAX)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_students_number_depends_on_the_secret_and_the_id() {
        // It never changes: reports of earlier terms name it.
        assert_eq!(number_of("autumn term\n", " ada "), number_of("autumn term", "ada"));
        assert_ne!(number_of("autumn term", "ada"), number_of("spring term", "ada"));
        assert_ne!(seed_of("autumn term", "ada"), seed_of("autumn term", "ben"));
        assert_eq!(seed_of("autumn term\n", "ada"), seed_of("autumn term", " ada"));
        let numbers: BTreeSet<u64> =
            (0..200).map(|id| number_of("autumn term", &format!("s{id}"))).collect();
        assert!(numbers.len() > 195, "{}", numbers.len());
        assert!(numbers.iter().all(|number| (LEAST..LEAST + NUMBERS).contains(number)));
    }
}

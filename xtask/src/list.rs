//! `list`: every exercise on a line of its own, or those whose line has some words.

use anyhow::{Result, bail};
use course::{Exercise, Module};

use crate::progress::{Progress, State};
use crate::tree::Course;

/// `cargo xtask list`. Prints the exercises whose lines have all these words, without regard to case. The lines are
/// plain text, for people and for `grep`.
pub(crate) fn run(course: &Course, words: &[&str]) -> Result<()> {
    let progress = Progress::load(&course.root)?;
    let next = progress.next(&course.modules).map(|(_, exercise)| exercise.id);
    let all = course
        .modules
        .iter()
        .flat_map(|module| module.exercises.iter().map(move |exercise| (module, exercise)));
    let lines: Vec<String> = all
        .map(|(module, exercise)| {
            let state = match progress.state(exercise.id) {
                State::Open if next == Some(exercise.id) => "next",
                State::Open => "open",
                State::Done => "done",
                State::Skipped => "skipped",
            };
            line(module, exercise, state)
        })
        .filter(|line| words.iter().all(|word| line.to_lowercase().contains(&word.to_lowercase())))
        .collect();
    if lines.is_empty() {
        bail!(
            "no exercise has the words `{}` in its line; `cargo xtask list` prints all, and `cargo xtask list open \
             election` those of a module that are open",
            words.join(" ")
        );
    }
    for line in lines {
        say!("{line}");
    }
    Ok(())
}

/// `2.3   open     5 points  30 min  02-election    Granting a vote (§5.2)`
fn line(module: &Module, exercise: &Exercise, state: &str) -> String {
    let bonus = if exercise.bonus { ", bonus" } else { "" };
    format!(
        "{:<5} {state:<8} {:>2} points  {:>2} min  {:<14}  {} ({}{bonus})",
        exercise.id.to_string(),
        exercise.points,
        exercise.minutes,
        module.dir,
        exercise.title,
        exercise.section
    )
}

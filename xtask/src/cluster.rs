//! `cluster` and `torture`: start the programs for servers as processes. They are separate, so that nobody compiles them
//! who does not use them.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};

use crate::progress::Progress;
use crate::tree::Course;
use crate::{authors, build};

/// The first module with which a cluster serves clients: commands are committed from there on.
const FIRST: u32 = 4;

/// `cargo xtask cluster`, with these words after it. Returns the exit code of the program.
pub(crate) fn run(course: &Course, words: &[OsString]) -> Result<ExitCode> {
    let program = build::program(&course.root, "cluster")?;
    let mut command = Command::new(&program);
    command.args(words);
    if !names(words, "--dir") {
        command.arg("--dir").arg(course.root.join("target").join("cluster"));
    }
    if words.first().is_some_and(|word| word == "up") && !names(words, "--module") {
        command.arg("--module").arg(made_of(course)?);
    }
    authors::become_program(&mut command)
        .with_context(|| format!("cannot run {}", program.display()))
}

/// Whether an option is among the words, with its value or before it.
fn names(words: &[OsString], option: &str) -> bool {
    words.iter().any(|word| word.to_string_lossy().split('=').next() == Some(option))
}

/// What servers are made of if nobody says it.
fn made_of(course: &Course) -> Result<String> {
    let progress = Progress::load(&course.root)?;
    Ok(last_finished(course, &progress).to_string())
}

/// `cargo xtask torture`, with these words after it. Returns the exit code of the program.
pub(crate) fn torture(course: &Course, words: &[OsString]) -> Result<ExitCode> {
    let program = build::program(&course.root, "torture")?;
    let mut command = Command::new(&program);
    command.args(words);
    let runs = words.first().is_none_or(|word| word.to_string_lossy().starts_with("--"));
    let is_said = ["--module", "--zoo", "--help"].iter().any(|option| names(words, option));
    if runs && !is_said {
        command.arg("--module").arg(made_of(course)?);
    }
    authors::become_program(&mut command)
        .with_context(|| format!("cannot run {}", program.display()))
}

/// The last module whose exercises are all done, bonus exercises aside: servers are made of it. If a cluster would
/// serve no client yet, the module before that: the program says what is missing.
fn last_finished(course: &Course, progress: &Progress) -> u32 {
    let is_finished = |exercise: &course::Exercise| exercise.bonus || progress.is_done(exercise.id);
    let finished = course.chain().filter(|module| module.exercises.iter().all(is_finished));
    finished.map(course::Module::number).max().unwrap_or(FIRST - 1)
}

//! Starts the program for authors. It is separate, so that learners do not compile it.

use std::ffi::OsString;
use std::io;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};

use crate::build;
use crate::tree::Course;

/// The commands of the program `author`.
pub(crate) const COMMANDS: [&str; 3] = ["stubs", "bless", "verify"];

/// Runs the command called `name`, and returns its exit code.
pub(crate) fn run(course: &Course, name: &str, words: &[OsString]) -> Result<ExitCode> {
    course.needs_solutions(&format!("cargo xtask {name}"))?;
    let program = build::program(&course.root, "author")?;
    become_program(Command::new(&program).arg(name).args(words))
        .with_context(|| format!("cannot run {}", program.display()))
}

/// Continues as another program, so that whoever ends this process ends that program.
#[cfg(unix)]
fn become_program(command: &mut Command) -> io::Result<ExitCode> {
    Err(std::os::unix::process::CommandExt::exec(command))
}

/// Runs another program. This process cannot become one.
#[cfg(not(unix))]
fn become_program(command: &mut Command) -> io::Result<ExitCode> {
    let code = command.status()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(2)))
}

//! Starts the programs for authors and for grading. They are separate, so that learners do not compile them.

use std::ffi::OsString;
use std::io;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, ensure};

use crate::tree::Course;
use crate::{build, handout};

/// Each command, and the program that carries it out.
pub(crate) const COMMANDS: [(&str, &str); 7] = [
    ("stubs", "author"),
    ("bless", "author"),
    ("verify", "author"),
    ("zoo", "author"),
    ("mutants", "author"),
    ("grade", GRADER),
    ("course", GRADER),
];

/// The program that grades, and checks a course.
const GRADER: &str = "grade";

/// The program that carries out a command, if it is another than this one.
pub(crate) fn program_for(name: &str) -> Option<&'static str> {
    COMMANDS.iter().find(|(command, _)| *command == name).map(|(_, program)| *program)
}

/// Lets `program` carry out the command called `name`, and returns its exit code.
pub(crate) fn run(
    course: &Course,
    program: &str,
    name: &str,
    words: &[OsString],
) -> Result<ExitCode> {
    if program == GRADER {
        // A classroom's repository can have the grader without the reference.
        ensure!(
            course.root.join(handout::GRADER).is_dir(),
            "`cargo xtask {name}` needs the grader, and this tree was handed out without it"
        );
    } else {
        course.needs_solutions(&format!("cargo xtask {name}"))?;
    }
    let program = build::program(&course.root, program)?;
    become_program(Command::new(&program).arg(name).args(words))
        .with_context(|| format!("cannot run {}", program.display()))
}

/// Continues as another program, so that whoever ends this process ends that program.
#[cfg(unix)]
pub(crate) fn become_program(command: &mut Command) -> io::Result<ExitCode> {
    Err(std::os::unix::process::CommandExt::exec(command))
}

/// Runs another program. This process cannot become one.
#[cfg(not(unix))]
pub(crate) fn become_program(command: &mut Command) -> io::Result<ExitCode> {
    let code = command.status()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(2)))
}

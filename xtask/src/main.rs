//! The runner of the lab. `cargo xtask` shows where you are, `cargo xtask check` judges what you have
//! written and goes on from there.
//!
//! Exit codes: 0 all green, 1 a check failed, 2 the runner could not do its work.

// They panic when nobody reads on. `say!` does not.
#![deny(clippy::print_stdout, clippy::print_stderr)]

// Before all others, for its macros.
#[macro_use]
mod term;

mod bless;
mod book;
mod cargo;
mod check;
mod course;
mod files;
mod fuzz;
mod gate;
mod handout;
mod help;
mod locate;
mod manifest;
mod outline;
mod patience;
mod progress;
mod questions;
mod quiz;
mod reset;
mod status;
mod stubs;
mod use_module;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::course::Course;
use crate::use_module::Source;

/// The Raft Learning Lab. Without a command: where you are, and what comes next.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Show the map of modules and exercises, what is done, and what comes next
    Status {
        /// Every exercise of every module
        #[arg(long)]
        all: bool,
        /// For programs
        #[arg(long)]
        json: bool,
    },
    /// Judge what you have written, and go on to the first check that is red
    Check {
        /// A module (`2`, `election`) or an exercise (`2.3`); else the first that is not done
        #[arg(value_name = "MODULE|EXERCISE", conflicts_with = "all")]
        target: Option<String>,
        /// Run every check of every module, and find out anew what is done
        #[arg(long)]
        all: bool,
        /// Seed of everything random, to see a failure again
        #[arg(long)]
        seed: Option<u64>,
        /// For programs
        #[arg(long)]
        json: bool,
    },
    /// Get a hint, a little more each time
    Hint {
        /// The exercise (`2.3`); else the one that comes next
        exercise: Option<String>,
    },
    /// Predict before you write: questions on a module, and why the answers are what they are
    Quiz {
        /// The module (`2`, `election`); else the one that you work on
        module: Option<String>,
    },
    /// Go on without an exercise; later modules stand on the reference of its module
    Skip {
        /// The exercise (`2.3`)
        exercise: String,
    },
    /// Let later modules stand on your module, or on the reference
    Use {
        /// The module (`2`, `election`)
        module: String,
        /// Yours or the reference
        whose: Source,
    },
    /// Put an exercise or a module back to how it was handed out; what you wrote is kept
    Reset {
        /// A module (`2`, `election`) or an exercise (`2.3`)
        #[arg(value_name = "MODULE|EXERCISE")]
        target: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Let your servers stand storms beyond those of the gate, until one ends badly
    Fuzz {
        /// The module (`2`, `election`); else the last that is done
        module: Option<String>,
        /// So many storms; 5000 if nothing else is said
        #[arg(long)]
        runs: Option<u64>,
        /// Base seed, to run the same storms again; else one that was not there before
        #[arg(long)]
        seed: Option<u64>,
        /// Only the storm with this number, to see again how it ended
        #[arg(long, requires = "seed", conflicts_with_all = ["runs", "minutes"])]
        storm: Option<u64>,
        /// For so long
        #[arg(long)]
        minutes: Option<u64>,
    },
    /// Build the book in docs/, if mdBook is there
    Book {
        /// Show it in a browser
        #[arg(long)]
        open: bool,
    },
    /// For authors: write the stubs in modules/ from solutions/
    Stubs {
        /// Only say which are stale
        #[arg(long)]
        check: bool,
        /// Even where somebody works through the exercises
        #[arg(long, conflicts_with = "check")]
        force: bool,
    },
    /// For authors: write the snapshots of the suites anew from what the reference does
    Bless {
        /// The module (`2`, `election`), or `book` for its figures and questions; else all, and the failure texts
        module: Option<String>,
    },
    /// For teachers: write the learner's tree without the reference
    Handout {
        /// A folder that is new or empty
        dir: PathBuf,
    },
    /// For authors: test the lab itself, on a copy with untouched stubs
    Verify {
        /// Also what takes longer
        #[arg(long)]
        full: bool,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) if term::is_unheard(&error) => ExitCode::SUCCESS,
        Err(error) => {
            say_aside!("{}", term::fitted(&format!("cargo xtask: {error:#}")));
            ExitCode::from(2)
        }
    }
}

/// Carries out a command. Says whether all is green.
fn run(command: Option<Command>) -> Result<bool> {
    let course = Course::find()?;
    match command.unwrap_or(Command::Status { all: false, json: false }) {
        Command::Status { all, json } => status::run(&course, all, json)?,
        Command::Check { target, all, seed, json } => {
            let target = target.map(|target| course.target(&target)).transpose()?;
            return check::run(&course, check::Request { target, all, seed, json });
        }
        Command::Hint { exercise } => {
            let exercise = exercise.map(|text| course.exercise_named(&text)).transpose()?;
            help::hint(&course, exercise.map(|(_, exercise)| exercise))?;
        }
        Command::Quiz { module } => quiz::run(&course, module.as_deref())?,
        Command::Skip { exercise } => {
            let (module, exercise) = course.exercise_named(&exercise)?;
            help::skip(&course, module, exercise)?;
        }
        Command::Use { module, whose } => use_module::run(&course, course.module(&module)?, whose)?,
        Command::Reset { target, yes } => reset::run(&course, course.target(&target)?, yes)?,
        Command::Fuzz { module, runs, seed, storm, minutes } => {
            let module = module.as_deref();
            return fuzz::run(&course, &fuzz::Request { module, runs, seed, storm, minutes });
        }
        Command::Book { open } => book::run(&course, open)?,
        Command::Stubs { check, force } => return stubs::run(&course, check, force),
        Command::Bless { module } => return bless::run(&course, module.as_deref()),
        Command::Handout { dir } => handout::run(&course, &dir)?,
        Command::Verify { full } => return verify::run(&course, full),
    }
    Ok(true)
}

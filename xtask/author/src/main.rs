//! The commands of those who work on the lab. `cargo xtask stubs`, `bless`, `verify`, `zoo` and `mutants` start this program.
//!
//! Exit codes: 0 all green, 1 something is stale or red, 2 a command could not do its work.

// They panic when the reader of their output is gone. `say!` does not.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod bless;
mod chapters;
mod cli;
mod commands;
mod mutants;
mod stubs;
mod verify;
mod zoo;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Builds go through a supervisor, which is this program again.
    xtask::supervise::or_supervise(|| xtask::term::ended(cli::main(), "cargo xtask"))
}

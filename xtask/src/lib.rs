//! The runner of the lab. `cargo xtask` shows where you are, `cargo xtask check` judges what you have written
//! and continues from there.
//!
//! This library holds what both programs share: `xtask`, for learners and instructors, and `author`, for
//! those who work on the lab (`xtask/author`).
//!
//! Exit codes: 0 all green, 1 a check failed, 2 the runner could not do its work.

// They panic when the reader of their output is gone. `say!` does not.
#![deny(clippy::print_stdout, clippy::print_stderr)]

// Before all others, for its macros.
#[macro_use]
pub mod term;

pub mod archive;
mod authors;
mod book;
pub mod build;
pub mod cargo;
mod check;
mod cli;
mod cluster;
mod diff;
mod doctor;
mod draw;
mod explore;
pub mod files;
mod fuzz;
pub mod gate;
pub mod handout;
mod hints;
pub mod hunt;
mod libraries;
mod line_endings;
mod list;
mod locate;
mod lock;
mod manifest;
mod map;
mod open;
mod play;
mod progress;
pub mod progress_notice;
mod quiz;
mod replay;
mod reset;
mod status;
pub mod supervise;
pub mod tree;
mod update;
pub mod use_module;
pub mod verdict;
mod viewer;
mod watch;

use std::process::ExitCode;

pub use cli::parse;

/// The program behind `cargo xtask`.
pub fn main() -> ExitCode {
    supervise::or_supervise(|| term::ended(cli::main(), "cargo xtask"))
}

//! What every suite builds on: the checks, the harness that runs them, and the text of a failure.
//!
//! A gate binary names the subject and passes a [`Suite`] to [`main`]:
//!
//! ```text
//! use ::data_model as subject;
//! #[path = "../../../tests/01-data-model/rules.rs"]
//! mod rules;
//! fn main() -> std::process::ExitCode {
//!     gates::main(rules::suite(env!("CARGO_MANIFEST_DIR")))
//! }
//! ```
//!
//! It has its own test harness, so that `cargo test`, `cargo nextest` and editors see each [`Check`] as a test. Each
//! check runs in a process of its own: one that overflows its stack or allocates without end is stopped, and the
//! others continue. One that never ends is stopped too, and ends the run.
//!
//! The environment decides what runs and where the results go:
//!
//! | variable | meaning |
//! |---|---|
//! | `RAFT_LAB_SELECT` | `2.3`: the checks of that exercise; `..=2.3`: all up to and including it; `2.3,2.5`: those of a set |
//! | `RAFT_LAB_EVENTS` | set by a runner: the gate prints [events](course::GateEvent), one line of JSON each, and ends when its standard input does |
//! | `RAFT_LAB_SEED` | the base seed, 1 if not set |
//! | `RAFT_LAB_STORMS` | `1..=200`: the storms with these numbers, instead of all checks |
//! | `RAFT_LAB_EXPLORE` | set by `cargo xtask explore`: a script to run instead of all checks, in this process |
//! | `RAFT_LAB_REPLAY` | set by `cargo xtask replay`: what to record for a page instead of running all checks, in this process |
//! | `RAFT_LAB_PLAY` | set by `cargo xtask play`: whose servers carry out the commands on the standard input, instead of all checks, in this process |
//! | `RAFT_LAB_TIMEOUT_FACTOR` | multiplies the time limit of every check, for a busy or slow machine; 1 if not set |
//! | `RAFT_LAB_WIDTH` | the length of the lines of a failure, from 50 to 100; 100 if not set |
//! | `RAFT_LAB_RECORD` | a folder; the executions that the checks see are written there ([`RecordedExecution`]), and nothing is judged |
//! | `RAFT_LAB_WATCH` | such a folder; module 0 judges those executions, instead of running its checks |
//! | `RAFT_LAB_HUNT` | the number from which a bug hunt takes its bug ([`hunt`]); `all` hunts every bug |
//! | `RAFT_LAB_SCENARIOS` | a folder with further scenarios, which need no snapshots |
//! | `RAFT_LAB_BLESS` | set by `cargo xtask bless`: scenarios write their snapshots |
//! | `RAFT_LAB_COLOR` | `always` or `never`; terminals get color if not set |
//!
//! The process of a check has no environment. What it needs to know arrives on its standard input, and a suite
//! asks [`variable`] for it.

mod answer;
mod assignment;
pub mod bad_storm;
mod ballots;
mod blame;
mod check;
mod check_record;
mod child;
pub mod clients;
mod context;
mod events;
mod exercises;
mod explain;
mod exploration;
mod factories;
mod failure;
mod harness;
pub mod hunt;
pub mod kept_runs;
mod lifeline;
mod output;
pub mod own;
mod paint;
mod panics;
mod parent;
mod play;
mod process_group;
pub mod proof;
mod record;
mod recorded;
mod replay;
mod report;
mod run;
mod sandbox;
pub mod scenario;
mod settings;
pub mod shortest;
pub mod solution;
pub mod storm;
mod streams;
mod table;
mod time_limit;

pub use course;
pub use protocol;
pub use simulator;

pub use assignment::check_of_this_process;
pub use check::{Check, Scope, Suite};
pub use context::Context;
pub use course::{ExerciseId, Outcome, Report, Select, VERSION};
pub use failure::{Failure, Kind, SourceLine, Verdict};
pub use harness::{main, main_of};
pub use record::record;
pub use recorded::RecordedExecution;
pub use run::{Policy, run, run_here};
pub use settings::variable;
pub use storm::record_storm;
pub use table::{CheckBody, Checks};

use std::alloc::System;

/// Every gate binary allocates through this, so that a check that allocates without end is stopped before the
/// machine suffers. The limit is set only in the process of a check.
#[global_allocator]
static ALLOCATOR: cap::Cap<System> = cap::Cap::new(System, usize::MAX);

//! The grader. `cargo xtask grade` starts this program; learners do not compile it.
//!
//! | file | about |
//! |---|---|
//! | `cli.rs` | the command line |
//! | `submissions.rs` | which submissions there are, and which of them this run grades |
//! | `intake.rs` | what of a submission is judged, and what is rejected |
//! | `scan.rs` | sources that reach beyond the exercise |
//! | `sandbox.rs` | the two sandboxes: one builds, one judges |
//! | `worker.rs` | a tree in which submissions are judged one after the other |
//! | `result.rs` | the result for one student, as it is stored |
//! | `run.rs` | grades what is due, with several workers |
//! | `originality/` | what submissions have in common |
//! | `check/` | whether a course and its handout are complete and consistent |
//! | `report/` | the formats that other programs and people read |
//!
//! Exit codes: 0 every submission was graded, 1 some need a look (or points differ, or a course has faults), 2 the grader
//! could not do its work.

// They panic when the reader of their output is gone. `say!` does not.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod check;
mod cli;
mod intake;
mod originality;
mod report;
mod result;
mod run;
mod sandbox;
mod scan;
mod submissions;
mod worker;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Builds go through a supervisor, which is this program again.
    xtask::supervise::or_supervise(|| xtask::term::ended(cli::main(), "cargo xtask grade"))
}

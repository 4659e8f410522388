//! The program behind `cargo xtask cluster`: starts servers, and does to them what a machine room does.
//!
//! | file | about |
//! |---|---|
//! | `cli.rs` | the command line |
//! | `up.rs` | starting a cluster |
//! | `commands.rs` | everything else |
//! | `running.rs` | the servers of a cluster: starting, finding and ending them |
//! | `state.rs` | what is kept about a cluster in its folder |
//! | `program.rs` | building the program of a server |
//! | `process.rs` | signals, or what a system has instead |
//! | `refusal.rs` | why a command was not carried out |
//! | `talk.rs` | asking a server |

mod cli;
mod commands;
mod process;
mod program;
mod refusal;
mod running;
mod state;
mod talk;
mod up;

pub use cli::main;
pub use talk::{Info, Reply, Talk};

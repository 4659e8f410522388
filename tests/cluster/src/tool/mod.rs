//! The program behind `cargo xtask cluster`: starts servers, and does to them what a machine room does.
//!
//! | file | about |
//! |---|---|
//! | `bench/` | how fast servers are, beside etcd, and how soon they recover |
//! | `cli.rs` | the command line |
//! | `up.rs` | starting a cluster |
//! | `commands.rs` | everything else |
//! | `machines.rs` | a cluster that a program starts for an experiment |
//! | `running.rs` | the servers of a cluster: starting, finding and ending them |
//! | `state.rs` | what is kept about a cluster in its folder |
//! | `program.rs` | building the program of a server |
//! | `process.rs` | signals, or what a system has instead |
//! | `refusal.rs` | why a command was not carried out |
//! | `talk.rs` | asking a server |

mod bench;
mod cli;
mod commands;
mod machines;
mod process;
mod program;
mod refusal;
mod running;
mod state;
mod talk;
mod up;

pub use cli::main;
pub use machines::{LinkFaults, Machines, clear};
pub use program::zoo_server;
pub use refusal::{Outcome, Refusal};
pub use state::is_durable;
pub use talk::{Info, Reply, Talk};

//! The deterministic world of the lab.
//!
//! A [`Cluster`] holds the servers and carries every event to them. After each event it looks at the
//! server that moved, and holds what it sees against Figure 3 ([`Property`]). What happened is told in
//! a [`Trace`]. Two worlds drive a cluster:
//!
//! - [`Scripted`]: nothing moves but what the script says. Messages lie in the network until they are
//!   delivered or lost; timers fire when they are told to.
//! - [`Timed`]: a virtual clock moves everything. Delays, losses, duplicates, partitions and crashes,
//!   and how much of each there is ([`Faults`]), are drawn from a seed.
//!
//! Everything runs on one thread, and nothing depends on the machine: the same seed gives the same
//! run, event for event. Servers are known through [`protocol::Node`] alone.

mod actions;
mod agenda;
mod clients;
mod cluster;
mod disk;
mod execution;
mod guard;
mod invariants;
mod linearizability;
mod message;
mod network;
mod promises;
mod scripted;
mod selector;
mod shrink;
mod timed;
mod trace;
mod under_way;

pub use actions::{Action, Named};
pub use clients::Asking;
pub use cluster::{Boot, ClientAnswer, Cluster, CrashPoint, CrashPoints, Given, GivenRole, Stop};
pub use disk::{DiskOperation, Recording, SimulatedDisk, Trouble};
pub use execution::execution;
pub use guard::{Panicked, guarded};
pub use invariants::{Breach, Invariants, Property};
pub use linearizability::{Linearizability, Operation, linearizability};
pub use message::{Body, Kind, Message, MessageId, Told};
pub use network::{Faults, Links};
pub use scripted::{ScriptError, Scripted};
pub use selector::Selector;
pub use shrink::{Fresh, Shrunk, shrink};
pub use timed::{Timed, TimedOptions};
pub use trace::{Happened, Lost, Trace, Traced, hash};

//! Module 1: what a server is (Figure 2, "State"), its log, and the loop that feeds it with events.
//!
//! | file | exercise |
//! |---|---|
//! | `draft.rs` | 1.1 the messages and roles, drafted by you |
//! | `log.rs` | 1.2 looking into the log |
//! | `state.answer` | 1.3 your own state: before you open `node.rs` |
//! | `node.rs` | 1.4 a new server, its peers, a majority; 1.5 the term rule |
//! | `event_loop.rs` | 1.6 requests, 1.7 replies, 1.8 what follows from a change |
//! | `queue.rs` | 1.9 the event queue of a deterministic simulator |
//!
//! `rules.rs` and `outbox.rs` are given: read them before exercise 1.6. `demo.rs` is given too, and
//! runs what you have built. `clients.rs`, `snapshots.rs` and `membership.rs` hold state that later
//! modules introduce: leave them closed until then.

#![allow(unused)] // Stubs leave much unused; remove this line when you are done.

mod clients;
pub mod demo;
pub mod draft;
pub mod event_loop;
mod log;
mod membership;
mod node;
mod outbox;
mod queue;
mod rules;
mod snapshots;

pub use protocol;

pub use clients::{ClientSession, PendingCommand, PendingRead};
pub use log::Log;
pub use membership::{CatchUp, MembershipState, PendingTransfer};
pub use node::{Progress, RaftNode, Role, Saved};
pub use outbox::Outbox;
pub use queue::EventQueue;
pub use rules::{RULES, Rules};
pub use snapshots::{IncomingSnapshot, OutgoingSnapshot, Snapshot, SnapshotState};

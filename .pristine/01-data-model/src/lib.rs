//! Module 1: what a server is (Figure 2, "State"), its log, and the loop that feeds it with events.
//!
//! | file | exercise |
//! |---|---|
//! | `draft.rs` | 1.1 the messages and roles, drafted by you |
//! | `log.rs` | 1.2 looking into the log, 1.3 changing it |
//! | `node.rs` | 1.4 a new server, its peers, a majority; 1.5 the term rule |
//! | `event_loop.rs` | 1.6 requests, 1.7 replies, 1.8 what follows from a change |
//! | `queue.rs` | 1.9 the event queue of a deterministic simulator |
//!
//! `rules.rs` and `outbox.rs` are given: read them before exercise 1.6. `demo.rs` is given too, and
//! runs what you have built.

#![allow(unused)] // Stubs leave much unused; remove this line when you are done.

pub mod demo;
pub mod draft;
pub mod event_loop;
mod log;
mod node;
mod outbox;
mod queue;
mod rules;

pub use protocol;

pub use log::Log;
pub use node::{
    Arriving, Change, Later, Progress, RaftNode, Read, Role, Saved, Snapshot, Transfer, Waiting,
};
pub use outbox::Outbox;
pub use queue::EventQueue;
pub use rules::{LateRules, RULES, Rules};

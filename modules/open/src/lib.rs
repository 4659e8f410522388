//! The open path: a Raft server of your own design.
//!
//! There is no table of rules here, no state and no order of functions: only Figure 2, and the trait through which the
//! lab sees a server. Add files as you like. The chapter is `docs/chapters/open.md`.
//!
//! This file is given. The checks call [`server`], and need nothing else of this crate.

#![allow(unused)] // Stubs leave much unused; remove this line when you are done.

pub mod server;

use protocol::{Node, Setup};

pub use server::Server;

/// What the operator of a cluster has switched on. All servers of a cluster have the same features. Before milestone
/// 6, nothing is on: Figure 2 knows none of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// A server that hears a leader ignores candidates, and a leader that does not hear a majority steps down
    /// (§6; dissertation §4.2.3 and §6.2). Milestone 6.
    pub check_quorum: bool,
    /// A server asks whether it could win before it starts an election (dissertation §9.6). Milestone 9, bonus.
    pub pre_vote: bool,
}

/// A new server with these features. Its first event is [`Event::Start`](protocol::Event::Start).
#[must_use]
pub fn server(setup: Setup, features: Features) -> Box<dyn Node> {
    Box::new(Server::new(setup, features))
}

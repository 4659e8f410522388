//! What the operator of a cluster switches on, and the function by which the open path's checks make a server.

use protocol::{Node, Setup};

use crate::habits::Habits;
use crate::server::Server;

/// What the operator of a cluster has switched on. Nothing is by default: Figure 2 knows none of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// A server that hears a leader ignores candidates, and a leader that does not hear a majority steps down
    /// (§6; dissertation §4.2.3 and §6.2).
    pub check_quorum: bool,
    /// A server asks whether it could win before it starts an election (dissertation §9.6).
    pub pre_vote: bool,
}

/// A server with these features.
#[must_use]
pub fn server(setup: Setup, features: Features) -> Box<dyn Node> {
    let Features { check_quorum, pre_vote } = features;
    let habits = Habits { check_quorum, leader_lease: check_quorum, pre_vote, ..Habits::default() };
    Box::new(Server::new(setup, habits))
}

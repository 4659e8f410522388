//! What is measured, and the client that asks our servers.

use std::time::Duration;

use super::super::machines::Machines;
use super::load::{Ours, Put};
use crate::client::Client;

/// What `bench` was asked for.
#[derive(Clone, Debug)]
pub(in super::super) struct Asked {
    /// What servers are made of.
    pub(in super::super) made_of: String,
    /// Whether three ways to hand over batches are compared, and nothing else.
    pub(in super::super) batches: bool,
    /// The system beside which they run.
    pub(in super::super) beside: Option<String>,
    /// How often each figure is taken; the median counts.
    pub(in super::super) rounds: usize,
    /// How long each load lasts.
    pub(in super::super) seconds: u64,
    /// How often a leader is killed.
    pub(in super::super) kills: usize,
}

/// A client that begins at the leader.
pub(super) fn ours_of(machines: &Machines) -> Box<dyn Put> {
    let servers: Vec<String> =
        machines.ids().into_iter().map(|id| machines.client(id).to_owned()).collect();
    Box::new(Ours(Client::new(servers, Duration::from_secs(5))))
}

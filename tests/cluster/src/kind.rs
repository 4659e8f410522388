//! What a server's process is made of, and its times and limits.

use std::time::Duration;

use protocol::{Config, Node, Setup};

use crate::wire::MAX_ENTRIES;

/// A server's process: what it is made of, and what makes it.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// What it is made of: a module's number, or `open`.
    pub name: &'static str,
    /// Whether it keeps its state on disk. Before module 5 servers do not.
    pub durable: bool,
    /// Makes the server. It runs on the thread that owns the server: no part of one can change threads.
    pub make: fn(Setup) -> Box<dyn Node>,
}

/// A server's times and limits. An fsync takes up to 200 ms on a busy disk, and meanwhile a leader sends nothing: so
/// the paper's election timeout of 150 to 300 ms would depose leaders that are well.
pub(crate) fn config(paper: bool) -> Config {
    let ms = Duration::from_millis;
    let (election_timeout, heartbeat_interval) =
        if paper { (ms(150)..ms(300), ms(50)) } else { (ms(500)..ms(1_000), ms(100)) };
    Config {
        election_timeout,
        heartbeat_interval,
        max_entries: MAX_ENTRIES,
        snapshot_entries: 10_000,
        snapshot_tail: 2_000,
        snapshot_chunk: 64 << 10,
        ..Config::default()
    }
}

//! Which server leads, seen from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use cluster::tool::Info;

use crate::history::Role;

/// How often each server is asked.
const EVERY: Duration = Duration::from_millis(50);

/// A server that works answers sooner than this.
const PATIENCE: Duration = Duration::from_millis(300);

/// Asks a server for its role on a thread of its own, until `stop`. Returns the changes.
pub(crate) fn watch(
    server: u64,
    address: String,
    start: Instant,
    stop: Arc<AtomicBool>,
) -> JoinHandle<Vec<Role>> {
    thread::spawn(move || {
        let mut roles: Vec<Role> = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let info = Info::of(&address, PATIENCE).ok();
            let term = info.as_ref().map_or(0, |info| info.number("term"));
            let role = info.as_ref().map_or("none", |info| info.get("role")).to_owned();
            let is_new = roles.last().is_none_or(|it| (&it.role, it.term) != (&role, term));
            if is_new {
                roles.push(Role { server, at: nanos(start.elapsed()), role, term });
            }
            thread::sleep(EVERY);
        }
        roles
    })
}

/// A duration in nanoseconds.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

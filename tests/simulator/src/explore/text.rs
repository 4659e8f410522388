//! What a server prints about itself, without the numbers of its calls.
//!
//! Two servers that differ only in how many calls they have made do the same from then on, if they only compare those
//! numbers. So the numbers are taken out of the text, wherever a `CallId` is printed, and replaced by their rank among
//! those that are still known to the server or in the network.

use std::fmt::Write as _;
use std::hash::{Hash as _, Hasher as _};

use protocol::{ServerId, Timer};

use super::digest::Digest;
use crate::Scripted;

/// What stands before the number of a call.
const CALL: &str = "CallId(";

const TIMERS: [Timer; 3] = [Timer::Election, Timer::Heartbeat, Timer::LeaderLease];

/// What a server prints about itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ServerText {
    /// The digest of the text without the numbers of calls, and of the timers that run.
    pub(super) digest: u64,
    /// The numbers of calls in the text, in their order.
    pub(super) calls: Vec<u64>,
}

impl ServerText {
    /// What a server prints about itself now. `buffer` is there to be used again.
    pub(super) fn of(world: &Scripted, id: ServerId, buffer: &mut String) -> Self {
        buffer.clear();
        // A server that is down prints nothing.
        if let Some(node) = world.cluster.node(id) {
            let _ = write!(buffer, "{node:?}");
        }
        let mut digest = Digest::default();
        let mut calls = Vec::new();
        let mut rest = buffer.as_str();
        while let Some(place) = rest.find(CALL) {
            let (before, number) = rest.split_at(place + CALL.len());
            digest.write(before.as_bytes());
            let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
            calls.push(number[..end].parse().unwrap_or(u64::MAX));
            rest = &number[end..];
        }
        digest.write(rest.as_bytes());
        world.cluster.incarnation(id).hash(&mut digest);
        for timer in TIMERS {
            world.is_armed(id, timer).hash(&mut digest);
        }
        ServerText { digest: digest.finish(), calls }
    }
}

//! What identifies a server's state, without the numbers of its calls.
//!
//! Two servers that differ only in how many calls they have made do the same from then on, if they only compare those
//! numbers. So the numbers are taken out, and replaced by their rank among those that are still known to the server or
//! in the network. A server that digests its own state names them; of any other they are found in what it prints,
//! wherever a `CallId` is printed.

use std::fmt::{self, Write as _};
use std::hash::{Hash as _, Hasher};

use protocol::{CallId, ServerId, StateDigest, Timer};

use super::digest::Digest;
use crate::Scripted;

/// What comes before the number of a call in what a server prints.
const CALL: &str = "CallId(";

const TIMERS: [Timer; 3] = [Timer::Election, Timer::Heartbeat, Timer::LeaderLease];

/// What identifies a server's state.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// The digest of the state without the numbers of calls, and of the timers that run.
    pub(super) digest: u64,
    /// The numbers of calls in the state, in their order.
    pub(super) calls: Vec<u64>,
}

impl Identity {
    /// What identifies the state of a server now. `buffer` is there to be used again.
    pub(super) fn of(world: &Scripted, id: ServerId, buffer: &mut String) -> Self {
        let mut parts = Parts::default();
        // A server that is down has no state.
        if let Some(node) = world.cluster.node(id)
            && !node.digest(&mut parts)
        {
            parts = Parts::default();
            buffer.clear();
            let _ = write!(buffer, "{node:?}");
            parts.add_text(buffer);
        }
        let Parts { mut digest, calls } = parts;
        world.cluster.incarnation(id).hash(&mut digest);
        for timer in TIMERS {
            world.is_armed(id, timer).hash(&mut digest);
        }
        Identity { digest: digest.finish(), calls }
    }
}

/// The parts of a state, as they come.
#[derive(Default)]
struct Parts {
    digest: Digest,
    calls: Vec<u64>,
}

impl Parts {
    fn add_text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(place) = rest.find(CALL) {
            let (before, number) = rest.split_at(place + CALL.len());
            self.digest.write(before.as_bytes());
            let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
            self.calls.push(number[..end].parse().unwrap_or(u64::MAX));
            rest = &number[end..];
        }
        self.digest.write(rest.as_bytes());
    }
}

impl Hasher for Parts {
    fn finish(&self) -> u64 {
        self.digest.finish()
    }
    fn write(&mut self, bytes: &[u8]) {
        self.digest.write(bytes);
    }
    fn write_u8(&mut self, number: u8) {
        self.digest.write_u8(number);
    }
    fn write_u32(&mut self, number: u32) {
        self.digest.write_u32(number);
    }
    fn write_u64(&mut self, number: u64) {
        self.digest.write_u64(number);
    }
    fn write_usize(&mut self, number: usize) {
        self.digest.write_usize(number);
    }
}

impl StateDigest for Parts {
    fn call(&mut self, call: CallId) {
        self.calls.push(call.0);
    }

    fn printed(&mut self, part: &dyn fmt::Debug) {
        // Most parts print a word or two. Writing to the digest never fails.
        let _ = write!(Printer(&mut self.digest), "{part:?}");
        self.digest.write_u8(u8::MAX);
    }
}

/// Digests what is printed. How it is cut into pieces depends on the value alone.
struct Printer<'a>(&'a mut Digest);

impl fmt::Write for Printer<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

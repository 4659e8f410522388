//! What waits to leave for one peer.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::wire::Envelope;

/// At most this many messages wait for a peer, …
const MOST_MESSAGES: usize = 256;

/// … with roughly this many bytes. Entries are shared with the log of the server, so this is not memory of its own.
const MOST_BYTES: usize = 16 << 20;

/// What waits to leave for one peer. What does not fit is lost, as a network may lose it: a peer that does not read
/// must not stop this server.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    queue: Mutex<Queue>,
    filled: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    /// With the time at which each was put here.
    messages: VecDeque<(Envelope, Instant)>,
    bytes: usize,
    closed: bool,
}

impl Outgoing {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a message, if there is room. The first one always fits.
    pub(super) fn put(&self, message: Envelope) {
        let mut queue = self.lock();
        let weight = message.weight();
        let is_full = queue.messages.len() >= MOST_MESSAGES || queue.bytes + weight > MOST_BYTES;
        if queue.messages.is_empty() || !is_full {
            queue.bytes += weight;
            queue.messages.push_back((message, Instant::now()));
            self.filled.notify_one();
        }
    }

    /// The next message, and when it was put here; waits for it. `None` if the server is ending, or the peer has another
    /// address now.
    pub(super) fn next(&self) -> Option<(Envelope, Instant)> {
        let queue = self.lock();
        let is_idle = |queue: &mut Queue| queue.messages.is_empty() && !queue.closed;
        let mut queue =
            self.filled.wait_while(queue, is_idle).unwrap_or_else(PoisonError::into_inner);
        if queue.closed {
            return None;
        }
        let (message, put) = queue.messages.pop_front()?;
        queue.bytes -= message.weight();
        Some((message, put))
    }

    /// Loses everything that waits: the peer cannot be reached, and old messages are worth little.
    pub(super) fn clear(&self) {
        let mut queue = self.lock();
        queue.messages.clear();
        queue.bytes = 0;
    }

    /// Nothing more leaves.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use protocol::{CallId, Request, ServerId, Term, TimeoutNow};

    use super::*;
    use crate::wire::Letter;

    fn message(call: u64) -> Envelope {
        let request = Request::TimeoutNow(TimeoutNow { term: Term(1), leader_id: ServerId(1) });
        let letter = Letter::Request { call: CallId(call), request };
        Envelope { cluster: 1, from: ServerId(1), to: ServerId(2), boot: 1, letter }
    }

    #[test]
    fn what_does_not_fit_is_lost_and_nobody_waits() {
        let outgoing = Outgoing::default();
        let next = || outgoing.next().map(|(message, _)| message);
        (0..10_000).for_each(|call| outgoing.put(message(call)));
        for call in 0..MOST_MESSAGES as u64 {
            assert_eq!(next(), Some(message(call)));
        }
        outgoing.put(message(7));
        assert_eq!(next(), Some(message(7)));
        outgoing.put(message(8));
        outgoing.clear();
        outgoing.close();
        assert_eq!(next(), None);
    }
}

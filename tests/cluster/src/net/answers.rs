//! What waits to leave for one client.

use std::io::Write as _;
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use protocol::Bytes;

/// At most this many requests of a connection are under way. Its further ones wait in the network: each may ask for a value of
/// 1 MB, and the thread that owns the server makes the answers.
const MOST_REQUESTS: usize = 64;

/// While this many bytes of answers wait, further requests wait in the network.
const ENOUGH_BYTES: usize = 4 << 20;

/// When this many bytes of answers wait for all clients together, the next connection that gets one is ended.
const MOST_BYTES: usize = 96 << 20;

/// What waits to leave for one client.
#[derive(Debug)]
pub(super) struct Answers {
    state: Mutex<State>,
    changed: Condvar,
    /// The bytes that wait for all clients together.
    total: Arc<AtomicUsize>,
}

#[derive(Debug, Default)]
struct State {
    bytes: Vec<u8>,
    /// Requests that were not answered yet.
    under_way: usize,
    /// The client asks for nothing more.
    finished: bool,
    /// The connection is over.
    closed: bool,
}

impl Answers {
    /// Nothing yet, for a client that shares `total` with the others.
    pub(super) fn new(total: Arc<AtomicUsize>) -> Self {
        Answers { state: Mutex::default(), changed: Condvar::new(), total }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the connection may have another request. Returns false if it is over.
    pub(super) fn admit(&self) -> bool {
        let must_wait = |state: &mut State| {
            !state.closed && (state.under_way >= MOST_REQUESTS || state.bytes.len() >= ENOUGH_BYTES)
        };
        let state = self.changed.wait_while(self.lock(), must_wait);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        state.under_way += 1;
        !state.closed
    }

    /// The answer to the next request. Never waits. Returns false if the connection is over, or ends now because the
    /// client does not read.
    pub(super) fn put(&self, answer: &Bytes) -> bool {
        let mut state = self.lock();
        state.under_way = state.under_way.saturating_sub(1);
        state.closed |= self.total.load(Ordering::Relaxed) + answer.len() > MOST_BYTES;
        if !state.closed {
            self.total.fetch_add(answer.len(), Ordering::Relaxed);
            state.bytes.extend_from_slice(answer);
        }
        self.changed.notify_all();
        !state.closed
    }

    /// The client has sent its last request. The connection ends when all are answered.
    pub(super) fn finish(&self) {
        self.lock().finished = true;
        self.changed.notify_all();
    }

    /// The connection is over.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        self.total.fetch_sub(std::mem::take(&mut state.bytes).len(), Ordering::Relaxed);
        self.changed.notify_all();
    }

    /// Writes answers until the connection is over.
    pub(super) fn write_to(&self, mut stream: &TcpStream) {
        loop {
            let is_idle = |state: &mut State| {
                let is_done = state.finished && state.under_way == 0;
                state.bytes.is_empty() && !state.closed && !is_done
            };
            let waited = self.changed.wait_while(self.lock(), is_idle);
            let mut state = waited.unwrap_or_else(PoisonError::into_inner);
            if state.closed || state.bytes.is_empty() {
                break;
            }
            let bytes = std::mem::take(&mut state.bytes);
            self.changed.notify_all();
            drop(state);
            let written = stream.write_all(&bytes);
            self.total.fetch_sub(bytes.len(), Ordering::Relaxed);
            if written.is_err() {
                break;
            }
        }
        self.close();
        // Wakes up whoever reads from it.
        let _ = stream.shutdown(Shutdown::Both);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_does_not_read_is_cut_off() {
        let answers = Answers::new(Arc::default());
        let answer = Bytes::from(vec![0; 1 << 20]);
        let taken = (0..1_000).take_while(|_| answers.put(&answer)).count();
        assert_eq!(taken, MOST_BYTES >> 20);
        assert!(!answers.admit() && answers.lock().bytes.len() <= MOST_BYTES);
        answers.close();
        assert_eq!(answers.total.load(Ordering::Relaxed), 0);
    }
}

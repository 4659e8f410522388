//! What has arrived and was not handled yet.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::core::Input;

/// At most this many bytes of messages wait, and this many of clients' requests.
const MOST_BYTES: usize = 32 << 20;

/// At most this many messages wait, and this many requests.
const MOST_INPUTS: usize = 8_192;

/// What has arrived and was not handled yet. While it is full, the readers of connections wait, so that the network's own
/// limits slow down a sender of too much. Messages of servers come before requests of clients.
#[derive(Debug, Default)]
pub struct Inbox {
    state: Mutex<State>,
    /// Something has arrived, or the server must end.
    arrived: Condvar,
    /// There is room again.
    room: Condvar,
}

#[derive(Debug, Default)]
struct State {
    messages: Lane,
    requests: Lane,
    closed: bool,
}

#[derive(Debug, Default)]
struct Lane {
    inputs: VecDeque<(Input, usize)>,
    bytes: usize,
}

impl Lane {
    fn is_full(&self) -> bool {
        self.bytes >= MOST_BYTES || self.inputs.len() >= MOST_INPUTS
    }

    fn move_to(&mut self, batch: &mut VecDeque<Input>, most: usize) {
        while batch.len() < most
            && let Some((input, bytes)) = self.inputs.pop_front()
        {
            self.bytes -= bytes;
            batch.push_back(input);
        }
    }
}

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A thread that has panicked has left whole inputs.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a message or a request that takes roughly `bytes`. Waits while there is no room. Returns false if the
    /// server is ending.
    pub fn put(&self, input: Input, bytes: usize) -> bool {
        let is_message = matches!(input, Input::Message(_));
        let mut state = self.lock();
        loop {
            if state.closed {
                return false;
            }
            let lane = if is_message { &mut state.messages } else { &mut state.requests };
            if !lane.is_full() {
                lane.bytes += bytes;
                lane.inputs.push_back((input, bytes));
                self.arrived.notify_one();
                return true;
            }
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Moves what has arrived to `batch`, up to `most` inputs in it. If there is nothing and `batch` is empty, waits
    /// for at most this long. Returns false if the server must end.
    pub fn take(&self, batch: &mut VecDeque<Input>, most: usize, wait: Duration) -> bool {
        let mut state = self.lock();
        let is_idle = |state: &mut State| {
            !state.closed && state.messages.inputs.is_empty() && state.requests.inputs.is_empty()
        };
        if batch.is_empty() {
            let waited = self.arrived.wait_timeout_while(state, wait, is_idle);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.messages.move_to(batch, most);
        state.requests.move_to(batch, most);
        self.room.notify_all();
        !state.closed
    }

    /// The server must end.
    pub fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
        self.room.notify_all();
    }
}

//! A message in the network of a scripted run.

use std::cell::Cell;
use std::rc::Rc;

use crate::Message;
use crate::recording::Copy;

/// A message in the network. While it is held, only `release` and `lose` touch it. Copies of a run share the message.
#[derive(Clone, Debug)]
pub(crate) struct QueuedMessage {
    shared: Rc<SharedMessage>,
    pub(super) held: bool,
}

#[derive(Debug)]
struct SharedMessage {
    message: Message,
    /// What an exploration has computed from the message once, for all runs that share it.
    digest: Cell<Option<u64>>,
}

impl QueuedMessage {
    pub(super) fn new(message: Message) -> Self {
        let shared = Rc::new(SharedMessage { message, digest: Cell::new(None) });
        QueuedMessage { shared, held: false }
    }

    pub(crate) fn message(&self) -> &Message {
        &self.shared.message
    }

    pub(crate) fn into_message(self) -> Message {
        match Rc::try_unwrap(self.shared) {
            Ok(shared) => shared.message,
            Err(shared) => shared.message.clone(),
        }
    }

    /// Makes this the copy of the message with that number. The number has no part in the digest.
    pub(super) fn set_copy(&mut self, copy: Copy) {
        let message = Message { copy, ..self.message().clone() };
        self.shared = Rc::new(SharedMessage { message, digest: self.shared.digest.clone() });
    }

    /// A digest of the message, which is computed once.
    pub(crate) fn digest(&self, of: impl FnOnce(&Message) -> u64) -> u64 {
        if let Some(digest) = self.shared.digest.get() {
            return digest;
        }
        let digest = of(&self.shared.message);
        self.shared.digest.set(Some(digest));
        digest
    }

    pub(crate) fn is_held(&self) -> bool {
        self.held
    }
}

//! The messages of a timed run that have been sent and have not arrived.

use crate::Message;

/// Messages in flight, each in a slot whose number is on the agenda. Slots are reused: the agenda moves its
/// items about, so they must stay small, and a run sends millions of messages.
#[derive(Debug, Default)]
pub(crate) struct InFlight {
    slots: Vec<Option<Message>>,
    free: Vec<usize>,
}

impl InFlight {
    pub(crate) fn put(&mut self, message: Message) -> usize {
        if let Some(slot) = self.free.pop() {
            self.slots[slot] = Some(message);
            return slot;
        }
        self.slots.push(Some(message));
        self.slots.len() - 1
    }

    pub(crate) fn take(&mut self, slot: usize) -> Option<Message> {
        self.free.push(slot);
        self.slots[slot].take()
    }

    pub(crate) fn describe(&self, slot: usize) -> String {
        match &self.slots[slot] {
            Some(message) => format!("{} {}→{}", message.kind(), message.from, message.to),
            None => "message".to_owned(),
        }
    }
}

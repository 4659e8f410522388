//! The messages of a timed run that have been sent and have not arrived.

use crate::Message;

/// Messages in flight, each in a slot whose number is on the agenda. Slots are reused: the agenda moves its
/// items about, so they must stay small, and a run sends millions of messages.
#[derive(Debug, Default)]
pub(crate) struct InFlight {
    slots: Vec<Option<Message>>,
    free: Vec<u32>,
}

impl InFlight {
    #[allow(
        clippy::inline_always,
        reason = "a message is large, and moving it through a call is measurable"
    )]
    #[inline(always)]
    pub(crate) fn put(&mut self, message: Message) -> u32 {
        if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = Some(message);
            return slot;
        }
        self.slots.push(Some(message));
        u32::try_from(self.slots.len() - 1).expect("messages in flight fit into memory")
    }

    #[allow(
        clippy::inline_always,
        reason = "a message is large, and moving it through a call is measurable"
    )]
    #[inline(always)]
    pub(crate) fn take(&mut self, slot: u32) -> Option<Message> {
        self.free.push(slot);
        self.slots[slot as usize].take()
    }

    pub(crate) fn describe(&self, slot: u32) -> String {
        match &self.slots[slot as usize] {
            Some(message) => format!("{} {}→{}", message.kind(), message.from, message.to),
            None => "message".to_owned(),
        }
    }
}

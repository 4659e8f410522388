//! What a script can do with the messages in the network, for a person who chooses.

use std::collections::BTreeSet;

use protocol::ServerId;

use super::{QueuedMessage, Scripted};
use crate::Selector;

/// What a script can do with messages in the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageAct {
    /// It arrives.
    Deliver,
    /// It is lost.
    Lose,
    /// It is held back.
    Hold,
    /// It is no longer held back.
    Release,
    /// A copy of it follows it.
    Duplicate,
}

impl MessageAct {
    /// All of them.
    pub const ALL: [MessageAct; 5] = [
        MessageAct::Deliver,
        MessageAct::Lose,
        MessageAct::Hold,
        MessageAct::Release,
        MessageAct::Duplicate,
    ];

    /// The name of the command.
    pub fn name(self) -> &'static str {
        match self {
            MessageAct::Deliver => "deliver",
            MessageAct::Lose => "lose",
            MessageAct::Hold => "hold",
            MessageAct::Release => "release",
            MessageAct::Duplicate => "duplicate",
        }
    }

    /// Whether the command finds messages that are held back (`held`), or those that are not.
    pub fn finds(self, held: bool) -> bool {
        match self {
            MessageAct::Deliver | MessageAct::Hold => !held,
            MessageAct::Release => held,
            MessageAct::Lose | MessageAct::Duplicate => true,
        }
    }
}

impl Scripted {
    /// The selector with which the command finds one message alone: the one at this place in the network, counted
    /// from 0. `None` if there is none, or if the command does not find it because it is held back, or because it is
    /// not.
    ///
    /// Which message is the n-th newest depends on the command, because commands differ in what they find. So each
    /// command needs its own selector.
    pub fn selector(&self, place: usize, act: MessageAct) -> Option<Selector> {
        let queued = self.in_flight.get(place).filter(|queued| act.finds(queued.held))?;
        let message = queued.message();
        let mut selector = Selector {
            from: Some(BTreeSet::from([message.from])),
            to: Some(BTreeSet::from([message.to])),
            kind: Some(message.kind().to_string()),
            term: None,
            newest: None,
        };
        let found = |selector: &Selector, among: &[QueuedMessage]| {
            let all = among.iter().filter(|queued| act.finds(queued.held));
            all.filter(|queued| selector.matches(queued.message())).count()
        };
        if found(&selector, &self.in_flight) == 1 {
            return Some(selector);
        }
        selector.term = Some(message.term());
        if found(&selector, &self.in_flight) > 1 {
            selector.term = None;
            selector.newest = Some(found(&selector, &self.in_flight[place..]));
        }
        Some(selector)
    }

    /// Whether messages from one server to another are lost.
    pub fn is_cut(&self, from: ServerId, to: ServerId) -> bool {
        self.links.is_cut(from, to)
    }
}

//! Which messages a command of a script is about.

use std::collections::BTreeSet;

use protocol::{ServerId, Term};

use crate::Message;

/// Which messages a command of the script is about. What is not given matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// The senders.
    pub from: Option<BTreeSet<ServerId>>,
    /// The receivers.
    pub to: Option<BTreeSet<ServerId>>,
    /// What kind of message, by its name: `RequestVote`, `RequestVoteReply`, …
    pub kind: Option<String>,
    /// The term that it carries.
    pub term: Option<Term>,
    /// Of those that match, only the how-manieth, the newest being 1.
    pub newest: Option<usize>,
}

/// Chooses messages, one after the other.
pub(crate) struct Chooser<'a> {
    selector: &'a Selector,
    /// How many of those still to come match.
    alike: usize,
}

impl Chooser<'_> {
    pub(crate) fn chooses(&mut self, message: &Message) -> bool {
        let matches = self.selector.matches(message);
        let newest = self.alike;
        self.alike = newest.saturating_sub(usize::from(matches));
        matches && self.selector.newest.is_none_or(|wanted| wanted == newest)
    }
}

impl Selector {
    /// Says of one message of `all` after the other, the oldest first, whether it is chosen.
    pub(crate) fn chooser<'a>(&self, all: impl Iterator<Item = &'a Message>) -> Chooser<'_> {
        let alike = match self.newest {
            Some(_) => all.filter(|message| self.matches(message)).count(),
            None => 0,
        };
        Chooser { selector: self, alike }
    }

    fn matches(&self, message: &Message) -> bool {
        self.from.as_ref().is_none_or(|from| from.contains(&message.from))
            && self.to.as_ref().is_none_or(|to| to.contains(&message.to))
            && self.kind.as_ref().is_none_or(|kind| message.kind().is_named(kind))
            && self.term.is_none_or(|term| term == message.term())
    }
}

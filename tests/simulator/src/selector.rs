//! How a script selects messages.

use std::collections::BTreeSet;
use std::fmt;

use protocol::{ServerId, Term};

use crate::Message;

/// The messages that a command of a script concerns. A field that is `None` matches every message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// Messages of these servers.
    pub from: Option<BTreeSet<ServerId>>,
    /// Messages to these servers.
    pub to: Option<BTreeSet<ServerId>>,
    /// Messages of this kind, by its name: `RequestVote`, `RequestVoteReply`, …
    pub kind: Option<String>,
    /// Messages that carry this term.
    pub term: Option<Term>,
    /// Of those that match, only the n-th newest (1 = newest).
    pub newest: Option<usize>,
}

/// Chooses messages, one after the other, the oldest first.
pub(crate) struct Chooser<'a> {
    selector: &'a Selector,
    /// How many of the remaining messages match: at the n-th newest, this is n.
    remaining: usize,
}

impl Chooser<'_> {
    pub(crate) fn chooses(&mut self, message: &Message) -> bool {
        let matches = self.selector.matches(message);
        let newest = self.remaining;
        self.remaining = newest.saturating_sub(usize::from(matches));
        matches && self.selector.newest.is_none_or(|wanted| wanted == newest)
    }
}

impl Selector {
    /// Chooses among `all`, the oldest first.
    pub(crate) fn chooser<'a>(&self, all: impl Iterator<Item = &'a Message>) -> Chooser<'_> {
        let remaining = match self.newest {
            Some(_) => all.filter(|message| self.matches(message)).count(),
            None => 0,
        };
        Chooser { selector: self, remaining }
    }

    pub(crate) fn matches(&self, message: &Message) -> bool {
        self.from.as_ref().is_none_or(|from| from.contains(&message.from))
            && self.to.as_ref().is_none_or(|to| to.contains(&message.to))
            && self.kind.as_ref().is_none_or(|kind| message.kind().is_named(kind))
            && self.term.is_none_or(|term| term == message.term())
    }
}

impl fmt::Display for Selector {
    /// As a script writes it; empty if it matches every message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |servers: &BTreeSet<ServerId>| {
            servers.iter().map(ToString::to_string).collect::<Vec<_>>().join("/")
        };
        let words = [
            self.from.as_ref().map(|from| format!("from={}", list(from))),
            self.to.as_ref().map(|to| format!("to={}", list(to))),
            self.kind.as_ref().map(|kind| format!("kind={kind}")),
            self.term.map(|term| format!("term={term}")),
            self.newest.map(|newest| format!("newest={newest}")),
        ];
        f.write_str(&words.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }
}

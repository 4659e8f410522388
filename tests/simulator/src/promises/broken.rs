//! Whether a server knows what it has promised, and what is reported if it does not.

use std::fmt::Write as _;

use protocol::{Index, Node, ServerId, Term};

use super::{Promises, Via};
use crate::invariants::{Breach, ObservedServer, Property};

impl Promises {
    /// The first promise that a server does not know, if it was started from a copy of the disk or came back
    /// from it. The term comes before the vote and the vote before the log: a server that has forgotten its
    /// term has usually forgotten everything.
    pub(crate) fn broken(
        &self,
        seen: &ObservedServer,
        node: &dyn Node,
        event: u64,
    ) -> Option<Breach> {
        let id = seen.id;
        let mut lost = (None, None);
        let (said, back) = if node.current_term() < self.term.value {
            (self.shown_term(id), format!("term {}", node.current_term()))
        } else if let Some((term, candidate)) = self.vote_lost(node) {
            let vote =
                node.voted_for().map_or("no vote".to_owned(), |vote| format!("a vote for {vote}"));
            lost.0 = Some(candidate);
            (self.vote.via.of_vote(id, term, candidate), format!("{vote} in that term"))
        } else {
            let (index, there) = self.entry_lost(seen, node)?;
            lost.1 = Some(index);
            (self.log.via.of_log(id, self.log.value, index, seen), there)
        };
        let (vote, index) = lost;
        let breach = self.breach(seen, event, &said, &format!("would return {back}"));
        let servers = breach.servers.into_iter().chain(vote).collect();
        Some(Breach { servers, index, ..breach })
    }

    /// The server that was started from a copy of the disk does not start.
    pub(crate) fn refused(&self, seen: &ObservedServer, error: &str, event: u64) -> Breach {
        let mut said = self.shown_term(seen.id);
        if self.log.value > Index(0) {
            let _ = write!(said, " and has acknowledged entries up to index {}", self.log.value);
        }
        self.breach(seen, event, &said, &format!("would not let it start again: {error}"))
    }

    /// How it showed its term to others: by a vote, if it gave one in that term.
    fn shown_term(&self, id: ServerId) -> String {
        match self.vote.value {
            Some((term, candidate)) if term == self.term.value => {
                self.vote.via.of_vote(id, term, candidate)
            }
            _ => self.term.via.of_term(id, self.term.value),
        }
    }

    fn breach(&self, seen: &ObservedServer, event: u64, said: &str, disk: &str) -> Breach {
        Breach {
            property: Property::AnsweredIsKept,
            servers: vec![seen.id],
            terms: vec![self.term.value],
            index: None,
            event,
            what: format!("{said}; after a crash, its disk {disk}"),
        }
    }

    fn vote_lost(&self, node: &dyn Node) -> Option<(Term, ServerId)> {
        let (term, candidate) = self.vote.value?;
        let lost = node.current_term() == term && node.voted_for() != Some(candidate);
        lost.then_some((term, candidate))
    }

    /// The first acknowledged entry that is missing, and what is there instead.
    fn entry_lost(&self, seen: &ObservedServer, node: &dyn Node) -> Option<(Index, String)> {
        let (base, base_term) = node.base();
        let first = base.0.max(1);
        let index = (first..=self.log.value.0).map(Index).find(|&index| {
            if index == base {
                seen.term_at(index) != Some(base_term)
            } else if index <= seen.compacted {
                // Of an entry that the server has compacted before, perhaps only the term is known.
                node.entry(index).map(|entry| entry.term) != seen.term_at(index)
            } else {
                node.entry(index) != seen.entry(index)
            }
        })?;
        let there = match node.entry(index) {
            Some(entry) if Some(entry.term) == seen.term_at(index) => {
                format!("another entry of term {} at index {index}", entry.term)
            }
            Some(entry) => format!("an entry of term {} at index {index}", entry.term),
            None => format!("a log up to index {}", node.last_index()),
        };
        Some((index, there))
    }
}

impl Via {
    fn of_term(self, id: ServerId, term: Term) -> String {
        match self {
            Via::Never | Via::Counted => format!("{id} is in term {term}"),
            Via::Request(to, rpc) => format!("{id} sent {to} {rpc} of term {term}"),
            Via::Reply(to, rpc) => format!("{id} replied to {rpc} of {to} in term {term}"),
        }
    }

    fn of_vote(self, id: ServerId, term: Term, candidate: ServerId) -> String {
        match self {
            Via::Request(to, _) => {
                format!("{id} asked {to} for its vote in term {term}, so it votes for itself")
            }
            _ => format!("{id} replied to {candidate} that it grants its vote of term {term}"),
        }
    }

    fn of_log(self, id: ServerId, up_to: Index, lost: Index, seen: &ObservedServer) -> String {
        let term = seen.term_at(lost).unwrap_or_default();
        let entry = if lost == up_to {
            String::new()
        } else {
            format!(", among them the entry of term {term} at index {lost}")
        };
        match self {
            Via::Reply(to, rpc) => {
                format!(
                    "{id} replied to {rpc} of {to} that it holds the entries up to index {up_to}{entry}"
                )
            }
            _ => format!(
                "{id} counts itself among the servers that hold the entries up to index {up_to}{entry}"
            ),
        }
    }
}

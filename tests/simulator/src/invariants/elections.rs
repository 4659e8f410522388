//! Election Safety, and the part of Leader Completeness that an election can break.

use std::rc::Rc;

use protocol::{Index, ServerId, Term};

use super::breach::{Breach, Property};
use super::history::{Invariants, Leadership};
use super::seen::ObservedServer;

impl Invariants {
    /// A server has just become the leader of `term`.
    pub(super) fn elected(&mut self, id: ServerId, term: Term, event: u64) -> Result<(), Breach> {
        let leaders = Rc::make_mut(&mut self.leaders);
        let leadership = *leaders.entry(term).or_insert(Leadership { server: id, event });
        if leadership.server != id {
            return Err(Breach {
                property: Property::ElectionSafety,
                servers: vec![id, leadership.server],
                terms: vec![term],
                index: None,
                event,
                what: format!(
                    "{id} became leader of term {term}, but {} was elected in that term already \
                     (event {})",
                    leadership.server, leadership.event
                ),
            });
        }
        // Leader Completeness is about entries committed in earlier terms. The last of these is enough: by Log
        // Matching, a log that holds it holds all entries before it.
        let last = (1..=self.committed().0)
            .rev()
            .map(Index)
            .find(|&index| self.committed_at(index).is_some_and(|c| c.commit_term < term));
        if let Some(index) = last {
            self.is_complete(self.seen(id), index, event)?;
        }
        self.holds_all_acknowledged(id, event)
    }

    /// Checks that a leader holds what was committed up to `index` in terms before its own. The first missing
    /// entry is looked for only if the last one is missing.
    pub(super) fn is_complete(
        &self,
        leader: &ObservedServer,
        index: Index,
        event: u64,
    ) -> Result<(), Breach> {
        let holds = |index: Index| {
            self.committed_at(index).map(|committed| committed.entry_term) == leader.term_at(index)
        };
        if holds(index) {
            return Ok(());
        }
        let first = (1..=index.0).map(Index).find(|&index| !holds(index)).unwrap_or(index);
        let Some(committed) = self.committed_at(first) else { return Ok(()) };
        let instead = match leader.term_at(first) {
            Some(term) => format!("an entry of term {term} there"),
            None => format!("a log that ends at index {}", leader.last_index()),
        };
        Err(Breach {
            property: Property::LeaderCompleteness,
            servers: vec![leader.id, committed.server],
            terms: vec![leader.current_term, committed.commit_term, committed.entry_term],
            index: Some(first),
            event,
            what: format!(
                "{} leads term {}, but the entry of term {} at index {first}, which {} committed in \
                 term {}, is missing: it has {instead}",
                leader.id,
                leader.current_term,
                committed.entry_term,
                committed.server,
                committed.commit_term
            ),
        })
    }
}

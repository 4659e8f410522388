//! The part of Leader Completeness that can be checked even if no server says that an entry is committed.
//!
//! An entry is committed once the leader that created it has it on a majority of the servers (§5.3), whether or not
//! that leader knows it. So it is enough that the others have acknowledged it: they have answered the leader
//! "success" in the entry's own term. This is how servers without a commit index are judged (module 3). The rule is
//! for servers that do not crash, and for a cluster whose members stay the same.

use std::hash::{Hash as _, Hasher};
use std::rc::Rc;

use protocol::{Index, ServerId, Term};

use super::breach::{Breach, Property};
use super::history::{Acknowledgements, Invariants};
use super::seen::{ObservedServer, position};

/// A server's answer "success" to the leader of a term.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acknowledged {
    /// The server that has answered.
    pub(crate) by: ServerId,
    /// The leader.
    pub(crate) leader: ServerId,
    /// The term of both.
    pub(crate) term: Term,
    /// The last entry that the request covered.
    pub(crate) up_to: Index,
}

impl Acknowledgements {
    /// The last entry of a term that this many servers besides the leader have acknowledged.
    fn by(&self, term: Term, others: usize) -> Option<Index> {
        let mut indexes: Vec<Index> = self.0.get(&term)?.values().copied().collect();
        indexes.sort_unstable_by(|one, other| other.cmp(one));
        indexes.get(others.checked_sub(1)?).copied()
    }
}

impl Invariants {
    /// Notes what a server has acknowledged, and checks the leaders of later terms if that makes an entry
    /// committed.
    pub(crate) fn acknowledge(&mut self, it: Acknowledged, event: u64) -> Result<(), Breach> {
        let Acknowledged { by, leader, term, up_to } = it;
        // A script may speak in the name of a server that has sent nothing of the kind.
        let is_real =
            self.leader_of(term) == Some(leader) && self.was_in_log_of(leader, term, up_to);
        if by == leader || !is_real || self.seen(by).term_at(up_to) != Some(term) {
            return Ok(());
        }
        let before = self.acknowledged.0.get(&term).and_then(|servers| servers.get(&by));
        if before.is_some_and(|&before| up_to <= before) {
            return Ok(());
        }
        let acknowledged = &mut Rc::make_mut(&mut self.acknowledged).0;
        acknowledged.entry(term).or_default().insert(by, up_to);
        let later = self.seen.iter().filter(|seen| seen.leads().is_some_and(|leads| leads > term));
        later.into_iter().try_for_each(|leader| self.holds_acknowledged(leader, term, event))
    }

    /// Checks that a leader holds what was acknowledged in the terms before its own.
    pub(super) fn holds_all_acknowledged(&self, id: ServerId, event: u64) -> Result<(), Breach> {
        let leader = self.seen(id);
        let earlier = self.acknowledged.0.range(..leader.current_term).map(|(&term, _)| term);
        earlier.into_iter().try_for_each(|term| self.holds_acknowledged(leader, term, event))
    }

    /// Adds the acknowledgements to a digest: what they make committed cannot be read from servers and messages.
    pub(crate) fn hash_acknowledgements(&self, digest: &mut impl Hasher) {
        self.acknowledged.hash(digest);
    }

    fn was_in_log_of(&self, leader: ServerId, term: Term, index: Index) -> bool {
        let known = self.known.get(position(index)).into_iter().flatten();
        let mut known = known.filter(|known| known.entry.term == term);
        self.seen(leader).term_at(index) == Some(term) || known.any(|known| known.server == leader)
    }

    fn holds_acknowledged(
        &self,
        leader: &ObservedServer,
        term: Term,
        event: u64,
    ) -> Result<(), Breach> {
        let Some(index) = self.acknowledged.by(term, self.seen.len() / 2) else { return Ok(()) };
        if leader.term_at(index) == Some(term) {
            return Ok(());
        }
        let before = self.leader_of(term).unwrap_or(leader.id);
        let instead = match leader.term_at(index) {
            Some(other) => format!("an entry of term {other} there"),
            None => format!("a log that ends at index {}", leader.last_index()),
        };
        Err(Breach {
            property: Property::AcknowledgedStays,
            servers: vec![leader.id, before],
            terms: vec![leader.current_term, term],
            index: Some(index),
            event,
            what: format!(
                "{} leads term {}, but the entry of term {term} at index {index} is missing, which a \
                 majority held in that term: {before}, which led it, and the servers that answered \
                 {before} with success. {} has {instead}",
                leader.id, leader.current_term, leader.id
            ),
        })
    }
}

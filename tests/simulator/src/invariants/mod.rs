//! What must hold after every event: Figure 3's five properties, and what they rest upon.
//!
//! Only the server that moved is looked at, against what was seen of it before and what is known of
//! the whole cluster. Its log is compared where the event may have touched it; besides, every event
//! audits one entry more, in turn, so that a change in a place where none was to be expected is found
//! too, a little later.

mod breach;
mod commits;
mod elections;
mod logs;
mod machines;

use std::collections::BTreeMap;

use protocol::{Entry, Index, Node, RoleName, ServerId, Term};

pub use breach::{Breach, Property};

use commits::Committed;
use elections::Leadership;
use logs::Known;
use machines::State;

/// What is known of a cluster, and what was seen last of each of its servers.
#[derive(Debug, Default)]
pub struct Invariants {
    seen: Vec<Seen>,
    /// Who has led each term.
    leaders: BTreeMap<Term, Leadership>,
    /// At each index (from 1 on), the entries that were ever seen there, one for each term.
    known: Vec<Vec<Known>>,
    /// At each index (from 1 on), what was seen committed there.
    committed: Vec<Committed>,
    /// The states of state machines that servers had when their logs were compacted, by what they had
    /// applied.
    states: BTreeMap<Index, State>,
}

/// What was seen of a server after its last event.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) id: ServerId,
    pub(crate) role: RoleName,
    pub(crate) current_term: Term,
    pub(crate) voted_for: Option<ServerId>,
    pub(crate) commit_index: Index,
    pub(crate) last_applied: Index,
    /// The index of the last entry that was compacted away.
    base: Index,
    /// The highest that this ever was, also before a crash.
    pub(crate) compacted: Index,
    /// The whole log from index 1 on, also what the server has compacted away since.
    pub(crate) log: Vec<Entry>,
    /// Where the audit goes on.
    audit: u64,
}

/// What an event changed of a server, as far as others can see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    pub(crate) role_or_term: bool,
    pub(crate) vote: bool,
    /// The first index at which the log differs.
    pub(crate) log: Option<Index>,
    pub(crate) commit: bool,
}

impl Changed {
    pub(crate) fn any(self) -> bool {
        self.role_or_term || self.vote || self.log.is_some() || self.commit
    }
}

impl Seen {
    fn new(id: ServerId) -> Self {
        Seen {
            id,
            role: RoleName::Follower,
            current_term: Term(0),
            voted_for: None,
            commit_index: Index(0),
            last_applied: Index(0),
            base: Index(0),
            compacted: Index(0),
            log: Vec::new(),
            audit: 0,
        }
    }

    pub(crate) fn last_index(&self) -> Index {
        Index(self.log.len() as u64)
    }

    /// The entry at `index`, which may be 0.
    pub(crate) fn entry(&self, index: Index) -> Option<&Entry> {
        self.log.get(position(index))
    }

    /// The term at `index`; 0 at index 0.
    pub(crate) fn term_at(&self, index: Index) -> Option<Term> {
        if index == Index(0) { Some(Term(0)) } else { self.entry(index).map(|entry| entry.term) }
    }

    pub(crate) fn leads(&self) -> Option<Term> {
        (self.role == RoleName::Leader).then_some(self.current_term)
    }
}

impl Invariants {
    /// Nothing seen yet, of servers S1 to S`servers`.
    pub fn new(servers: u64) -> Self {
        Invariants {
            seen: (1..=servers).map(|id| Seen::new(ServerId(id))).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn seen(&self, id: ServerId) -> &Seen {
        &self.seen[slot(id)]
    }

    /// Who was seen leading a term, if anybody.
    pub fn leader_of(&self, term: Term) -> Option<ServerId> {
        self.leaders.get(&term).map(|leadership| leadership.server)
    }

    /// How many leaders were elected.
    pub fn elections(&self) -> usize {
        self.leaders.len()
    }

    /// How many entries were seen committed.
    pub fn committed(&self) -> Index {
        Index(self.committed.len() as u64)
    }

    /// Looks at a server after an event. `touched` are the indexes whose entries the event brought,
    /// if it brought any.
    ///
    /// # Errors
    /// The first property that does not hold.
    pub(crate) fn observe(
        &mut self,
        id: ServerId,
        node: &dyn Node,
        event: u64,
        touched: Option<(Index, Index)>,
    ) -> Result<Changed, Breach> {
        let term = node.current_term();
        let role = node.role();
        let mut changed = self.observe_term_and_vote(id, node, term, event)?;
        self.observe_base(id, node, event)?;
        changed.log = self.observe_log(id, node, event, touched)?;
        let seen = &mut self.seen[slot(id)];
        let newly_leading =
            role == RoleName::Leader && (seen.role != role || seen.current_term != term);
        changed.role_or_term = seen.role != role || seen.current_term != term;
        seen.role = role;
        seen.current_term = term;
        seen.voted_for = node.voted_for();
        if newly_leading {
            self.elected(id, term, event)?;
        }
        let applied_before = self.seen(id).last_applied;
        changed.commit = self.observe_commit(id, node, event)?;
        self.observe_machine(id, node, applied_before, event)?;
        Ok(changed)
    }

    /// Takes a server as it is, without comparing it with what was seen of it before: when the run
    /// begins, or when a server without stable storage starts again.
    ///
    /// # Errors
    /// If it contradicts the other servers.
    pub(crate) fn introduce(
        &mut self,
        id: ServerId,
        node: &dyn Node,
        event: u64,
    ) -> Result<(), Breach> {
        self.seen[slot(id)] = Seen::new(id);
        self.observe(id, node, event, Some((Index(1), node.last_index()))).map(|_| ())
    }

    /// A server is about to come back from its disk: when it is observed next, it must be in this term at
    /// least, and have this vote in it; commit and applied may have started over.
    pub(crate) fn restarting(&mut self, id: ServerId, term: Term, vote: Option<ServerId>) {
        let seen = &mut self.seen[slot(id)];
        seen.role = RoleName::Follower;
        seen.current_term = term;
        seen.voted_for = vote;
        seen.commit_index = Index(0);
        seen.last_applied = Index(0);
        seen.base = Index(0);
    }

    /// Compares the whole log of a server with what was seen of it.
    ///
    /// # Errors
    /// The first property that does not hold.
    pub(crate) fn audit(
        &mut self,
        id: ServerId,
        node: &dyn Node,
        event: u64,
    ) -> Result<(), Breach> {
        self.observe(id, node, event, Some((Index(1), node.last_index()))).map(|_| ())
    }

    fn observe_term_and_vote(
        &mut self,
        id: ServerId,
        node: &dyn Node,
        term: Term,
        event: u64,
    ) -> Result<Changed, Breach> {
        let seen = &self.seen[slot(id)];
        if term < seen.current_term {
            return Err(breach::term_fell(seen, term, event));
        }
        let vote = node.voted_for();
        let vote_changed = vote != seen.voted_for;
        if vote_changed && term == seen.current_term && seen.voted_for.is_some() {
            return Err(breach::second_vote(seen, vote, event));
        }
        Ok(Changed { vote: vote_changed, ..Changed::default() })
    }
}

pub(crate) fn slot(id: ServerId) -> usize {
    usize::try_from(id.0).unwrap_or(usize::MAX).wrapping_sub(1)
}

/// Where the entry at `index` stands in a list of all entries.
pub(crate) fn position(index: Index) -> usize {
    usize::try_from(index.0).unwrap_or(usize::MAX).wrapping_sub(1)
}

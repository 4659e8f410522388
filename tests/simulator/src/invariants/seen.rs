//! What was last seen of each server.

use std::rc::Rc;

use protocol::{Entry, Event, Index, Node, Request, RoleName, ServerId, Term};

/// What was seen of a server after its last event.
#[derive(Clone, Debug)]
pub(crate) struct ObservedServer {
    pub(crate) id: ServerId,
    pub(crate) role: RoleName,
    pub(crate) current_term: Term,
    pub(crate) voted_for: Option<ServerId>,
    pub(crate) commit_index: Index,
    pub(crate) last_applied: Index,
    /// The index of the last entry that was compacted away.
    pub(super) base: Index,
    /// The highest that this ever was, even before a crash.
    pub(crate) compacted: Index,
    /// The whole log from index 1 on, including what the server has compacted since. Copies of a run share it until
    /// one of them changes it.
    pub(crate) log: Rc<Vec<Entry>>,
    /// The index that was audited last.
    pub(super) audit: u64,
}

/// What an event has changed in a server's visible state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) role_or_term: bool,
    pub(crate) vote: bool,
    /// The first index at which the log differs.
    pub(crate) log: Option<Index>,
    pub(crate) commit: bool,
}

impl Changes {
    pub(crate) fn any(self) -> bool {
        self.role_or_term || self.vote || self.log.is_some() || self.commit
    }
}

impl ObservedServer {
    pub(super) fn new(id: ServerId) -> Self {
        ObservedServer {
            id,
            role: RoleName::Follower,
            current_term: Term(0),
            voted_for: None,
            commit_index: Index(0),
            last_applied: Index(0),
            base: Index(0),
            compacted: Index(0),
            log: Rc::default(),
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

    /// Whether everything but the log is as it was seen.
    pub(super) fn is_as(&self, node: &dyn Node) -> bool {
        let ids = (node.role(), node.current_term(), node.voted_for());
        let indexes = (node.base().0, node.commit_index(), node.last_applied());
        ids == (self.role, self.current_term, self.voted_for)
            && indexes == (self.base, self.commit_index, self.last_applied)
    }

    /// The first entry that an event may replace by another. A leader may ask for that, and a server that goes
    /// down halfway no longer promises those entries.
    pub(crate) fn replaced_by(&self, event: &Event) -> Option<Index> {
        match event {
            Event::Request { request: Request::AppendEntries(r), .. } => {
                let first = r.prev_log_index.0 + 1;
                let mut brought = (first..).map(Index).zip(&r.entries);
                let conflicts = |index, entry| self.entry(index).is_some_and(|own| own != entry);
                brought.find(|&(index, entry)| conflicts(index, entry)).map(|(index, _)| index)
            }
            Event::Request { request: Request::InstallSnapshot(r), .. } if r.done => {
                let same = self.term_at(r.last_included_index) == Some(r.last_included_term);
                (!same).then_some(r.last_included_index)
            }
            _ => None,
        }
    }

    pub(crate) fn leads(&self) -> Option<Term> {
        (self.role == RoleName::Leader).then_some(self.current_term)
    }
}

/// Where a server is in a list of all servers.
pub(crate) fn slot(id: ServerId) -> usize {
    usize::try_from(id.0).unwrap_or(usize::MAX).wrapping_sub(1)
}

/// Where the entry at `index` is in a list of all entries.
pub(crate) fn position(index: Index) -> usize {
    usize::try_from(index.0).unwrap_or(usize::MAX).wrapping_sub(1)
}

//! What was ever seen of a cluster.

use std::collections::BTreeMap;
use std::rc::Rc;

use protocol::{Bytes, Entry, Index, ServerId, Term};

use super::seen::{ObservedServer, position, slot};

/// What is known of a cluster, and what was last seen of each of its servers. Copies of a run share what they know until
/// one of them learns something new.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    pub(super) seen: Vec<ObservedServer>,
    /// The leader of each term that had one.
    pub(super) leaders: Rc<BTreeMap<Term, Leadership>>,
    /// At each index (from 1 on), the entries that were ever seen there, one for each term.
    pub(super) known: Rc<Vec<Vec<KnownEntry>>>,
    /// At each index (from 1 on), the entry that was seen committed there.
    pub(super) committed: Rc<Vec<CommittedEntry>>,
    /// The states that state machines had when logs were compacted, by the last applied index.
    pub(super) states: Rc<BTreeMap<Index, MachineState>>,
    /// What servers have acknowledged, if the cluster judges that.
    pub(super) acknowledged: Rc<Acknowledgements>,
}

/// The acknowledgements of each term: for each server the last entry *of that term* that it has acknowledged.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Acknowledgements(pub(super) BTreeMap<Term, BTreeMap<ServerId, Index>>);

/// The election of a term's leader.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leadership {
    pub(super) server: ServerId,
    /// The event that elected it.
    pub(super) event: u64,
}

/// The one entry of some index and term.
#[derive(Clone, Debug)]
pub(super) struct KnownEntry {
    pub(super) entry: Entry,
    /// The term of the entry before it.
    pub(super) before: Term,
    /// The server in whose log it was seen first.
    pub(super) server: ServerId,
}

/// The entry that was seen committed at some index.
#[derive(Clone, Copy, Debug)]
pub(super) struct CommittedEntry {
    pub(super) entry_term: Term,
    /// The term in which it was committed: that of the server that was seen to commit it first.
    pub(super) commit_term: Term,
    /// That server.
    pub(super) server: ServerId,
}

/// The state of a state machine, and the server on which it was seen first.
#[derive(Clone, Debug)]
pub(super) struct MachineState {
    pub(super) server: ServerId,
    pub(super) snapshot: Bytes,
}

impl Invariants {
    /// For servers S1 to S`servers`, of which nothing was seen yet.
    pub fn new(servers: u64) -> Self {
        Invariants {
            seen: (1..=servers).map(|id| ObservedServer::new(ServerId(id))).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn seen(&self, id: ServerId) -> &ObservedServer {
        &self.seen[slot(id)]
    }

    /// The leader of a term, if one was elected.
    pub fn leader_of(&self, term: Term) -> Option<ServerId> {
        self.leaders.get(&term).map(|leadership| leadership.server)
    }

    /// The number of terms in which a leader was elected.
    pub fn elections(&self) -> usize {
        self.leaders.len()
    }

    /// The highest index that any server has committed.
    pub fn committed(&self) -> Index {
        Index(self.committed.len() as u64)
    }

    /// The entries that were seen committed, each with its index, as far as their contents are known: an entry
    /// that was appended, committed and compacted within one event was never seen.
    pub(crate) fn committed_entries(&self) -> impl DoubleEndedIterator<Item = (Index, &Entry)> {
        Index(1).through(self.committed()).filter_map(|index| {
            let term = self.committed_at(index)?.entry_term;
            let known = self.known.get(position(index))?;
            let entry = known.iter().map(|known| &known.entry).find(|entry| entry.term == term)?;
            Some((index, entry))
        })
    }

    pub(super) fn committed_at(&self, index: Index) -> Option<CommittedEntry> {
        self.committed.get(position(index)).copied()
    }
}

//! The log (§5.3): entries, counted from 1. Module 1 reads it; module 3 changes it.

use protocol::{Entry, Index, Term};

/// A server's log.
///
/// Its fields are private because they depend on each other. The place before the first entry is the
/// *base*: index 0 and term 0, until module 6 compacts the log and the base moves up.
///
/// ```text
///            base      entries
///   index      0    1    2    3    4
///   term       0    1    1    2    3
///                             ▲    ▲
///                        stable    last_index
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Log {
    base_index: Index,
    base_term: Term,
    /// The entry at `base_index + 1` and those that follow.
    entries: Vec<Entry>,
    /// The last index known to be on disk.
    stable: Index,
}

impl Log {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// A log whose first entry follows `base_index`, the last entry that was compacted away, of term
    /// `base_term`. Only its base is known to be on disk.
    pub fn with_base(base_index: Index, base_term: Term, entries: Vec<Entry>) -> Self {
        Log { base_index, base_term, entries, stable: base_index }
    }

    /// The index of the place before the first entry.
    pub fn base_index(&self) -> Index {
        self.base_index
    }

    /// The term of the entry that was at the base; 0 if nothing was compacted away.
    pub fn base_term(&self) -> Term {
        self.base_term
    }

    /// The index of the last entry, or of the base.
    pub fn last_index(&self) -> Index {
        // Exercise 1.2: §5.3, Figure 6.
        self.base_index.plus(self.entries.len())
    }

    /// The term of the last entry, or of the base.
    pub fn last_term(&self) -> Term {
        // Exercise 1.2: §5.4.1.
        self.entries.last().map_or(self.base_term, |entry| entry.term)
    }

    /// The entry at `index`; `None` at or below the base, and beyond the end.
    pub fn entry(&self, index: Index) -> Option<&Entry> {
        // Exercise 1.2: §5.3.
        let position = index.0.checked_sub(self.base_index.0 + 1)?;
        self.entries.get(usize::try_from(position).ok()?)
    }

    /// The term at `index`, including the base; `None` below it and beyond the end.
    pub fn term_at(&self, index: Index) -> Option<Term> {
        // Exercise 1.2: §5.3.
        // Approach: index 0 is a base too: its term is 0.
        if index == self.base_index {
            return Some(self.base_term);
        }
        self.entry(index).map(|entry| entry.term)
    }

    /// The entries after the base, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries after the base, for module 3, which appends to them and removes from their end.
    pub fn entries_mut(&mut self) -> &mut Vec<Entry> {
        &mut self.entries
    }

    /// The last index known to be on disk. Until module 5 it stays at the base.
    pub fn stable(&self) -> Index {
        self.stable
    }

    /// Notes that the log is on disk up to and including `index`, or to its end if that comes first.
    ///
    /// # Panics
    /// If `index` is below the base: what the base replaces is on disk by definition.
    pub fn set_stable(&mut self, index: Index) {
        assert!(
            index >= self.base_index,
            "the log begins after index {}, so it is on disk at least up to there; set_stable({index}) \
             says less",
            self.base_index
        );
        self.stable = index.min(self.last_index());
    }
}

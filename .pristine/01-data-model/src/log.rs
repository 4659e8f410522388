//! The log (§5.3): entries, counted from 1.

use protocol::{Entry, Index, Term};

/// A server's log.
///
/// Its fields are private since they depend on each other. What stands before the first entry is the
/// *base*: index 0 and term 0, until module 6 compacts the log and the base moves up.
///
/// ```text
///            base      entries
///   index      0    1    2    3    4
///   term       0    1    1    2    3
///                             ▲    ▲
///                        stable    last_index
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    base: Index,
    base_term: Term,
    /// The entry at `base + 1` and those that follow.
    entries: Vec<Entry>,
    /// The last index that is known to be on disk.
    stable: Index,
}

impl Log {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// A log whose entries follow upon `base`, the last entry that was compacted away, of term
    /// `base_term`. Nothing in it is known to be on disk but the base.
    pub fn with_base(base: Index, base_term: Term, entries: Vec<Entry>) -> Self {
        Log { base, base_term, entries, stable: base }
    }

    /// Index and term of what stands before the first entry.
    pub fn base(&self) -> (Index, Term) {
        (self.base, self.base_term)
    }

    /// The index of the last entry; the base's, if there is none.
    pub fn last_index(&self) -> Index {
        // Exercise 1.2: §5.3, Figure 6. Mind the base: the log may begin after it.
        todo!("exercise 1.2")
    }

    /// The term of the last entry; the base's, if there is none.
    pub fn last_term(&self) -> Term {
        // Exercise 1.2: what §5.4.1 compares, so it matters also when every entry was compacted away.
        todo!("exercise 1.2")
    }

    /// The entry at `index`; nothing at the base, below it, and beyond the end.
    pub fn entry(&self, index: Index) -> Option<&Entry> {
        // Exercise 1.2: no index may panic, not even 0.
        todo!("exercise 1.2")
    }

    /// The term of the entry at `index`, also at the base; nothing below it and beyond the end.
    pub fn term_at(&self, index: Index) -> Option<Term> {
        // Exercise 1.2: what the consistency check of §5.3 asks for, also about index 0.
        todo!("exercise 1.2")
    }

    /// At most `max` entries, from `first` on. None if `first` is not after the base (those entries
    /// are gone) or beyond the end.
    pub fn entries_from(&self, first: Index, max: usize) -> &[Entry] {
        // Exercise 1.2: what a leader sends to a follower (§5.3).
        todo!("exercise 1.2")
    }

    /// Adds an entry at the end, and gives its index.
    pub fn append(&mut self, entry: Entry) -> Index {
        // Exercise 1.3: indexes are consecutive, "each log entry has an integer index" (§5.3).
        todo!("exercise 1.3")
    }

    /// Removes the entry at `first` and all that follow it. Nothing happens beyond the end; the base
    /// and what was before it stay.
    pub fn truncate_from(&mut self, first: Index) {
        // Exercise 1.3: AppendEntries, receiver, step 3: "delete the existing entry and all that
        // follow it". What is gone is no longer known to be on disk: `stable` comes down with it.
        todo!("exercise 1.3")
    }

    /// The last index that is known to be on disk. Until module 5 it stays at the base.
    pub fn stable(&self) -> Index {
        self.stable
    }

    /// Notes that the log is on disk up to and including `index`, or no further than its end.
    pub fn set_stable(&mut self, index: Index) {
        self.stable = index.min(self.last_index());
    }
}

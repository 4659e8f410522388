//! Changing the log (§5.3). Module 1 reads it; replication takes entries out of it, appends to it, and
//! removes what conflicts.

use election::data_model::Log;
use election::protocol::{Entry, Index};

/// What replication does with a [`Log`].
pub trait LogEdit {
    /// At most `max` entries, from `first` on. An empty slice if `first` is not after the base (those
    /// entries are gone) or is beyond the end.
    fn entries_from(&self, first: Index, max: usize) -> &[Entry];

    /// Appends an entry and returns its index.
    ///
    /// # Panics
    /// If the entry's term is older than that of the entry before it.
    fn append(&mut self, entry: Entry) -> Index;

    /// Removes the entry at `first` and all that follow it. Beyond the end it changes nothing; the base
    /// and what was before it stay.
    fn truncate_from(&mut self, first: Index);
}

impl LogEdit for Log {
    fn entries_from(&self, first: Index, max: usize) -> &[Entry] {
        // Exercise 3.1: what a leader sends to a follower (§5.3).
        let Some(skipped) = first.0.checked_sub(self.base_index().0 + 1) else { return &[] };
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        let rest = self.entries().get(skipped..).unwrap_or_default();
        &rest[..max.min(rest.len())]
    }

    fn append(&mut self, entry: Entry) -> Index {
        // Exercise 3.1: indexes are consecutive, "each log entry has an integer index" (§5.3).
        assert!(
            entry.term >= self.last_term(),
            "terms never decrease along a log (§5.3): an entry of term {} cannot follow one of term {}",
            entry.term,
            self.last_term()
        );
        self.entries_mut().push(entry);
        self.last_index()
    }

    fn truncate_from(&mut self, first: Index) {
        // Exercise 3.1: AppendEntries, receiver, step 3: "delete the existing entry and all that
        // follow it". What is gone is no longer known to be on disk, so `stable` comes down with it.
        let first = first.max(self.base_index().next());
        let kept = first.0 - self.base_index().0 - 1;
        self.entries_mut().truncate(usize::try_from(kept).unwrap_or(usize::MAX));
        self.set_stable(self.stable());
    }
}

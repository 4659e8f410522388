//! Changing the log (§5.3). Module 1 reads it; replication takes entries out of it, appends to it, and
//! removes what conflicts.

use election::data_model::Log;
use election::protocol::{Entry, Index};

/// What replication does with a [`Log`].
pub trait LogEdit {
    /// At most `max` entries, from `first` on; an empty slice if `first` is not after the base, or is
    /// beyond the end.
    fn entries_from(&self, first: Index, max: usize) -> &[Entry];

    /// Appends an entry and returns its index.
    ///
    /// # Panics
    /// If its term is older than that of the last entry.
    fn append(&mut self, entry: Entry) -> Index;

    /// Removes all entries from `first` on. The base stays.
    fn truncate_from(&mut self, first: Index);
}

impl LogEdit for Log {
    fn entries_from(&self, first: Index, max: usize) -> &[Entry] {
        // Exercise 3.1: §5.3.
        let Some(skipped) = first.0.checked_sub(self.base_index().0 + 1) else { return &[] };
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        let rest = self.entries().get(skipped..).unwrap_or_default();
        &rest[..max.min(rest.len())]
    }

    fn append(&mut self, entry: Entry) -> Index {
        // Exercise 3.1: §5.3.
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
        // Exercise 3.1: AppendEntries RPC, receiver step 3. `stable` remains an index known to be
        // on disk.
        // Approach: entries that are appended later at the same indexes are other entries, so
        // `stable` must not be beyond the new end.
        let first = first.max(self.base_index().next());
        let kept = first.0 - self.base_index().0 - 1;
        self.entries_mut().truncate(usize::try_from(kept).unwrap_or(usize::MAX));
        self.set_stable(self.stable());
    }
}

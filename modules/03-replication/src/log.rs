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
        todo!("exercise 3.1")
    }

    fn append(&mut self, entry: Entry) -> Index {
        // Exercise 3.1: §5.3.
        todo!("exercise 3.1")
    }

    fn truncate_from(&mut self, first: Index) {
        // Exercise 3.1: AppendEntries RPC, receiver step 3. `stable` remains an index known to be
        // on disk.
        todo!("exercise 3.1")
    }
}

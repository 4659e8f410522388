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
        todo!("exercise 3.1")
    }

    fn append(&mut self, entry: Entry) -> Index {
        // Exercise 3.1: indexes are consecutive, "each log entry has an integer index" (§5.3).
        todo!("exercise 3.1")
    }

    fn truncate_from(&mut self, first: Index) {
        // Exercise 3.1: AppendEntries, receiver, step 3: "delete the existing entry and all that
        // follow it". What is gone is no longer known to be on disk, so `stable` comes down with it.
        todo!("exercise 3.1")
    }
}

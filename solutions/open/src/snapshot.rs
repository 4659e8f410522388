//! A snapshot, and one that is arriving (§7, Figure 13).

use std::cmp::Ordering;

use protocol::{Bytes, Index, InstallSnapshot, Members, Term};
use serde::{Deserialize, Serialize};

/// A snapshot. A server that has taken none has that of index 0, without data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Figure 13's lastIncludedIndex: the last entry that it replaces.
    pub index: Index,
    /// Figure 13's lastIncludedTerm.
    pub term: Term,
    /// The configuration as of that entry.
    pub members: Members,
    /// What a follower is sent.
    pub data: Bytes,
}

/// A snapshot of which some bytes have arrived. It belongs to a follower of one leader, and so to one term.
#[derive(Clone, Debug, Default)]
pub struct Incoming {
    index: Index,
    data: Vec<u8>,
}

impl Incoming {
    /// Takes in a chunk (Figure 13, receiver, steps 2 to 4). Returns how many bytes of its snapshot have arrived
    /// without a gap.
    pub fn receive(&mut self, chunk: &InstallSnapshot) -> u64 {
        match chunk.last_included_index.cmp(&self.index) {
            // A late chunk of a snapshot that the leader no longer sends.
            Ordering::Less => return 0,
            Ordering::Equal => {}
            Ordering::Greater => {
                *self = Incoming { index: chunk.last_included_index, data: Vec::new() };
            }
        }
        // A chunk after a gap adds nothing, and of one that has arrived before only the rest is new.
        if let Some(known) = (self.data.len() as u64).checked_sub(chunk.offset) {
            let known = usize::try_from(known).unwrap_or(usize::MAX);
            self.data.extend_from_slice(chunk.data.get(known..).unwrap_or_default());
        }
        self.data.len() as u64
    }

    /// The bytes that have arrived.
    pub fn into_data(self) -> Bytes {
        self.data.into()
    }
}

/// A snapshot on its way to one follower. It is finished even if a newer one has been taken meanwhile: under
/// steady writes, starting over each time would never end.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// What is sent.
    pub snapshot: Snapshot,
    /// The number of bytes that the follower has stored.
    pub stored: u64,
}

impl Outgoing {
    /// Where the next chunk begins and its bytes, at most `most`.
    pub fn chunk(&self, most: usize) -> (u64, Bytes) {
        let length = self.snapshot.data.len();
        let start = usize::try_from(self.stored).unwrap_or(usize::MAX).min(length);
        let end = start.saturating_add(most.max(1)).min(length);
        (start as u64, self.snapshot.data.slice(start..end))
    }

    /// Whether the follower has stored all of it.
    pub fn is_complete(&self) -> bool {
        self.stored >= self.snapshot.data.len() as u64
    }
}

//! Taking snapshots (§7): what is in one, and when one is taken.

use std::collections::BTreeMap;
use std::io;

use persistence::corrupt;
use persistence::data_model::{ClientSession, RaftNode, Snapshot};
use persistence::protocol::{Bytes, ClientId, Entry, Index, Members, Payload};
use serde::{Deserialize, Serialize};

use crate::compaction::compact;

/// What a snapshot holds in place of the entries: everything that they led to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// The latest configuration as of the last entry that the snapshot replaces.
    pub members: Members,
    /// The clients' sessions (§8), so that a repeated command is executed once even after a snapshot.
    /// When each was used last belongs to them: it decides which one ends next.
    pub sessions: BTreeMap<ClientId, ClientSession>,
    /// The state of the state machine.
    pub machine: Bytes,
}

impl Contents {
    /// The bytes that are saved and sent. Given.
    pub fn to_bytes(&self) -> Bytes {
        postcard::to_stdvec(self).expect("plain data can be written").into()
    }

    /// The contents in these bytes. Given.
    ///
    /// # Errors
    /// If they are not a snapshot's.
    pub fn from_bytes(bytes: &[u8]) -> io::Result<Self> {
        postcard::from_bytes(bytes)
            .map_err(|error| corrupt(format!("a snapshot cannot be read: {error}")))
    }
}

/// The configuration as of the entry at `index`: that of the last entry up to there that holds one, or
/// else the snapshot's.
pub fn members_at(node: &RaftNode, index: Index) -> Members {
    // Exercise 6.2: §7: a snapshot "includes the latest configuration in the log as of last
    // included index". Entries hold one as `Payload::Members`.
    // Approach: without such an entry and without a snapshot, the server uses the members that it
    // was started with.
    let entries = node.log.base_index().next().through(index).rev();
    for entry in entries.filter_map(|index| node.log.entry(index)) {
        if let Payload::Members(members) = &entry.payload {
            return members.clone();
        }
    }
    let snapshot = node.snapshots.latest.as_ref();
    snapshot.map_or(&node.members, |snapshot| &snapshot.members).clone()
}

/// Whether it is time for a snapshot.
pub fn is_due(node: &RaftNode) -> bool {
    // Exercise 6.2: §7: once `config.snapshot_entries` entries were applied since the last snapshot,
    // or entries with `config.snapshot_bytes` bytes (`node.snapshots.applied_bytes`).
    // Approach: entries that are not applied cannot be in a snapshot yet. Large commands fill a disk
    // long before their number is remarkable.
    let latest = node.snapshots.latest.as_ref();
    let replaced = latest.map_or(Index(0), |snapshot| snapshot.last_included_index);
    node.last_applied >= replaced.plus(node.config.snapshot_entries)
        || node.snapshots.applied_bytes >= node.config.snapshot_bytes
}

/// Takes a snapshot of everything that is applied, and compacts the log.
///
/// # Panics
/// If the last applied entry is neither in the log nor its base.
pub fn take_snapshot(node: &mut RaftNode) {
    // Exercise 6.2: §7, Figure 12. The snapshot goes into `node.snapshots.latest`; of the entries
    // that it replaces, the log keeps those after `tail_base`.
    // Approach: the tail spares a follower slightly behind a whole snapshot. `persist` saves both.
    let index = node.last_applied;
    let term = node.log.term_at(index).expect("the last applied entry is in the log, or its base");
    let members = members_at(node, index);
    let contents = Contents {
        members: members.clone(),
        sessions: node.sessions.clone(),
        machine: node.machine.snapshot(),
    };
    node.snapshots.latest = Some(Snapshot {
        last_included_index: index,
        last_included_term: term,
        members,
        data: contents.to_bytes(),
    });
    let base = tail_base(node, index);
    if let Some(base_term) = node.log.term_at(base) {
        compact(&mut node.log, base, base_term);
    }
}

/// The base of a log that a snapshot up to `index` has compacted: behind it remain at most
/// `config.snapshot_tail` of the entries that the snapshot replaces, whose commands have at most
/// `config.snapshot_tail_bytes`. It may be below the base of the log as it is. Given.
pub fn tail_base(node: &RaftNode, index: Index) -> Index {
    let shortest = Index(index.0.saturating_sub(node.config.snapshot_tail as u64));
    let mut bytes = 0;
    let fits = |index: &Index| {
        bytes += node.log.entry(*index).map_or(0, Entry::bytes);
        bytes <= node.config.snapshot_tail_bytes
    };
    let kept = shortest.next().through(index).rev().take_while(fits);
    kept.last().map_or(index, Index::prev)
}

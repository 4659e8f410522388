//! Snapshots, as a server holds, receives and sends them. Given; first needed in module 6.

use std::collections::BTreeMap;

use protocol::{Bytes, Index, Members, ServerId, Term};

/// What a server knows of snapshots (§7).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SnapshotState {
    /// The latest snapshot, taken here or received.
    pub latest: Option<Snapshot>,
    /// A snapshot of which only some chunks have arrived (Figure 13).
    pub incoming: Option<IncomingSnapshot>,
    /// The snapshot that each follower is being sent, on a leader.
    pub outgoing: BTreeMap<ServerId, OutgoingSnapshot>,
    /// How many bytes the commands have that were applied since the latest snapshot was saved, or
    /// since the server was started.
    pub applied_bytes: usize,
}

/// The state at one place in the log, which replaces all entries up to there (§7).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Snapshot {
    /// The last entry that it replaces.
    pub last_included_index: Index,
    /// The term of that entry.
    pub last_included_term: Term,
    /// The latest configuration as of that entry.
    pub members: Members,
    /// The bytes that are saved and sent.
    pub data: Bytes,
}

/// The chunks of a snapshot that have arrived so far (Figure 13).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IncomingSnapshot {
    /// The last entry that the snapshot replaces.
    pub last_included_index: Index,
    /// The term of that entry.
    pub last_included_term: Term,
    /// The term of the leader that sends it. Another leader's snapshot may have other bytes.
    pub leader_term: Term,
    /// The bytes from its start, without a gap.
    pub data: Vec<u8>,
}

/// A transfer of a snapshot to a follower. It keeps the snapshot with which it began: if each newer
/// one started the transfer over, steady writes would keep it from ever ending.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OutgoingSnapshot {
    /// The snapshot that is being sent.
    pub snapshot: Snapshot,
    /// How many bytes of it the follower has stored.
    pub stored: u64,
    /// Whether the chunk that begins there is on its way: it was sent, and since then neither was it
    /// answered nor was it time for a heartbeat.
    pub in_flight: bool,
}

//! What a leader keeps of other servers and of its clients.

use std::collections::BTreeSet;

use protocol::{Bytes, CallId, Index, RequestId, ServerId};

/// A query that waits until it can be answered.
#[derive(Clone, Debug)]
pub(super) struct PendingRead {
    pub(super) id: RequestId,
    pub(super) query: Bytes,
    /// Entries up to here must be applied first; `None` as long as that is not known.
    pub(super) index: Option<Index>,
    /// Replies to this call and to later ones count.
    pub(super) first_call: CallId,
    pub(super) confirmed_by: BTreeSet<ServerId>,
}

/// Another server, as its leader knows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer {
    /// The first entry that it is sent next.
    pub(super) next: Index,
    /// Up to here it is known to have the same log.
    pub(super) matched: Index,
    /// The call that has not been answered yet.
    pub(super) call: Option<CallId>,
}

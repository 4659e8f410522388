//! Bonus: reads that write nothing to the log, and still see everything that was acknowledged
//! before (§8; dissertation §6.4).

use std::collections::BTreeSet;

use replication::data_model::{Outbox, PendingRead, RaftNode};
use replication::protocol::{Bytes, CallId, ClientError, Reply, Request, RequestId, ServerId};

/// A query at the leader.
pub fn read(node: &mut RaftNode, id: RequestId, query: Bytes, out: &mut Outbox) {
    // Exercise 4.10: dissertation §6.4. `Refused` before this leader has committed an entry of its
    // term. Otherwise the read waits in `node.pending_reads`, and RPCs are sent at once.
    // Until then: out.client(id, Err(ClientError::Refused))
    out.client(id, Err(ClientError::Refused))
}

/// Row `reply_received`: a reply of the current term arrived.
pub fn reply_received(
    node: &mut RaftNode,
    call: CallId,
    from: ServerId,
    _request: &Request,
    _reply: &Reply,
    _out: &mut Outbox,
) {
    // Exercise 4.10: dissertation §6.4.
    // Until then: ()
    ()
}

/// Row `serve_reads`: answers every read that is due.
pub fn serve_reads(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 4.10: dissertation §6.4.
    // Until then: ()
    ()
}

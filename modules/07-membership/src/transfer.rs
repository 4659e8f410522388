//! Bonus: handing leadership over to a chosen server (dissertation §3.10), for instance before
//! maintenance. This is the leader's part; `taking_over.rs` is the rest.

use snapshots::data_model::{Outbox, PendingTransfer, RaftNode, Role};
use snapshots::protocol::{
    AppendEntries, AppendEntriesReply, ClientError, ClientRequest, Request, RequestId, ServerId,
    TimeoutNow,
};
use snapshots::{election, replication};

use crate::catch_up;

/// A client asks the leader to hand over to `to`.
pub fn transfer(node: &mut RaftNode, id: RequestId, to: ServerId, out: &mut Outbox) {
    // Exercise 7.10: dissertation §3.10. `Refused` unless `to` is another member, no transfer is in
    // progress, and no server is catching up. The election timer limits how long the leader tries.
    // Until then: out.client(id, Err(ClientError::Refused))
    out.client(id, Err(ClientError::Refused))
}

/// Tells the server that is to lead to start an election, as soon as its log is as long as the
/// leader's.
pub fn hand_over(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.10: dissertation §3.10, steps 2 and 3.
    // Until then: ()
    ()
}

/// Row `client_request`: a client's request.
pub fn client_request(
    node: &mut RaftNode,
    id: RequestId,
    request: ClientRequest,
    out: &mut Outbox,
) {
    // Exercise 7.10: dissertation §3.10, step 1: commands, registrations and changes get `Refused`
    // during a transfer. Everything else is as in 7.3.
    // Until then: catch_up::client_request(node, id, request, out)
    catch_up::client_request(node, id, request, out)
}

/// Row `append_entries_reply`: as in module 3; the target of a transfer may have caught up.
pub fn append_entries_reply(
    node: &mut RaftNode,
    from: ServerId,
    request: &AppendEntries,
    reply: &AppendEntriesReply,
    out: &mut Outbox,
) {
    // Exercise 7.10: dissertation §3.10.
    // Until then: replication::append_entries_reply(node, from, request, reply, out)
    replication::append_entries_reply(node, from, request, reply, out)
}

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
    // Exercise 7.10: to another member, if no transfer is under way and no new server is catching up. The
    // election timer of this leader measures how long it tries. `to` is sent what it lacks; if that is
    // nothing, it is told to start at once.
    // Until then: out.client(id, Err(ClientError::Refused))
    out.client(id, Err(ClientError::Refused))
}

/// Tells the server that is to lead to start an election, as soon as its log is as long as the
/// leader's.
pub fn hand_over(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.10: dissertation §3.10, steps 2 and 3. Before that it could not be elected.
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
    // Exercise 7.10: step 1: "the prior leader stops accepting new client requests": commands and
    // changes would move the end of the log away from the server that is to lead. Everything else is
    // as in 7.3.
    // Until then: catch_up::client_request(node, id, request, out)
    catch_up::client_request(node, id, request, out)
}

/// Row `append_entries_reply`: as in module 3; the server that is to lead may have caught up.
pub fn append_entries_reply(
    node: &mut RaftNode,
    from: ServerId,
    request: &AppendEntries,
    reply: &AppendEntriesReply,
    out: &mut Outbox,
) {
    // Exercise 7.10: each of its replies is an occasion to tell it: the last TimeoutNow may have been
    // lost.
    // Until then: replication::append_entries_reply(node, from, request, reply, out)
    replication::append_entries_reply(node, from, request, reply, out)
}

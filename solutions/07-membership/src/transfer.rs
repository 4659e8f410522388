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
    let possible = to != node.id && node.members.contains(&to);
    let busy = node.membership.transfer.is_some() || node.membership.catch_up.is_some();
    if !possible || busy {
        return out.client(id, Err(ClientError::Refused));
    }
    node.membership.transfer = Some(PendingTransfer { id, to });
    election::reset_election_timer(node, out);
    node.replicate_to(to, out);
    hand_over(node, out);
}

/// Tells the server that is to lead to start an election, as soon as its log is as long as the
/// leader's.
pub fn hand_over(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.10: dissertation §3.10, steps 2 and 3.
    // Until then: ()
    // Approach: before that the target could not be elected.
    let Role::Leader { progress } = &node.role else { return };
    let Some(PendingTransfer { to, .. }) = node.membership.transfer else { return };
    let last_index = node.log.last_index();
    if progress.get(&to).is_some_and(|target| target.match_index == last_index) {
        let request = TimeoutNow { term: node.current_term, leader_id: node.id };
        node.call(to, Request::TimeoutNow(request), out);
    }
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
    // Approach: they would move the end of the log away from the server that is to lead.
    match request {
        ClientRequest::Transfer(to) if node.leads().is_some() => transfer(node, id, to, out),
        ClientRequest::Command(_) | ClientRequest::Register | ClientRequest::Change(_)
            if node.membership.transfer.is_some() =>
        {
            out.client(id, Err(ClientError::Refused));
        }
        other => catch_up::client_request(node, id, other, out),
    }
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
    // Approach: each of its replies is an occasion to tell it: the last TimeoutNow may have been
    // lost.
    replication::append_entries_reply(node, from, request, reply, out);
    if node.membership.transfer.is_some_and(|transfer| transfer.to == from) {
        hand_over(node, out);
    }
}

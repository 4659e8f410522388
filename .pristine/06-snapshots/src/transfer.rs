//! Bonus: handing leadership over to a chosen server (dissertation §3.10), for instance before
//! maintenance.

use persistence::data_model::{Outbox, RaftNode, Role, Transfer};
use persistence::protocol::{
    AppendEntries, AppendEntriesReply, Bytes, ClientError, ClientRequest, Effect, Request,
    RequestId, ServerId, TimeoutNow, TimeoutNowReply,
};
use persistence::{election, replication};

use crate::{change, configuration, disruption, pre_vote};

/// A client asks the leader to hand over to `to`.
pub fn transfer(node: &mut RaftNode, id: RequestId, to: ServerId, out: &mut Outbox) {
    // Exercise 6.12: to another member, if nothing of the kind is under way. The election timer of
    // this leader measures how long it tries; `to` is sent what it lacks, or told at once.
    // Until then: out.client(id, Err(ClientError::Refused))
    out.client(id, Err(ClientError::Refused))
}

/// Tells the server that is to lead to start an election, as soon as its log is as long as the
/// leader's.
pub fn hand_over(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 6.12: dissertation §3.10, steps 2 and 3. Before that it could not be elected.
    // Until then: ()
    ()
}

/// Row `client_request`: a client asks.
pub fn client_request(
    node: &mut RaftNode,
    id: RequestId,
    request: ClientRequest,
    out: &mut Outbox,
) {
    // Exercise 6.12: step 1: "the prior leader stops accepting new client requests": commands and
    // changes would move the end of the log away from the server that is to lead. Everything else
    // as before (6.8).
    // Until then: change::client_request(node, id, request, out)
    change::client_request(node, id, request, out)
}

/// Row `append_entries_reply`: as in module 3; perhaps the server that is to lead has caught up.
pub fn append_entries_reply(
    node: &mut RaftNode,
    from: ServerId,
    request: &AppendEntries,
    reply: &AppendEntriesReply,
    out: &mut Outbox,
) {
    // Exercise 6.12: each of its answers is an occasion: the word to start may have been lost.
    // Until then: replication::append_entries_reply(node, from, request, reply, out)
    replication::append_entries_reply(node, from, request, reply, out)
}

/// Row `late.timeout_now`: the leader wants this server to lead. The term rule has run before.
pub fn timeout_now(node: &mut RaftNode, request: &TimeoutNow, out: &mut Outbox) -> TimeoutNowReply {
    // Exercise 6.12: step 3: as if the election timer had run out, without asking first (6.11); and
    // the votes are asked for in the leader's name, or nobody who hears the leader would listen
    // (6.9). A leader of an older term has no say.
    // Until then: TimeoutNowReply { term: node.current_term }
    TimeoutNowReply { term: node.current_term }
}

/// Passes on what an election wants done, with `leadership_transfer` in every request for a vote.
/// Given.
fn in_the_leaders_name(effect: Effect, out: &mut Outbox) {
    match effect {
        Effect::Call { call, to, request: Request::RequestVote(mut request) } => {
            request.leadership_transfer = true;
            out.call(call, to, Request::RequestVote(request));
        }
        Effect::Call { call, to, request } => out.call(call, to, request),
        Effect::Answer { call, to, reply } => out.answer(call, to, reply),
        Effect::SetTimer { timer, after } => out.set_timer(timer, after),
        Effect::Client { id, result } => out.client(id, result),
    }
}

/// Row `election_timeout`: a leader whose transfer has not come about by now serves clients again.
pub fn election_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 6.12: "if leadership transfer does not complete after about an election timeout, the
    // prior leader aborts the transfer and resumes accepting client requests". Everybody else does
    // as before (6.11).
    // Until then: pre_vote::election_timeout(node, out)
    pre_vote::election_timeout(node, out)
}

/// Row `deposed`: this server's lead is over.
pub fn deposed(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 6.12: whoever has asked for that hears how it ended: it came about if this server has
    // voted for the one that was to lead, or follows it already; otherwise nobody knows. Then as
    // before (6.8).
    // Until then: change::deposed(node, out)
    change::deposed(node, out)
}

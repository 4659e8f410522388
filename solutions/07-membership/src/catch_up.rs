//! Adding a server: it is sent the log first, and counts only when it has caught up (dissertation
//! §4.2.1). Counted at once, with an empty log, it could keep the cluster from committing anything.
//!
//! It catches up in *rounds*. Each round brings the entries of the time of the one before it, so
//! rounds become shorter. A short one shows that the server keeps up.

use snapshots::data_model::{CatchUp, Outbox, Progress, RaftNode, Role};
use snapshots::protocol::{ClientError, ClientRequest, Index, RequestId};
use snapshots::{commitment, sending};

use crate::change::{self, append_members, may_change};

/// How many rounds a leader grants a new server (the dissertation suggests "a fixed number of rounds
/// (such as 10)").
pub const ROUNDS: u32 = 10;

/// How many heartbeats a round may last. A server that needs longer is unavailable, or too slow.
pub const ROUND_HEARTBEATS: u32 = 100;

/// Row `client_request`: a client's request.
pub fn client_request(
    node: &mut RaftNode,
    id: RequestId,
    request: ClientRequest,
    out: &mut Outbox,
) {
    // Exercise 7.3: dissertation §4.2.1. A change that adds a server, and may begin, begins with
    // the first round: a progress as in 2.4 for the new server, and the log. Everything else is as
    // in 7.2.
    let ClientRequest::Change(members) = request else {
        return change::client_request(node, id, request, out);
    };
    let added = members.difference(&node.members).next().copied();
    let round_end = node.log.last_index();
    let (Some(server), true, Role::Leader { progress }) =
        (added, may_change(node, &members), &mut node.role)
    else {
        return change::client_request(node, id, ClientRequest::Change(members), out);
    };
    progress.insert(server, Progress { next_index: round_end.next(), match_index: Index(0) });
    let catch_up = CatchUp { id, members, server, round_end, rounds_left: ROUNDS, heartbeats: 0 };
    node.membership.catch_up = Some(catch_up);
    node.replicate_to(server, out);
}

/// Row `heartbeat_timeout`: as in module 6, and the new server is sent what it needs too.
pub fn heartbeat_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.3: dissertation §4.2.1. A change is abandoned when a round lasts
    // `ROUND_HEARTBEATS` heartbeats.
    // Approach: the new server is no peer yet, so no loop over the peers reaches it.
    sending::heartbeat_timeout(node, out);
    let Some(catch_up) = &mut node.membership.catch_up else { return };
    catch_up.heartbeats += 1;
    let server = catch_up.server;
    if catch_up.heartbeats < ROUND_HEARTBEATS {
        node.replicate_to(server, out);
    } else {
        abandon(node, out);
    }
}

/// Ends a round if the new server holds everything that the round was to bring it.
pub fn finish_round(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.3: dissertation §4.2.1. A round is short if its heartbeats take less time than the
    // minimum election timeout. After `ROUNDS` long rounds the change is abandoned.
    let Role::Leader { progress } = &node.role else { return };
    let Some(catch_up) = &mut node.membership.catch_up else { return };
    if progress.get(&catch_up.server).is_none_or(|it| it.match_index < catch_up.round_end) {
        return;
    }
    if node.config.heartbeat_interval * catch_up.heartbeats < node.config.election_timeout.start {
        if let Some(CatchUp { id, members, .. }) = node.membership.catch_up.take() {
            append_members(node, id, members, out);
        }
    } else if catch_up.rounds_left > 1 {
        catch_up.rounds_left -= 1;
        catch_up.round_end = node.log.last_index();
        catch_up.heartbeats = 0;
    } else {
        abandon(node, out);
    }
}

/// Abandons a change whose new server has not caught up.
pub fn abandon(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.3: the client gets `Refused`, and this leader keeps nothing of the new server.
    // Approach: nothing was done, so the client may be told so.
    let Some(catch_up) = node.membership.catch_up.take() else { return };
    if let Role::Leader { progress } = &mut node.role {
        progress.remove(&catch_up.server);
    }
    node.snapshots.outgoing.remove(&catch_up.server);
    out.client(catch_up.id, Err(ClientError::Refused));
}

/// Row `advance_commit`: a round may be over; then as in module 4. Given.
pub fn advance_commit(node: &mut RaftNode, out: &mut Outbox) {
    finish_round(node, out);
    commitment::advance_commit(node, out);
}

/// Row `deposed`: this server will not make a change that is not in its log; then as in module 4. Given.
pub fn deposed(node: &mut RaftNode, out: &mut Outbox) {
    abandon(node, out);
    commitment::deposed(node, out);
}

//! Adding a server: it is sent the log first, and counts only when it has caught up (dissertation
//! §4.2.1). Counted at once, with an empty log, it could keep the cluster from committing anything.
//!
//! It catches up in *rounds*. Each brings it what is in the leader's log when the round begins; the
//! next brings what was appended meanwhile, so rounds become shorter. When one was short enough, so is
//! the gap that the last entries leave.

use snapshots::data_model::{CatchUp, Outbox, Progress, RaftNode, Role};
use snapshots::protocol::{ClientError, ClientRequest, Index, RequestId};
use snapshots::{commitment, election};

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
    // Exercise 7.3: a change that adds a server, and may begin now, begins with the first round: the
    // new server gets the progress with which a new leader begins (2.4), and is sent the log. Everything
    // else is as in 7.2.
    todo!("exercise 7.3")
}

/// Row `heartbeat_timeout`: as in module 2, and the new server is sent what it needs too.
pub fn heartbeat_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.3: it is no peer yet. A round that lasts `ROUND_HEARTBEATS` heartbeats is the last:
    // the change is abandoned.
    todo!("exercise 7.3")
}

/// Ends a round if the new server holds everything that the round was to bring it.
pub fn finish_round(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.3: if the round was shorter than the minimum election timeout, measured in heartbeats,
    // the new configuration is appended. Otherwise another round begins; after the last one, the change
    // is abandoned.
    todo!("exercise 7.3")
}

/// Abandons a change whose new server has not caught up.
pub fn abandon(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.3: nothing was done, and the client is told so: the change is refused. The progress of
    // the new server goes, and so does a snapshot that it is being sent.
    todo!("exercise 7.3")
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

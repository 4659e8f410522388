//! Bonus: taking over from the leader, and how a transfer of leadership ends (dissertation §3.10).

use snapshots::data_model::{Outbox, PendingTransfer, RaftNode, Role};
use snapshots::election;
use snapshots::protocol::{Bytes, ClientError, TimeoutNow, TimeoutNowReply};

use crate::configuration::may_campaign;
use crate::{catch_up, pre_vote};

/// Row `timeout_now`: the leader wants this server to lead. The term rule has run before.
pub fn timeout_now(node: &mut RaftNode, request: &TimeoutNow, out: &mut Outbox) -> TimeoutNowReply {
    // Exercise 7.11: step 3: it starts an election without asking first (7.9). Its requests say that the
    // leader wants it, or no server that hears the leader would listen (7.5). A leader of an older term
    // is ignored.
    // Until then: TimeoutNowReply { term: node.current_term }
    // The reply is made before the election: with the newer term it could depose the leader before the
    // request for its vote arrives.
    TimeoutNowReply { term: node.current_term }
}

/// Row `election_timeout`: a leader whose transfer has not succeeded by now serves clients again.
pub fn election_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.11: "if leadership transfer does not complete after about an election timeout, the
    // prior leader aborts the transfer and resumes accepting client requests". A TimeoutNow may still be
    // under way, so the client is told that the outcome is unknown. Then do as in 7.9.
    // Until then: pre_vote::election_timeout(node, out)
    pre_vote::election_timeout(node, out)
}

/// Row `deposed`: this server's leadership is over.
pub fn deposed(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.11: the client that asked for a transfer is told how it ended. It succeeded if this
    // server has voted for the server that was to lead, or follows it already; otherwise the outcome is
    // unknown. Then do as in 7.3.
    // Until then: catch_up::deposed(node, out)
    catch_up::deposed(node, out)
}

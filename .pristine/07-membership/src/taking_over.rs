//! Bonus: taking over from the leader, and how a transfer of leadership ends (dissertation §3.10).

use snapshots::data_model::{Outbox, PendingTransfer, RaftNode, Role};
use snapshots::election;
use snapshots::protocol::{Bytes, ClientError, TimeoutNow, TimeoutNowReply};

use crate::configuration::may_campaign;
use crate::{catch_up, pre_vote};

/// Row `timeout_now`: the leader hands over to this server.
pub fn timeout_now(node: &mut RaftNode, request: &TimeoutNow, out: &mut Outbox) -> TimeoutNowReply {
    // Exercise 7.11: dissertation §3.10, step 3. Its RequestVotes carry `leadership_transfer`. A
    // request of an older term changes nothing.
    // Until then: TimeoutNowReply { term: node.current_term }
    TimeoutNowReply { term: node.current_term }
}

/// Row `election_timeout`: a leader whose transfer has not succeeded by now serves clients again.
pub fn election_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.11: dissertation §3.10: "if leadership transfer does not complete after about an
    // election timeout, the prior leader aborts the transfer and resumes accepting client
    // requests". The client gets `Unknown`. Everything else is as in 7.9.
    // Until then: pre_vote::election_timeout(node, out)
    pre_vote::election_timeout(node, out)
}

/// Row `deposed`: this server's leadership is over.
pub fn deposed(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.11: the client of a transfer hears of success if this server has voted for the
    // target or follows it, and otherwise gets `Unknown`. Everything else is as in 7.3.
    // Until then: catch_up::deposed(node, out)
    catch_up::deposed(node, out)
}

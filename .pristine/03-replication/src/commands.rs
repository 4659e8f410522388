//! Where entries come from.

use election::data_model::{Outbox, RaftNode};
use election::protocol::{ClientError, ClientRequest, Entry, Payload, RequestId};

/// Row `client_request`: a client asks.
pub fn client_request(
    node: &mut RaftNode,
    id: RequestId,
    request: ClientRequest,
    out: &mut Outbox,
) {
    // Exercise 3.7: Rules for Servers, Leaders (§5.3): "If command received from client: append
    // entry to local log", with the term in which the leader received it, and send it to the
    // followers. The answer comes when the entry is applied: that is module 4's. Who does not lead,
    // and what is not a command, is refused.
    todo!("exercise 3.7")
}

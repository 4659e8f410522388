//! Where entries come from.

use election::data_model::{Outbox, RaftNode};
use election::protocol::{ClientError, ClientRequest, Entry, Payload, RequestId};

use crate::LogEdit as _;

/// Row `client_request`: a client's request.
pub fn client_request(
    node: &mut RaftNode,
    id: RequestId,
    request: ClientRequest,
    out: &mut Outbox,
) {
    // Exercise 3.7: Rules for Servers, Leaders (§5.3): "If command received from client: append
    // entry to local log", with the term in which the leader received it, and send it to the
    // followers. The answer comes when the entry is applied, in module 4. A server that is not
    // leader refuses the request, and a leader refuses what is not a command.
    todo!("exercise 3.7")
}

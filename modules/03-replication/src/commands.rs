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
    // Exercise 3.7: Rules for Servers, Leaders (§5.3): "append entry to local log", and replicate
    // it. Other requests, and requests to other servers, get `Refused`.
    todo!("exercise 3.7")
}

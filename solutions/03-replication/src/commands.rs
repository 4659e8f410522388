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
    // Approach: no answer yet: the entry is not committed, so it may be overwritten. Module 4
    // answers once it is applied.
    let (Some(term), ClientRequest::Command(command)) = (node.leads(), request) else {
        return out.client(id, Err(ClientError::Refused));
    };
    node.log.append(Entry { term, payload: Payload::Command(command) });
    node.replicate_to_all(out);
}

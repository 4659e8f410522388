//! Bonus: reads that write nothing to the log, and still see everything that was acknowledged
//! before (§8; dissertation §6.4).

use std::collections::BTreeSet;

use replication::data_model::{Outbox, RaftNode, Read};
use replication::protocol::{Bytes, CallId, ClientError, Reply, Request, RequestId, ServerId};

/// A client asks the leader for something that changes nothing.
pub fn read(node: &mut RaftNode, id: RequestId, query: Bytes, out: &mut Outbox) {
    // Exercise 4.10: dissertation §6.4: a leader that has not yet committed an entry of its own
    // term does not know what is committed: it refuses. Otherwise the read waits until everything
    // committed now is applied, and until a majority has answered a call that was made *after* the
    // read came in: then nobody else can have led when it came in. Send such calls at once.
    // Until then: out.client(id, Err(ClientError::Refused))
    out.client(id, Err(ClientError::Refused))
}

/// Row `late.answered`: a reply of the current term came in.
pub fn answered(
    node: &mut RaftNode,
    call: CallId,
    from: ServerId,
    _request: &Request,
    _reply: &Reply,
    _out: &mut Outbox,
) {
    // Exercise 4.10: whoever answers a call of this term takes this server for the leader of the
    // term, also if it refuses. It counts for the reads that were there when the call was made.
    // Until then: ()
    ()
}

/// Row `late.serve_reads`: answers the reads that may be answered now.
pub fn serve_reads(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 4.10: those that a majority has confirmed, and whose index is applied.
    // Until then: ()
    ()
}

//! Bonus: reads that write nothing to the log, and still see everything that was acknowledged
//! before (§8; dissertation §6.4).

use std::collections::BTreeSet;

use replication::data_model::{Outbox, PendingRead, RaftNode};
use replication::protocol::{Bytes, CallId, ClientError, Reply, Request, RequestId, ServerId};

/// A query at the leader.
pub fn read(node: &mut RaftNode, id: RequestId, query: Bytes, out: &mut Outbox) {
    // Exercise 4.10: dissertation §6.4. `Refused` before this leader has committed an entry of its
    // term. Otherwise the read waits in `node.pending_reads`, and RPCs are sent at once.
    // Until then: out.client(id, Err(ClientError::Refused))
    // Approach: the read waits until everything committed now is applied, and until a majority has
    // replied to an RPC that was sent after the read arrived: then no other server can have led a
    // later term when it arrived.
    if node.log.term_at(node.commit_index) != Some(node.current_term) {
        return out.client(id, Err(ClientError::Refused));
    }
    let confirmed_by = BTreeSet::from([node.id]);
    let (index, first_call) = (node.commit_index, node.next_call);
    node.pending_reads.push(PendingRead { id, query, index, first_call, confirmed_by });
    node.replicate_to_all(out);
}

/// Row `reply_received`: a reply of the current term arrived.
pub fn reply_received(
    node: &mut RaftNode,
    call: CallId,
    from: ServerId,
    _request: &Request,
    _reply: &Reply,
    _out: &mut Outbox,
) {
    // Exercise 4.10: dissertation §6.4.
    // Until then: ()
    // Approach: a server that replies in this term recognizes this leader, even if it rejects the
    // request. The reply counts for the reads that had arrived when its request was sent.
    for read in &mut node.pending_reads {
        if read.first_call <= call {
            read.confirmed_by.insert(from);
        }
    }
}

/// Row `serve_reads`: answers every read that is due.
pub fn serve_reads(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 4.10: dissertation §6.4.
    // Until then: ()
    // Approach: those that a majority has confirmed, and whose index is applied.
    for read in std::mem::take(&mut node.pending_reads) {
        let confirmed = node.is_majority(|id| read.confirmed_by.contains(&id));
        if confirmed && node.last_applied >= read.index {
            out.client(read.id, Ok(node.machine.query(&read.query)));
        } else {
            node.pending_reads.push(read);
        }
    }
}

//! The requests that wait at a leader (§8).

use std::collections::BTreeSet;

use protocol::{Bytes, CallId, Index, Members, RequestId, ServerId};

/// A client that waits until an entry is applied. The entry is of the term that this server leads, so no
/// other can take its place while it leads.
#[derive(Clone, Debug)]
pub enum Waiting {
    /// For the result of the entry.
    Result(RequestId),
    /// To read the state that the entry leads to.
    Read(RequestId, Bytes),
}

impl Waiting {
    /// The request that waits.
    pub fn id(&self) -> RequestId {
        match self {
            Waiting::Result(id) | Waiting::Read(id, _) => *id,
        }
    }
}

/// A read that waits until this server is known to lead still (dissertation §6.4).
#[derive(Clone, Debug)]
pub struct PendingRead {
    /// The request.
    pub id: RequestId,
    /// What is read.
    pub query: Bytes,
    /// Everything up to here must be applied first; `None` until the leader knows what is committed.
    pub index: Option<Index>,
    /// The read arrived before this RPC was sent. Replies to earlier RPCs say nothing about it.
    pub first_call: CallId,
    /// The servers that have recognized the leader since.
    pub confirmed_by: BTreeSet<ServerId>,
}

/// A change that waits until its new server has caught up. In each round the server is sent what the log held
/// when the round began.
#[derive(Clone, Debug)]
pub struct CatchUp {
    /// The request.
    pub id: RequestId,
    /// The configuration that it asks for.
    pub members: Members,
    /// The server that it adds.
    pub server: ServerId,
    /// The round brings the new server the log up to here.
    pub round_end: Index,
    /// The number of rounds that it still has, this one included.
    pub rounds_left: u32,
    /// The number of heartbeats for which this round has lasted.
    pub heartbeats: u32,
}

/// A transfer that is under way. Meanwhile the leader takes no commands, or the log would never end.
#[derive(Clone, Copy, Debug)]
pub struct Transfer {
    /// The client's request.
    pub id: RequestId,
    /// The server that is to lead.
    pub to: ServerId,
}

/// A request that was waiting when the leader stepped down. It is answered at the end of the event, when it is
/// known whom the server follows or has voted for.
#[derive(Clone, Copy, Debug)]
pub enum Deferred {
    /// A read: its client is sent to the new leader.
    Read(RequestId),
    /// A transfer of leadership to this server.
    Transfer(RequestId, ServerId),
}

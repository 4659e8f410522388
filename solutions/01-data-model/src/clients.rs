//! Clients that wait for an answer. Given; first needed in module 4.

use std::collections::BTreeSet;
use std::hash::Hash as _;

use protocol::{Bytes, CallId, Index, RequestId, ServerId, StateDigest, Term};
use serde::{Deserialize, Serialize};

/// A client's command, its registration (4.9) or its change of the configuration (7.2), that is in the log
/// and not applied yet (exercise 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PendingCommand {
    /// The client's request.
    pub id: RequestId,
    /// The term of the entry with the command. An entry of another term at the same index holds a
    /// different command.
    pub term: Term,
}

/// What a server remembers of a client that has registered (exercise 4.9, bonus). It follows from the
/// log alone, so it is the same on all servers that have applied as much.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ClientSession {
    /// The serial number of the client's last command that was executed; 0 if none was.
    pub serial: u64,
    /// The result of that command.
    pub result: Bytes,
    /// The entry that used the session last: the client's registration, or a command of it that was
    /// executed.
    pub last_used: Index,
}

/// A read that is not answered yet (exercise 4.10, bonus).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingRead {
    /// The client's request.
    pub id: RequestId,
    /// The query for the state machine.
    pub query: Bytes,
    /// The commit index when the read arrived: everything up to here must be applied first.
    pub index: Index,
    /// The first RPC that was sent after the read arrived. Only replies to this and later RPCs show
    /// that this server was still leader then.
    pub first_call: CallId,
    /// The servers that have replied to such an RPC, this one included.
    pub confirmed_by: BTreeSet<ServerId>,
}

impl PendingRead {
    /// Adds every field to a digest of a server's state.
    pub(crate) fn digested(&self, mut digest: &mut dyn StateDigest) {
        let PendingRead { id, query, index, first_call, confirmed_by } = self;
        (id, query, index, confirmed_by).hash(&mut digest);
        digest.call(*first_call);
    }
}

//! Handing leadership over to a chosen server (dissertation §3.10).

use protocol::{ClientError, Request, RequestId, ServerId, TimeoutNow};

use crate::clients::Transfer;
use crate::leader::Leader;
use crate::raft::Raft;

impl Leader {
    /// A client asks for a transfer. The election timer measures how long the leader tries.
    pub fn transfer(&mut self, raft: &mut Raft, id: RequestId, to: ServerId) {
        let is_possible = to != raft.id && raft.members.contains(&to);
        if !is_possible || self.transfer.is_some() || self.catch_up.is_some() {
            return raft.tell(id, Err(ClientError::Refused));
        }
        self.transfer = Some(Transfer { id, to });
        raft.arm_election_timer();
        self.send(raft, to);
        self.hand_over(raft, to);
    }

    /// Tells the server that is to lead to start an election, if it holds the whole log. Each of its replies is an
    /// occasion: an earlier TimeoutNow may have been lost.
    pub fn hand_over(&mut self, raft: &mut Raft, to: ServerId) {
        let is_target = self.transfer.is_some_and(|transfer| transfer.to == to);
        let matched = self.peers.get(&to).map(|progress| progress.matched);
        if is_target && matched == Some(raft.storage.log.last().0) {
            let request = TimeoutNow { term: raft.term(), leader_id: raft.id };
            raft.call(to, Request::TimeoutNow(request));
        }
    }

    /// An election timeout has passed: the leader serves clients again. A TimeoutNow may still be under way.
    pub fn abort_transfer(&mut self, raft: &mut Raft) {
        if let Some(transfer) = self.transfer.take() {
            raft.tell(transfer.id, Err(ClientError::Unknown));
        }
    }
}

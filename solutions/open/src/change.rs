//! Changing the configuration: one server at a time (dissertation §4.1), after it has caught up (§4.2.1).

use protocol::{ClientError, Members, Payload, RequestId};

use crate::clients::{CatchUp, Waiting};
use crate::leader::Leader;
use crate::progress::Progress;
use crate::raft::Raft;

/// How many rounds a new server has to catch up (dissertation §4.2.1: "such as 10").
const ROUNDS: u32 = 10;

/// How many heartbeats a round may last. A server that needs longer is not available.
const ROUND_HEARTBEATS: u32 = 100;

impl Leader {
    /// A client asks for this configuration.
    pub fn change(&mut self, raft: &mut Raft, id: RequestId, members: Members) {
        let by_one = raft.members.symmetric_difference(&members).count() == 1;
        let is_open = raft.is_changing() || self.catch_up.is_some();
        // Until an entry of its own term is committed, a change that an earlier leader began may come back.
        if !by_one || is_open || members.is_empty() || !raft.knows_committed() {
            return raft.tell(id, Err(ClientError::Refused));
        }
        let Some(&server) = members.difference(&raft.members).next() else {
            return self.append_members(raft, id, members);
        };
        let round_end = raft.storage.log.last().0;
        self.peers.insert(server, Progress::new(round_end));
        self.catch_up =
            Some(CatchUp { id, members, server, round_end, rounds_left: ROUNDS, heartbeats: 0 });
        self.send(raft, server);
    }

    /// Appends the configuration, which is in force at once (§6).
    fn append_members(&mut self, raft: &mut Raft, id: RequestId, members: Members) {
        self.peers.retain(|peer, _| members.contains(peer));
        self.append(raft, Payload::Members(members), Waiting::Result(id));
    }

    /// A heartbeat interval of the round is over.
    pub fn count_heartbeat(&mut self, raft: &mut Raft) {
        if let Some(catch_up) = &mut self.catch_up {
            catch_up.heartbeats += 1;
            if catch_up.heartbeats >= ROUND_HEARTBEATS {
                self.abandon_change(raft);
            }
        }
    }

    /// Ends the round if the new server holds what the round was to bring it. If that took less than an
    /// election timeout, so little is left that the server may count; otherwise another round begins.
    pub fn finish_round(&mut self, raft: &mut Raft) {
        let Some(catch_up) = &mut self.catch_up else { return };
        let matched = self.peers.get(&catch_up.server).map(|progress| progress.matched);
        if matched.is_none_or(|matched| matched < catch_up.round_end) {
            return;
        }
        let lasted = raft.config.heartbeat_interval * catch_up.heartbeats;
        if lasted < raft.config.election_timeout.start {
            if let Some(CatchUp { id, members, .. }) = self.catch_up.take() {
                self.append_members(raft, id, members);
            }
        } else if catch_up.rounds_left > 1 {
            catch_up.rounds_left -= 1;
            catch_up.round_end = raft.storage.log.last().0;
            catch_up.heartbeats = 0;
        } else {
            self.abandon_change(raft);
        }
    }

    /// Gives up a change that is not in the log yet, so nothing was done.
    pub fn abandon_change(&mut self, raft: &mut Raft) {
        if let Some(catch_up) = self.catch_up.take() {
            self.peers.remove(&catch_up.server);
            raft.tell(catch_up.id, Err(ClientError::Refused));
        }
    }
}

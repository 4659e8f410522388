//! Followers: receiving entries and snapshots. The leader's term is this server's: the role has seen to that.

use protocol::{
    AppendEntries, AppendEntriesReply, InstallSnapshot, InstallSnapshotReply, ServerId,
};

use crate::habits::Hints;
use crate::raft::Raft;
use crate::snapshot::Incoming;

/// A follower.
#[derive(Clone, Debug, Default)]
pub struct Follower {
    /// The leader of this term, once the server has heard from it.
    pub leader: Option<ServerId>,
    /// Whether the server has heard from it within the minimum election timeout (§6).
    pub hears_leader: bool,
    /// The snapshot that it is sending.
    incoming: Incoming,
}

impl Follower {
    /// A follower of this leader, or of none that it knows.
    #[must_use]
    pub fn of(leader: Option<ServerId>) -> Self {
        Follower { leader, ..Follower::default() }
    }

    /// The leader of this term has sent something (§5.2).
    pub fn hear(&mut self, raft: &mut Raft, leader: ServerId) {
        self.leader = Some(leader);
        raft.be_patient();
        if raft.habits.leader_lease || raft.habits.pre_vote {
            self.hears_leader = true;
            raft.arm_lease_timer();
        }
    }

    /// InstallSnapshot, receiver, steps 2 to 8 (Figure 13, §7).
    pub fn install_snapshot(
        &mut self,
        raft: &mut Raft,
        request: &InstallSnapshot,
    ) -> InstallSnapshotReply {
        let (term, index) = (raft.term(), request.last_included_index);
        let newest =
            if raft.habits.keeps_old_snapshots { raft.storage.snapshot.index } else { raft.commit };
        if index <= newest {
            // It brings nothing new, and the leader need not send the rest.
            return InstallSnapshotReply { term, stored: request.end() };
        }
        let stored = self.incoming.receive(request);
        if !request.done || stored != request.end() {
            return InstallSnapshotReply { term, stored };
        }
        let data = std::mem::take(&mut self.incoming).into_data();
        match raft.install(index, request.last_included_term, data) {
            Ok(()) => InstallSnapshotReply { term, stored },
            // Its bytes are no snapshot: it is as if none of them had arrived.
            Err(_) => InstallSnapshotReply { term, stored: 0 },
        }
    }
}

/// AppendEntries, receiver, steps 2 to 5 (Figure 2, §5.3).
pub fn append_entries(raft: &mut Raft, request: &AppendEntries) -> AppendEntriesReply {
    let (term, prev) = (raft.term(), request.prev_log_index);
    let log = &raft.storage.log;
    if !log.agrees(prev, request.prev_log_term) {
        let conflict = match raft.habits.hints {
            Hints::Term => Some(log.conflict(prev)),
            Hints::Length => Some(log.conflict(prev)).filter(|hint| hint.term.is_none()),
            Hints::None => None,
        };
        return AppendEntriesReply { term, success: false, conflict };
    }
    let held = log.held(prev, &request.entries);
    if let new @ [_, ..] = &request.entries[held..] {
        let prev = prev.plus(held);
        assert!(prev >= raft.commit, "what is committed stays (§5.4): {prev} < {}", raft.commit);
        raft.storage.log.replace_after(prev, new);
        raft.reconfigure();
    }
    raft.commit = raft.commit.max(request.leader_commit.min(request.last_new_index()));
    AppendEntriesReply { term, success: true, conflict: None }
}

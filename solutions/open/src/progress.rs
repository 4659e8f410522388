//! One follower, as its leader knows it.

use protocol::{
    AppendEntries, AppendEntriesReply, CallId, Index, InstallSnapshot, InstallSnapshotReply,
    Request,
};

use crate::habits::Flow;
use crate::log::Log;
use crate::raft::Raft;
use crate::snapshot::Outgoing;

/// What a leader knows of a follower: Figure 2's "volatile state on leaders", and what is on its way.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Figure 2's nextIndex: the first entry that it is sent next.
    pub next: Index,
    /// Figure 2's matchIndex: up to here its log is known to be the leader's.
    pub matched: Index,
    /// The call that it has not replied to yet.
    pub in_flight: Option<CallId>,
    /// The snapshot that it is being sent.
    pub outgoing: Option<Outgoing>,
    /// Whether it has replied since the leader last checked for a quorum (dissertation §6.2).
    pub has_replied: bool,
}

impl Progress {
    /// What a new leader knows, whose log ends at `last`: nothing, and it hopes for the best.
    pub fn new(last: Index) -> Self {
        Progress {
            next: last.next(),
            matched: Index(0),
            in_flight: None,
            outgoing: None,
            has_replied: false,
        }
    }

    /// What the follower needs now: entries (§5.3), or a chunk of a snapshot if they are compacted (§7).
    pub fn request(&mut self, raft: &Raft) -> Request {
        let prev_log_index = self.next.prev();
        match raft.storage.log.term(prev_log_index) {
            Some(prev_log_term) if self.outgoing.is_none() => {
                let most = if raft.habits.single_entries { 1 } else { raft.config.max_entries };
                let bytes = raft.config.max_entry_bytes;
                let entries = raft.storage.log.batch(self.next, most, bytes).to_vec();
                if raft.habits.flow == Flow::Pipelined {
                    self.next = self.next.plus(entries.len());
                }
                Request::AppendEntries(AppendEntries {
                    term: raft.term(),
                    leader_id: raft.id,
                    prev_log_index,
                    prev_log_term,
                    entries,
                    leader_commit: raft.commit,
                })
            }
            _ => Request::InstallSnapshot(self.chunk(raft)),
        }
    }

    /// The next chunk of the snapshot that the follower is being sent, from now on if of none.
    fn chunk(&mut self, raft: &Raft) -> InstallSnapshot {
        let latest = || Outgoing { snapshot: raft.storage.snapshot.clone(), stored: 0 };
        let outgoing = self.outgoing.get_or_insert_with(latest);
        let (offset, data) = outgoing.chunk(raft.config.snapshot_chunk);
        InstallSnapshot {
            term: raft.term(),
            leader_id: raft.id,
            last_included_index: outgoing.snapshot.index,
            last_included_term: outgoing.snapshot.term,
            done: offset + data.len() as u64 == outgoing.snapshot.data.len() as u64,
            offset,
            data,
        }
    }

    /// The follower has replied to entries (Rules for Servers, Leaders, §5.3). Returns whether that was news.
    pub fn appended(
        &mut self,
        log: &Log,
        request: &AppendEntries,
        reply: &AppendEntriesReply,
    ) -> bool {
        let before = (self.next, self.matched);
        let prev = request.prev_log_index;
        if reply.success {
            self.acknowledged(request.last_new_index());
        } else if prev > self.matched {
            let back = reply.conflict.map_or(prev, |hint| log.next_after(hint, prev).min(prev));
            self.next = self.next.min(back).max(self.matched.next());
        }
        (self.next, self.matched) != before
    }

    /// The follower has replied to a chunk. Returns whether that was news.
    pub fn stored(&mut self, request: &InstallSnapshot, reply: &InstallSnapshotReply) -> bool {
        let Some(outgoing) = &mut self.outgoing else { return false };
        let asked = (request.last_included_index, request.offset);
        if asked != (outgoing.snapshot.index, outgoing.stored) || reply.stored == outgoing.stored {
            return false;
        }
        // It is less than before if the follower has crashed and lost its part.
        outgoing.stored = reply.stored;
        if outgoing.is_complete() {
            self.outgoing = None;
            self.acknowledged(request.last_included_index);
        }
        true
    }

    /// Whether the follower lacks something of a log that ends at `last`.
    pub fn lacks(&self, last: Index) -> bool {
        self.outgoing.is_some() || self.next <= last
    }

    /// The follower's log is the leader's up to `index`. An old reply takes nothing back.
    fn acknowledged(&mut self, index: Index) {
        self.matched = self.matched.max(index);
        self.next = self.next.max(self.matched.next());
    }
}

//! What a leader knows of the others, sends them, and learns from their answers.

use protocol::{
    AppendEntries, AppendEntriesReply, CallId, Entry, Index, Payload, Request, RoleName, ServerId,
};

use super::state::Peer;
use super::{Calls, Monolith};

impl Monolith {
    /// As a new leader, it knows nothing of the others yet.
    pub(super) fn meet_peers(&mut self) {
        let unknown = Peer { next: self.end().0.next(), matched: Index(0), call: None };
        let others = self.cluster.iter().filter(|&&id| id != self.me);
        self.peers = others.map(|&id| (id, unknown)).collect();
    }

    /// A new entry of its own term.
    pub(super) fn append(&mut self, payload: Payload) -> Index {
        let index = self.end().0.next();
        self.log.insert(index, Entry { term: self.term, payload });
        index
    }

    /// What has not been answered by now is as good as lost.
    pub(super) fn forget_calls(&mut self) {
        for peer in self.peers.values_mut() {
            peer.call = None;
        }
    }

    /// Sends what `to` is thought to lack, or a heartbeat.
    pub(super) fn replicate(&mut self, to: ServerId) {
        let (knows_entries, call) = (self.knows(3, 2), self.calls);
        let end = self.end().0;
        let Some(peer) = self.peers.get_mut(&to) else { return };
        if self.habits.calls == Calls::OneAtATime && peer.call.is_some() {
            return;
        }
        let most = if self.habits.one_entry { 1 } else { self.config.max_entries };
        let first = if knows_entries { peer.next } else { end.next() };
        let entries: Vec<Entry> =
            self.log.range(first..).take(most).map(|(_, entry)| entry.clone()).collect();
        peer.call = Some(call);
        if self.habits.calls == Calls::Pipelined {
            peer.next = Index(first.0 + entries.len() as u64);
        }
        let prev_log_index = first.prev();
        let request = AppendEntries {
            term: self.term,
            leader_id: self.me,
            prev_log_index,
            prev_log_term: self.term_at(prev_log_index).unwrap_or_default(),
            entries,
            leader_commit: self.committed,
        };
        self.call(to, Request::AppendEntries(request));
    }

    /// An answer to a call of this term.
    pub(super) fn follower_answered(
        &mut self,
        call: CallId,
        from: ServerId,
        request: &AppendEntries,
        reply: &AppendEntriesReply,
    ) {
        let end = self.end().0;
        if self.role != RoleName::Leader || !self.knows(3, 6) {
            return;
        }
        let Some(peer) = self.peers.get_mut(&from) else { return };
        if peer.call == Some(call) {
            peer.call = None;
        }
        let before = *peer;
        let prev = request.prev_log_index;
        if reply.success {
            let shown = Index(prev.0 + request.entries.len() as u64);
            peer.matched = peer.matched.max(shown);
            peer.next = peer.next.max(peer.matched.next());
        } else if prev > peer.matched {
            // However often a refusal comes, it says the same: not there.
            let hinted = reply.conflict.map_or(prev, |hint| hint.first_index);
            peer.next = peer.next.min(hinted.min(prev)).max(peer.matched.next());
        }
        let moved = (peer.next, peer.matched) != (before.next, before.matched);
        let lacks = peer.next <= end || !reply.success;
        if moved && lacks && !self.habits.waits {
            self.replicate(from);
        }
    }

    /// Commits what a majority holds, with an entry of this term.
    pub(super) fn commit(&mut self) {
        if self.role != RoleName::Leader || !self.knows(4, 2) {
            return;
        }
        let mut held: Vec<Index> = self.peers.values().map(|peer| peer.matched).collect();
        held.push(self.end().0);
        held.sort_unstable();
        // So many from the end on are a majority, and all of them hold this much.
        let index = held[held.len() - (self.cluster.len() / 2 + 1)];
        if index <= self.committed || self.term_at(index) != Some(self.term) {
            return;
        }
        self.committed = index;
        if self.habits.announces {
            for peer in self.others() {
                self.replicate(peer);
            }
        }
    }
}

//! What a server does about the calls of candidates and leaders. The term rule has run before.

use protocol::{
    AppendEntries, AppendEntriesReply, Conflict, Index, RequestVote, RequestVoteReply, RoleName,
};

use super::{Hints, Mistake, Monolith};

impl Monolith {
    pub(super) fn asked_for_vote(&mut self, request: &RequestVote) -> RequestVoteReply {
        if self.habits.mistake == Some(Mistake::HearsCandidates) {
            self.hear();
        }
        let refusal = RequestVoteReply { term: self.term, vote_granted: false };
        if request.term < self.term {
            return refusal;
        }
        let (last_index, last_term) = self.end();
        let behind = request.last_log_term < last_term
            || (request.last_log_term == last_term && request.last_log_index < last_index);
        match self.vote {
            Some(other) if other != request.candidate_id => return refusal,
            _ if behind => return refusal,
            Some(_) | None => {}
        }
        self.vote = Some(request.candidate_id);
        self.hear();
        RequestVoteReply { vote_granted: true, ..refusal }
    }

    pub(super) fn leader_calls(&mut self, request: &AppendEntries) -> AppendEntriesReply {
        let refusal = AppendEntriesReply { term: self.term, success: false, conflict: None };
        if request.term < self.term {
            if self.habits.mistake == Some(Mistake::HearsOldLeaders) {
                self.hear();
            }
            return refusal;
        }
        self.role = RoleName::Follower;
        self.leader = Some(request.leader_id);
        self.hear();
        let prev = request.prev_log_index;
        if self.term_at(prev) != Some(request.prev_log_term) {
            return AppendEntriesReply { conflict: self.hint(prev), ..refusal };
        }
        if !self.knows(3, 5) && !request.entries.is_empty() {
            return refusal;
        }
        for (entry, index) in request.entries.iter().zip(prev.0 + 1..) {
            let index = Index(index);
            if self.term_at(index) != Some(entry.term) {
                self.log.split_off(&index);
                self.log.insert(index, entry.clone());
            }
        }
        if self.knows(4, 3) {
            let shown = Index(prev.0 + request.entries.len() as u64);
            self.committed = self.committed.max(request.leader_commit.min(shown));
        }
        AppendEntriesReply { success: true, ..refusal }
    }

    /// What it says of its log, if it does not agree at `prev`.
    fn hint(&self, prev: Index) -> Option<Conflict> {
        let end = self.end().0;
        match self.habits.hints {
            Hints::None => None,
            Hints::Length => Some(Conflict { term: None, first_index: prev.min(end.next()) }),
            Hints::Term => {
                let term = self.term_at(prev);
                let of_term = self.log.iter().find(|(_, entry)| Some(entry.term) == term);
                let first_index = of_term.map_or(end.next(), |(&index, _)| index);
                Some(Conflict { term, first_index })
            }
        }
    }
}

//! What a server does about the calls of candidates and leaders. The term rule has run before.

use protocol::{
    AppendEntries, AppendEntriesReply, Index, RequestVote, RequestVoteReply, RoleName, Term,
};

use super::Monolith;

impl Monolith {
    pub(super) fn asked_for_vote(&mut self, request: &RequestVote) -> RequestVoteReply {
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
            return refusal;
        }
        self.role = RoleName::Follower;
        self.leader = Some(request.leader_id);
        self.hear();
        let prev = match request.prev_log_index {
            Index(0) => Some(Term(0)),
            index => self.log.get(&index).map(|entry| entry.term),
        };
        // Entries are not stored yet: only what matches already is confirmed.
        let matches = prev == Some(request.prev_log_term) && request.entries.is_empty();
        AppendEntriesReply { success: matches, ..refusal }
    }
}

//! Granting votes (Figure 2, RequestVote; dissertation §9.6). The term rule has run before.

use protocol::{PreVote, PreVoteReply, RequestVote, RequestVoteReply};

use crate::raft::Raft;

/// RequestVote, receiver, steps 1 and 2 (§5.2, §5.4).
pub fn request_vote(raft: &mut Raft, request: &RequestVote) -> RequestVoteReply {
    let is_free = raft.storage.ballot.vote.is_none_or(|vote| vote == request.candidate_id);
    let vote_granted = request.term == raft.term()
        && is_free
        && raft.is_up_to_date(request.last_log_index, request.last_log_term);
    if vote_granted {
        if raft.storage.ballot.vote.is_none() {
            raft.storage.ballot.vote = Some(request.candidate_id);
        }
        raft.be_patient();
    }
    RequestVoteReply { term: raft.term(), vote_granted }
}

/// Whether this server would vote for the candidate. It promises nothing, so nothing changes.
pub fn pre_vote(raft: &Raft, hears_leader: bool, request: &PreVote) -> PreVoteReply {
    let vote_granted = request.term == raft.term()
        && !hears_leader
        && raft.is_up_to_date(request.last_log_index, request.last_log_term);
    PreVoteReply { term: raft.term(), vote_granted }
}

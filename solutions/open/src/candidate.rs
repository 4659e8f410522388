//! Candidates (§5.2), and servers that ask before they become one (dissertation §9.6).

use std::collections::{BTreeMap, BTreeSet};

use protocol::{Members, PreVote, Request, RequestVote, ServerId};

use crate::raft::Raft;

/// A candidate, and what the others have replied in its term.
#[derive(Clone, Debug)]
pub struct Candidate {
    replies: BTreeMap<ServerId, bool>,
    /// Whether its leader has asked for this election (dissertation §3.10).
    leadership_transfer: bool,
}

impl Candidate {
    /// A candidate that has these votes.
    #[must_use]
    pub fn with(votes: Members) -> Self {
        let replies = votes.into_iter().map(|id| (id, true)).collect();
        Candidate { replies, leadership_transfer: false }
    }

    /// Starts an election: "increment currentTerm, vote for self, reset election timer, send RequestVote RPCs
    /// to all other servers" (Rules for Servers, Candidates).
    pub fn start(raft: &mut Raft, leadership_transfer: bool) -> Self {
        raft.enter_term(raft.term().next(), Some(raft.id));
        raft.arm_election_timer();
        let candidate =
            Candidate { leadership_transfer, ..Candidate::with(BTreeSet::from([raft.id])) };
        candidate.ask(raft);
        candidate
    }

    /// Asks all that have not replied.
    pub fn ask(&self, raft: &mut Raft) {
        let (last_log_index, last_log_term) = raft.storage.log.last();
        let request = RequestVote {
            term: raft.term(),
            candidate_id: raft.id,
            last_log_index,
            last_log_term,
            leadership_transfer: self.leadership_transfer,
        };
        for peer in raft.peers() {
            if !self.replies.contains_key(&peer) {
                raft.call(peer, Request::RequestVote(request));
            }
        }
        if raft.habits.asks_again {
            raft.arm_heartbeat_timer();
        }
    }

    /// A server has replied. It has one vote, however often the reply arrives.
    pub fn count(&mut self, from: ServerId, granted: bool) {
        let reply = self.replies.entry(from).or_default();
        *reply |= granted;
    }

    /// Whether a majority has voted for it.
    pub fn is_elected(&self, raft: &Raft) -> bool {
        raft.is_majority(|id| self.replies.get(&id) == Some(&true))
    }

    /// Whether a majority has rejected it.
    pub fn has_lost(&self, raft: &Raft) -> bool {
        raft.is_majority(|id| self.replies.get(&id) == Some(&false))
    }
}

/// A server whose election timer has run out and that asks whether it could win, still in its old term.
#[derive(Clone, Debug)]
pub struct PreCandidate {
    willing: BTreeSet<ServerId>,
}

impl PreCandidate {
    /// Asks all peers.
    pub fn start(raft: &mut Raft) -> Self {
        raft.arm_election_timer();
        let (last_log_index, last_log_term) = raft.storage.log.last();
        let (term, candidate_id) = (raft.term(), raft.id);
        let request = PreVote { term, candidate_id, last_log_index, last_log_term };
        for peer in raft.peers() {
            raft.call(peer, Request::PreVote(request));
        }
        PreCandidate { willing: BTreeSet::from([raft.id]) }
    }

    /// A server would vote for this one.
    pub fn count(&mut self, from: ServerId) {
        self.willing.insert(from);
    }

    /// Whether a majority would.
    pub fn may_win(&self, raft: &Raft) -> bool {
        raft.is_majority(|id| self.willing.contains(&id))
    }
}

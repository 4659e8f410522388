//! The roles, and the transitions between them (Figure 4).

use protocol::{
    AppendEntriesReply, CallId, InstallSnapshotReply, Members, PreVoteReply, Reply, Request,
    RequestVoteReply, RoleName, ServerId, Term, TimeoutNowReply,
};

use crate::candidate::{Candidate, PreCandidate};
use crate::follower::{self, Follower};
use crate::leader::Leader;
use crate::raft::Raft;
use crate::voting;

/// A server's role, with everything that only this role has. A transition consumes it, so nothing of it
/// outlives it.
#[derive(Clone, Debug)]
pub enum Role {
    /// Waits for a leader, or follows one.
    Follower(Follower),
    /// Asks whether it could win an election (dissertation §9.6). To the paper it is a follower.
    PreCandidate(PreCandidate),
    /// Asks for votes.
    Candidate(Candidate),
    /// Leads.
    Leader(Leader),
}

impl Default for Role {
    /// "When servers start up, they begin as followers" (§5.2).
    fn default() -> Self {
        Role::Follower(Follower::default())
    }
}

impl Role {
    /// A candidate that has these votes.
    #[must_use]
    pub fn candidate(votes: Members) -> Self {
        Role::Candidate(Candidate::with(votes))
    }

    /// The name that the paper has for it.
    pub fn name(&self) -> RoleName {
        match self {
            Role::Follower(_) | Role::PreCandidate(_) => RoleName::Follower,
            Role::Candidate(_) => RoleName::Candidate,
            Role::Leader(_) => RoleName::Leader,
        }
    }

    /// The leader that it follows.
    pub fn leader(&self) -> Option<ServerId> {
        match self {
            Role::Follower(follower) => follower.leader,
            _ => None,
        }
    }

    /// Whether the server has heard from a leader within the minimum election timeout. A leader hears itself.
    fn hears_leader(&self) -> bool {
        match self {
            Role::Follower(follower) => follower.hears_leader,
            Role::PreCandidate(_) | Role::Candidate(_) => false,
            Role::Leader(_) => true,
        }
    }

    /// Rules for Servers, All Servers (§5.1): "If RPC request or response contains term T > currentTerm: set
    /// currentTerm = T, convert to follower".
    fn observe(self, raft: &mut Raft, term: Term) -> Role {
        if term <= raft.term() {
            return self;
        }
        raft.enter_term(term, None);
        Role::Follower(self.step_down(raft))
    }

    /// Returns to follower state in whatever term this is. A leader had no use for the election timer; from
    /// now on it waits for a leader like the others.
    pub fn step_down(self, raft: &mut Raft) -> Follower {
        if let Role::Leader(leader) = self {
            leader.retire(raft);
            raft.arm_election_timer();
        }
        Follower::default()
    }

    /// Recognizes the leader of this term (§5.2).
    fn follow(self, raft: &mut Raft, leader: ServerId) -> Follower {
        let mut follower = match self {
            Role::Follower(follower) => follower,
            other => other.step_down(raft),
        };
        follower.hear(raft, leader);
        follower
    }

    /// Starts an election, which a server that is alone has won already.
    fn campaign(raft: &mut Raft, leadership_transfer: bool) -> Role {
        Role::Candidate(Candidate::start(raft, leadership_transfer)).lead_if_elected(raft)
    }

    /// "If votes received from majority of servers: become leader" (Rules for Servers, Candidates).
    fn lead_if_elected(self, raft: &mut Raft) -> Role {
        match self {
            Role::Candidate(candidate) if candidate.is_elected(raft) => {
                Role::Leader(Leader::elected(raft))
            }
            Role::Candidate(candidate) if raft.habits.concedes && candidate.has_lost(raft) => {
                Role::default()
            }
            other => other,
        }
    }

    /// Starts the election if it could be won.
    fn campaign_if_willing(self, raft: &mut Raft) -> Role {
        match self {
            Role::PreCandidate(asking) if asking.may_win(raft) => Role::campaign(raft, false),
            other => other,
        }
    }

    /// "If election timeout elapses: start new election" (Rules for Servers). To a leader, the timer says that
    /// a transfer has taken too long, and that it is time to check for a quorum.
    #[must_use]
    pub fn election_timeout(self, raft: &mut Raft) -> Role {
        match self {
            Role::Leader(mut leader) => {
                leader.abort_transfer(raft);
                if !raft.habits.check_quorum {
                    return Role::Leader(leader);
                }
                if !leader.check_quorum(raft) {
                    return Role::Follower(Role::Leader(leader).step_down(raft));
                }
                raft.arm_election_timer();
                Role::Leader(leader)
            }
            other if raft.rearm_if_lazy() => other,
            other if raft.is_removed() => {
                raft.arm_election_timer();
                other
            }
            _ if raft.habits.pre_vote => {
                Role::PreCandidate(PreCandidate::start(raft)).campaign_if_willing(raft)
            }
            _ => Role::campaign(raft, false),
        }
    }

    /// The heartbeat interval is over.
    pub fn heartbeat_timeout(&mut self, raft: &mut Raft) {
        match self {
            Role::Leader(leader) => {
                leader.heartbeat(raft);
                leader.count_heartbeat(raft);
            }
            Role::Candidate(candidate) if raft.habits.asks_again => candidate.ask(raft),
            _ => {}
        }
    }

    /// The server has heard from no leader for the minimum election timeout.
    pub fn lease_timeout(&mut self) {
        if let Role::Follower(follower) = self {
            follower.hears_leader = false;
        }
    }

    /// Answers another server's request.
    pub fn request(self, raft: &mut Raft, request: &Request) -> (Role, Reply) {
        if let Request::RequestVote(vote) = request
            && raft.habits.leader_lease
            && self.hears_leader()
            && !vote.leadership_transfer
        {
            // §6: "it does not update its term or grant its vote".
            return (self, rejection(raft, request));
        }
        let role = self.observe(raft, request.term());
        if request.term() < raft.term() {
            return (role, rejection(raft, request));
        }
        match request {
            Request::RequestVote(request) => {
                (role, Reply::RequestVote(voting::request_vote(raft, request)))
            }
            Request::PreVote(request) => {
                let reply = voting::pre_vote(raft, role.hears_leader(), request);
                (role, Reply::PreVote(reply))
            }
            Request::AppendEntries(request) => {
                let follower = role.follow(raft, request.leader_id);
                let reply = follower::append_entries(raft, request);
                (Role::Follower(follower), Reply::AppendEntries(reply))
            }
            Request::InstallSnapshot(request) => {
                let mut follower = role.follow(raft, request.leader_id);
                let reply = follower.install_snapshot(raft, request);
                (Role::Follower(follower), Reply::InstallSnapshot(reply))
            }
            Request::TimeoutNow(_) => {
                // The reply has the old term: with the new one it could depose the leader before the request
                // for its vote arrives.
                let reply = Reply::TimeoutNow(TimeoutNowReply { term: raft.term() });
                match role {
                    Role::Leader(_) => (role, reply),
                    _ if raft.is_removed() => (role, reply),
                    _ => (Role::campaign(raft, true), reply),
                }
            }
        }
    }

    /// Another server has replied to a request of this one. Only replies to requests of this term count.
    #[must_use]
    pub fn reply(
        self,
        raft: &mut Raft,
        call: CallId,
        from: ServerId,
        request: &Request,
        reply: &Reply,
    ) -> Role {
        let mut role = self.observe(raft, reply.term());
        if raft.is_stale(call, request) {
            return role;
        }
        match (&mut role, reply) {
            (Role::Candidate(candidate), Reply::RequestVote(reply)) => {
                candidate.count(from, reply.vote_granted);
            }
            (Role::PreCandidate(asking), Reply::PreVote(reply)) if reply.vote_granted => {
                asking.count(from);
            }
            (Role::Leader(leader), Reply::RequestVote(_)) if raft.habits.greets_late_voters => {
                leader.send(raft, from);
            }
            (Role::Leader(leader), _) => leader.replied(raft, call, from, request, reply),
            _ => {}
        }
        role.lead_if_elected(raft).campaign_if_willing(raft)
    }
}

/// What a server answers to a request that it ignores.
fn rejection(raft: &Raft, request: &Request) -> Reply {
    let term = raft.term();
    match request {
        Request::RequestVote(_) => {
            Reply::RequestVote(RequestVoteReply { term, vote_granted: false })
        }
        Request::PreVote(_) => Reply::PreVote(PreVoteReply { term, vote_granted: false }),
        Request::AppendEntries(_) => {
            Reply::AppendEntries(AppendEntriesReply { term, success: false, conflict: None })
        }
        Request::InstallSnapshot(_) => {
            Reply::InstallSnapshot(InstallSnapshotReply { term, stored: 0 })
        }
        Request::TimeoutNow(_) => Reply::TimeoutNow(TimeoutNowReply { term }),
    }
}

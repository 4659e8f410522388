//! A Raft server of quite another shape, and right: so one sees that scenarios and properties judge what
//! a server does, and not how it is made.
//!
//! There is no table of rules here, and no event loop that all rules go through. The log is a map, the
//! roles are a word and a few fields, votes are counted, stale answers are told by the number of the
//! call or by the term of the request, random numbers come from another generator. [`Habits`] are what
//! right servers may do in one way or another.
//!
//! It does what modules 1 and 2 are about: elections and heartbeats. What replication and commitment
//! need (the log, its consistency check, the commit index) is in place.

mod campaign;
mod following;
mod habits;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use protocol::{
    CallId, ClientError, Config, Effect, Entry, Event, Index, InstallSnapshotReply, Members, Node,
    PreVoteReply, Reply, Request, RoleName, ServerId, Setup, StateMachine, Term, TimeoutNowReply,
    Timer,
};
use simulator::{Boot, Given, GivenRole};

pub use habits::{Habits, Losers, Order, Patience, Stale};

/// A whole server.
#[derive(Debug)]
pub struct Monolith {
    me: ServerId,
    cluster: Members,
    config: Config,
    habits: Habits,
    random: u64,
    machine: Box<dyn StateMachine>,

    term: Term,
    vote: Option<ServerId>,
    log: BTreeMap<Index, Entry>,
    committed: Index,
    applied: Index,

    role: RoleName,
    leader: Option<ServerId>,
    /// As a candidate: how many votes it has, and who has answered, with a grant or a refusal.
    votes: usize,
    answered: BTreeSet<ServerId>,
    /// Whether something was heard, since the election timer was armed, that calls for more patience.
    heard: bool,

    calls: CallId,
    /// The first call that was made in the current term.
    first_call: CallId,
    wanted: Vec<Effect>,
}

/// Makes servers with these habits.
pub fn boot(habits: Habits) -> Boot {
    Arc::new(move |setup, given| Box::new(Monolith::new(setup, given, habits)))
}

impl Monolith {
    fn new(setup: Setup, given: Given, habits: Habits) -> Self {
        let log = (1..).map(Index).zip(given.log).collect();
        let (role, leader, answered) = match given.role {
            GivenRole::Follower(leader) => (RoleName::Follower, leader, BTreeSet::new()),
            GivenRole::Candidate(votes) => (RoleName::Candidate, None, votes),
            GivenRole::Leader => (RoleName::Leader, Some(setup.id), BTreeSet::new()),
        };
        Monolith {
            me: setup.id,
            cluster: setup.members,
            config: setup.config,
            habits,
            random: setup.seed,
            machine: setup.machine,
            term: given.current_term,
            vote: given.voted_for,
            log,
            committed: given.commit_index,
            applied: Index(0),
            role,
            leader,
            votes: answered.len(),
            answered,
            heard: false,
            calls: CallId(0),
            first_call: CallId(0),
            wanted: Vec::new(),
        }
    }

    /// Index and term of the last entry.
    fn end(&self) -> (Index, Term) {
        let last = self.log.last_key_value();
        last.map_or((Index(0), Term(0)), |(&index, entry)| (index, entry.term))
    }

    /// Begins a new term, as a follower that has not voted.
    fn begin(&mut self, term: Term) {
        // A leader has let its election timer run out.
        if self.role == RoleName::Leader {
            self.be_patient();
        }
        self.term = term;
        self.vote = None;
        self.role = RoleName::Follower;
        self.leader = None;
        self.first_call = self.calls;
    }

    fn call(&mut self, to: ServerId, request: Request) {
        self.wanted.push(Effect::Call { call: self.calls, to, request });
        self.calls = self.calls.next();
    }

    /// Calls each other server that `chosen` names.
    fn call_each(&mut self, chosen: impl Fn(&Self, ServerId) -> bool, request: &Request) {
        let peers = self.cluster.iter().copied().filter(|&id| id != self.me && chosen(self, id));
        let mut peers: Vec<ServerId> = peers.collect();
        match self.habits.order {
            Order::Forwards => {}
            Order::Backwards => peers.reverse(),
            Order::Shuffled => {
                for last in (1..peers.len()).rev() {
                    let other = usize::try_from(self.draw(last as u64 + 1)).unwrap_or(0);
                    peers.swap(last, other);
                }
            }
        }
        for peer in peers {
            self.call(peer, request.clone());
        }
    }

    /// A number below `bound`, by SplitMix64.
    fn draw(&mut self, bound: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound.max(1)
    }

    fn request(&mut self, call: CallId, from: ServerId, request: &Request) {
        if request.term() > self.term {
            self.begin(request.term());
        }
        let term = self.term;
        let reply = match request {
            Request::RequestVote(request) => Reply::RequestVote(self.asked_for_vote(request)),
            Request::AppendEntries(request) => Reply::AppendEntries(self.leader_calls(request)),
            Request::InstallSnapshot(_) => {
                Reply::InstallSnapshot(InstallSnapshotReply { term, stored: 0 })
            }
            Request::PreVote(_) => Reply::PreVote(PreVoteReply { term, vote_granted: false }),
            Request::TimeoutNow(_) => Reply::TimeoutNow(TimeoutNowReply { term }),
        };
        self.wanted.push(Effect::Answer { call, to: from, reply });
    }

    fn reply(&mut self, call: CallId, from: ServerId, request: &Request, reply: &Reply) {
        if reply.term() > self.term {
            return self.begin(reply.term());
        }
        let stale = match self.habits.stale {
            Stale::ByTerm => request.term() < self.term,
            Stale::ByCall => call < self.first_call,
        };
        if let (false, Reply::RequestVote(reply)) = (stale, reply) {
            self.vote_counted(from, reply.vote_granted);
        }
    }
}

impl Node for Monolith {
    fn handle(&mut self, event: Event) -> io::Result<Vec<Effect>> {
        match event {
            Event::Start => self.be_patient(),
            Event::Timeout(Timer::Election) => self.patience_ends(),
            Event::Timeout(Timer::Heartbeat) => self.beat(),
            Event::Timeout(Timer::Quiet) => {}
            Event::Request { call, from, request } => self.request(call, from, &request),
            Event::Reply { call, from, request, reply } => {
                self.reply(call, from, &request, &reply);
            }
            Event::Client { id, .. } => {
                self.wanted.push(Effect::Client { id, result: Err(ClientError::Refused) });
            }
        }
        Ok(std::mem::take(&mut self.wanted))
    }
    fn role(&self) -> RoleName {
        self.role
    }
    fn current_term(&self) -> Term {
        self.term
    }
    fn voted_for(&self) -> Option<ServerId> {
        self.vote
    }
    fn base(&self) -> (Index, Term) {
        (Index(0), Term(0))
    }
    fn last_index(&self) -> Index {
        self.end().0
    }
    fn entry(&self, index: Index) -> Option<&Entry> {
        self.log.get(&index)
    }
    fn commit_index(&self) -> Index {
        self.committed
    }
    fn last_applied(&self) -> Index {
        self.applied
    }
    fn members(&self) -> &Members {
        &self.cluster
    }
    fn machine(&self) -> &dyn StateMachine {
        self.machine.as_ref()
    }
}

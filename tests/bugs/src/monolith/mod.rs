//! A Raft server of quite another shape, and right: so one sees that scenarios and properties judge what
//! a server does, and not how it is made.
//!
//! There is no table of rules here, and no event loop that all rules go through. The log is a map, the
//! roles are a word and a few fields, votes are counted, stale answers are told by the number of the
//! call or by the term of the request, random numbers come from another generator. [`Habits`] are what
//! right servers may do in one way or another.
//!
//! It does what modules 1 to 4 are about. A scenario of an exercise is for servers that know what was taught
//! up to it; so a server is told how much of Raft it knows.

mod campaign;
mod clients;
mod following;
mod habits;
mod leading;
mod state;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use gates::ExerciseId;
use protocol::{
    Bytes, CallId, ClientId, Config, Effect, Entry, Event, Index, InstallSnapshotReply, Members,
    Node, PreVoteReply, Reply, Request, RequestId, RoleName, ServerId, Setup, StateMachine, Term,
    TimeoutNowReply, Timer,
};
use simulator::{InitialRole, InitialState, NodeFactory};

use state::{Peer, PendingRead};

pub use habits::{Calls, Habits, Hints, Losers, Mistake, Order, Patience, Reads, Stale};

/// A whole server.
#[derive(Debug)]
pub struct Monolith {
    me: ServerId,
    cluster: Members,
    config: Config,
    habits: Habits,
    /// It knows what was taught up to this exercise.
    learnt: ExerciseId,
    random: u64,
    machine: Box<dyn StateMachine>,
    /// The last command of each client that was executed, and its result.
    sessions: BTreeMap<ClientId, (u64, Bytes)>,

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
    /// As a leader: what it knows of the others, and who waits for an entry or a read.
    peers: BTreeMap<ServerId, Peer>,
    waiting: Vec<(Index, RequestId)>,
    reads: Vec<PendingRead>,
    /// Whether it led when the present event began, and does no more.
    deposed: bool,
    /// Whether something was heard, since the election timer was armed, that calls for more patience.
    heard: bool,

    calls: CallId,
    /// The first call that was made in the current term.
    first_call: CallId,
    wanted: Vec<Effect>,
}

/// Makes servers with these habits, which have learnt all up to an exercise.
pub fn boot(habits: Habits, learnt: ExerciseId) -> NodeFactory {
    Arc::new(move |setup, given| Box::new(Monolith::new(setup, given, habits, learnt)))
}

impl Monolith {
    fn new(setup: Setup, given: InitialState, habits: Habits, learnt: ExerciseId) -> Self {
        let log = (1..).map(Index).zip(given.log).collect();
        let (role, leader, answered) = match given.role {
            InitialRole::Follower(leader) => (RoleName::Follower, leader, BTreeSet::new()),
            InitialRole::Candidate(votes) => (RoleName::Candidate, None, votes),
            InitialRole::Leader => (RoleName::Leader, Some(setup.id), BTreeSet::new()),
        };
        let mut monolith = Monolith {
            me: setup.id,
            cluster: setup.members,
            config: setup.config,
            habits,
            learnt,
            random: setup.seed,
            machine: setup.machine,
            sessions: BTreeMap::new(),
            term: given.current_term,
            vote: given.voted_for,
            log,
            committed: given.commit_index,
            applied: Index(0),
            role,
            leader,
            votes: answered.len(),
            answered,
            peers: BTreeMap::new(),
            waiting: Vec::new(),
            reads: Vec::new(),
            deposed: false,
            heard: false,
            calls: CallId(0),
            first_call: CallId(0),
            wanted: Vec::new(),
        };
        monolith.meet_peers();
        monolith
    }

    /// Whether it knows what this exercise teaches.
    fn knows(&self, module: u32, number: u32) -> bool {
        self.learnt >= ExerciseId { module, number }
    }

    /// Index and term of the last entry.
    fn end(&self) -> (Index, Term) {
        let last = self.log.last_key_value();
        last.map_or((Index(0), Term(0)), |(&index, entry)| (index, entry.term))
    }

    /// The term at a place in the log, if it reaches so far.
    fn term_at(&self, index: Index) -> Option<Term> {
        match index {
            Index(0) => Some(Term(0)),
            index => self.log.get(&index).map(|entry| entry.term),
        }
    }

    /// Begins a new term, as a follower that has not voted.
    fn begin(&mut self, term: Term) {
        // A leader has let its election timer run out.
        if self.role == RoleName::Leader {
            self.be_patient();
            self.deposed = true;
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

    /// All others, in the order in which it calls them.
    fn others(&mut self) -> Vec<ServerId> {
        let mut others: Vec<ServerId> =
            self.cluster.iter().copied().filter(|&id| id != self.me).collect();
        match self.habits.order {
            Order::Forwards => {}
            Order::Backwards => others.reverse(),
            Order::Shuffled => {
                for last in (1..others.len()).rev() {
                    let other = usize::try_from(self.draw(last as u64 + 1)).unwrap_or(0);
                    others.swap(last, other);
                }
            }
        }
        others
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
        if stale {
            return;
        }
        match (request, reply) {
            (_, Reply::RequestVote(reply)) => self.vote_counted(from, reply.vote_granted),
            (Request::AppendEntries(request), Reply::AppendEntries(reply)) => {
                self.follower_answered(call, from, request, reply);
            }
            _ => {}
        }
        self.heard_for_reads(call, from);
    }
}

impl Node for Monolith {
    fn handle(&mut self, event: Event) -> io::Result<Vec<Effect>> {
        match event {
            Event::Start => self.be_patient(),
            Event::Timeout(Timer::Election) => self.patience_ends(),
            Event::Timeout(Timer::Heartbeat) => self.beat(),
            Event::Timeout(Timer::LeaderLease) => {}
            Event::Request { call, from, request } => self.request(call, from, &request),
            Event::Reply { call, from, request, reply } => {
                self.reply(call, from, &request, &reply);
            }
            Event::Client { id, request } => self.client_asks(id, request),
        }
        // First of all: another entry may stand now, committed, where a client's own one stood.
        if std::mem::take(&mut self.deposed) {
            self.tell_who_waits();
        }
        self.commit();
        self.execute();
        self.serve_reads();
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

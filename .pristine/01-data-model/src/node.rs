//! A server's state: the box "State" of Figure 2, and what surrounds it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use protocol::{
    Bytes, CallId, ClientId, Config, Disk, Effect, Entry, Event, Index, Members, Node, Request,
    RequestId, RoleName, ServerId, Setup, StateMachine, Term,
};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use crate::{Log, Outbox, Rules, event_loop};

/// A Raft server: Figure 2's state. What it does with it is in its table of [`Rules`].
#[derive(Debug)]
pub struct RaftNode {
    /// This server.
    pub id: ServerId,
    /// All servers of the cluster, this one among them (§6).
    pub members: Members,
    /// Times and limits.
    pub config: Config,
    /// What the server does.
    pub rules: &'static Rules,

    // Persistent state on all servers
    /// Latest term the server has seen (initialised to 0 on first boot, increases monotonically).
    pub current_term: Term,
    /// Candidate that received the vote in the current term, if any.
    pub voted_for: Option<ServerId>,
    /// Log entries; each contains a command, and the term when it was received by a leader.
    pub log: Log,

    // Volatile state on all servers
    /// Index of the highest log entry known to be committed (starts at 0, increases monotonically).
    pub commit_index: Index,
    /// Index of the highest log entry applied to the state machine (starts at 0, increases
    /// monotonically).
    pub last_applied: Index,
    /// Follower, candidate or leader, with what only that role has.
    pub role: Role,

    // What the server stands on
    /// The application.
    pub machine: Box<dyn StateMachine>,
    /// Stable storage.
    pub disk: Box<dyn Disk>,
    /// The server's own source of random numbers: never use another one.
    pub rng: ChaCha8Rng,
    /// The number of the next call.
    pub next_call: CallId,

    // What later modules need
    /// Module 4: the clients that wait for an entry, by its index.
    pub waiting: BTreeMap<Index, Waiting>,
    /// Module 4, bonus: the last command of each client, and its result (§8).
    pub sessions: BTreeMap<ClientId, (u64, Bytes)>,
    /// Module 4, bonus: reads that wait to be served (§8).
    pub reads: Vec<Read>,
    /// Module 5: what is on disk.
    pub saved: Saved,
    /// Module 6.
    pub later: Later,
}

/// What a server is (Figure 4), with the state that it has only while it is that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Answers requests from candidates and leaders.
    Follower {
        /// The leader of the current term, once it was heard.
        leader: Option<ServerId>,
    },
    /// Asks for votes in the current term.
    Candidate {
        /// Who has granted its vote, this server among them.
        votes: BTreeSet<ServerId>,
    },
    /// Leads the current term.
    Leader {
        /// Figure 2's `nextIndex[]` and `matchIndex[]`, for each other server. Module 3 fills it.
        progress: BTreeMap<ServerId, Progress>,
    },
}

/// A leader's knowledge of one follower (Figure 2, "volatile state on leaders").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Index of the next log entry to send to that server.
    pub next_index: Index,
    /// Index of the highest log entry known to be replicated on that server.
    pub match_index: Index,
}

/// A client that waits for its command to be applied. Module 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The client's request.
    pub id: RequestId,
    /// The term of the entry with its command: another entry at the same index is not its own.
    pub term: Term,
}

/// A read that waits to be served. Module 4, bonus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The client's request.
    pub id: RequestId,
    /// What it asks of the state machine.
    pub query: Bytes,
    /// The commit index when the read came in: it must be applied before the answer.
    pub index: Index,
    /// The first call that was made after the read came in: only answers to this and later calls
    /// show that this server still led then.
    pub since: CallId,
    /// Who has answered such a call.
    pub heard: BTreeSet<ServerId>,
}

/// What the disk holds. Module 5.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// The saved term.
    pub term: Term,
    /// The saved vote.
    pub voted_for: Option<ServerId>,
    /// Why the disk is not to be trusted any more, if so.
    pub failed: Option<String>,
    /// The last entry that the saved snapshot replaces. Module 6.
    pub snapshot: Index,
}

/// What module 6 needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Later {
    /// The latest snapshot (§7).
    pub snapshot: Option<Snapshot>,
    /// A snapshot of which only a part has arrived (Figure 13).
    pub arriving: Option<Arriving>,
    /// How much of the snapshot each follower has, in bytes.
    pub sending: BTreeMap<ServerId, u64>,
    /// A leader was heard within the minimum election timeout (§6).
    pub leader_heard: bool,
    /// A change of members that waits until the new server has caught up (dissertation §4.2.1).
    pub change: Option<Change>,
    /// Who would vote for this server (dissertation §9.6).
    pub pre_votes: BTreeSet<ServerId>,
    /// To whom leadership is being handed (dissertation §3.10).
    pub transfer: Option<Transfer>,
}

/// The state at one place in the log, in place of all entries up to there (§7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The last entry that it replaces.
    pub last_included_index: Index,
    /// The term of that entry.
    pub last_included_term: Term,
    /// The latest configuration as of that entry.
    pub members: Members,
    /// The bytes that are saved and sent.
    pub data: Bytes,
}

/// The chunks of a snapshot that have arrived so far (Figure 13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arriving {
    /// The last entry that the snapshot replaces.
    pub last_included_index: Index,
    /// The term of that entry.
    pub last_included_term: Term,
    /// The term of the leader that sends it: another leader's bytes may be others.
    pub leader_term: Term,
    /// The bytes from its start, without a gap.
    pub data: Vec<u8>,
}

/// A change of members that is not in the log yet: the server that it adds is sent the log first, and
/// counts only when it has caught up (dissertation §4.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The client's request.
    pub id: RequestId,
    /// The configuration that is to be.
    pub members: Members,
    /// The server that it adds.
    pub joining: ServerId,
    /// So many heartbeats more the leader waits for it.
    pub patience: u32,
}

/// Leadership that is being handed over (dissertation §3.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The client's request.
    pub id: RequestId,
    /// Who is to lead.
    pub to: ServerId,
}

impl RaftNode {
    /// A server that was never started before: a follower that knows of no leader, in term 0, with
    /// no vote, an empty log, and nothing committed or applied.
    pub fn new(setup: Setup, rules: &'static Rules) -> Self {
        // Exercise 1.4: Figure 2, "State". The random generator is seeded with `setup.seed`; what
        // later modules need starts empty.
        todo!("exercise 1.4")
    }

    /// All other servers of the cluster, in order. An owned list, so that a loop over it may change
    /// the server.
    pub fn peers(&self) -> Vec<ServerId> {
        // Exercise 1.4: the members without this server.
        todo!("exercise 1.4")
    }

    /// Whether `counts` is true for more than half of *all* members, however many have answered.
    /// Never true of an empty cluster; who is not a member does not count.
    pub fn is_majority(&self, counts: impl Fn(ServerId) -> bool) -> bool {
        // Exercise 1.4: §5.2. Every safety argument of Raft rests on two majorities having a server
        // in common.
        todo!("exercise 1.4")
    }

    /// Becomes a follower of `leader`, if one is known, in `term`: in a new term without a vote, in
    /// the current term with the vote that it gave.
    pub fn become_follower(&mut self, term: Term, leader: Option<ServerId>) {
        // Exercise 1.5: Figure 2, "votedFor: candidate that received vote in current term". A vote
        // belongs to its term: who steps back within a term has still given it. A term never falls.
        todo!("exercise 1.5")
    }

    /// The term rule: what a server does about a term that it finds in a request or a reply.
    pub fn observe_term(&mut self, term: Term) {
        // Exercise 1.5: Rules for Servers, All Servers (§5.1): "If RPC request or response contains
        // term T > currentTerm: set currentTerm = T, convert to follower". Any other term changes
        // nothing.
        todo!("exercise 1.5")
    }

    /// The term that this server leads, if it does. Given.
    pub fn leads(&self) -> Option<Term> {
        matches!(self.role, Role::Leader { .. }).then_some(self.current_term)
    }

    /// Calls another server: numbers the call and puts it into the outbox. Given.
    pub fn call(&mut self, to: ServerId, request: Request, out: &mut Outbox) {
        out.call(self.next_call, to, request);
        self.next_call = self.next_call.next();
    }

    /// Sends `peer` what it needs, by the row for it. Given.
    pub fn replicate_to(&mut self, peer: ServerId, out: &mut Outbox) {
        (self.rules.replicate_to)(self, peer, out);
    }
}

/// A server as others see it. Given.
impl Node for RaftNode {
    fn handle(&mut self, event: Event) -> io::Result<Vec<Effect>> {
        event_loop::handle(self, event)
    }
    fn role(&self) -> RoleName {
        match self.role {
            Role::Follower { .. } => RoleName::Follower,
            Role::Candidate { .. } => RoleName::Candidate,
            Role::Leader { .. } => RoleName::Leader,
        }
    }
    fn current_term(&self) -> Term {
        self.current_term
    }
    fn voted_for(&self) -> Option<ServerId> {
        self.voted_for
    }
    fn base(&self) -> (Index, Term) {
        self.log.base()
    }
    fn last_index(&self) -> Index {
        self.log.last_index()
    }
    fn entry(&self, index: Index) -> Option<&Entry> {
        self.log.entry(index)
    }
    fn commit_index(&self) -> Index {
        self.commit_index
    }
    fn last_applied(&self) -> Index {
        self.last_applied
    }
    fn members(&self) -> &Members {
        &self.members
    }
    fn machine(&self) -> &dyn StateMachine {
        self.machine.as_ref()
    }
}

//! A server's state: the box "State" of Figure 2, and what the server works with.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash as _;
use std::io;

use protocol::{
    CallId, ClientId, Config, Disk, Effect, Entry, Event, FollowerProgress, Index, Internals,
    Members, Node, Request, RoleName, ServerId, Setup, StateDigest, StateMachine, Term,
};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use crate::{
    ClientSession, Log, MembershipState, Outbox, PendingCommand, PendingRead, Rules, SnapshotState,
    event_loop,
};

/// A Raft server: Figure 2's state. What it does with it is in its table of [`Rules`].
#[derive(Debug)]
pub struct RaftNode {
    /// This server.
    pub id: ServerId,
    /// The servers of the cluster (§6). Until module 7 this server is always one of them.
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

    // What the server works with
    /// The application.
    pub machine: Box<dyn StateMachine>,
    /// Stable storage.
    pub disk: Box<dyn Disk>,
    /// The server's own source of random numbers: never use another one.
    pub rng: ChaCha8Rng,
    /// The number of the next RPC.
    pub next_call: CallId,

    // What later modules add. Each introduces its part; until then it stays empty.
    /// Module 4: commands whose clients wait, by the index of the entry.
    pub pending_commands: BTreeMap<Index, PendingCommand>,
    /// Module 4, bonus: the clients that have registered, and the last command of each (§8).
    pub sessions: BTreeMap<ClientId, ClientSession>,
    /// Module 4, bonus: reads whose clients wait (§8).
    pub pending_reads: Vec<PendingRead>,
    /// Module 5: what is on disk.
    pub saved: Saved,
    /// Module 5: why the disk can no longer be trusted, if it has failed.
    pub disk_failure: Option<String>,
    /// Module 6: snapshots.
    pub snapshots: SnapshotState,
    /// Module 7: changes of the configuration.
    pub membership: MembershipState,
}

/// What a server is (Figure 4), with the state that it has only while it is that.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Answers requests from candidates and leaders.
    Follower {
        /// The leader of the current term, once the server has heard from it.
        leader: Option<ServerId>,
    },
    /// Asks for votes in the current term.
    Candidate {
        /// The servers that have granted their votes, this one included.
        votes: BTreeSet<ServerId>,
    },
    /// Leads the current term.
    Leader {
        /// Figure 2's `nextIndex[]` and `matchIndex[]`, for each other server.
        progress: BTreeMap<ServerId, Progress>,
    },
}

/// A leader's knowledge of one follower (Figure 2, "volatile state on leaders").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Progress {
    /// Index of the next log entry to send to that server.
    pub next_index: Index,
    /// Index of the highest log entry known to be replicated on that server.
    pub match_index: Index,
}

impl Progress {
    /// The same for those who look at the server from outside.
    fn shown(self) -> FollowerProgress {
        FollowerProgress { next_index: self.next_index, match_index: self.match_index }
    }
}

/// What the disk holds, besides the log (first needed in module 5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Saved {
    /// The saved term.
    pub term: Term,
    /// The saved vote.
    pub voted_for: Option<ServerId>,
    /// The last entry that the saved snapshot replaces (module 6).
    pub snapshot_index: Index,
}

impl RaftNode {
    /// A server that was never started.
    pub fn new(setup: Setup, rules: &'static Rules) -> Self {
        // Exercise 1.4: Figure 2, "State". `setup.seed` seeds `rng`; fields of later modules start
        // empty.
        todo!("exercise 1.4")
    }

    /// All other servers, in order.
    pub fn peers(&self) -> Vec<ServerId> {
        // Exercise 1.4: §5.1.
        todo!("exercise 1.4")
    }

    /// Whether `counts` is true of a majority (a quorum) of the members; never of an empty cluster.
    pub fn is_majority(&self, counts: impl Fn(ServerId) -> bool) -> bool {
        // Exercise 1.4: §5.2.
        todo!("exercise 1.4")
    }

    /// Becomes a follower in `term`, of `leader` if one is known.
    ///
    /// # Panics
    /// If `term` is older than the current one.
    pub fn become_follower(&mut self, term: Term, leader: Option<ServerId>) {
        // Exercise 1.5: Figure 2, State: "currentTerm", "votedFor".
        todo!("exercise 1.5")
    }

    /// The term rule, for a term in a request or reply.
    pub fn observe_term(&mut self, term: Term) {
        // Exercise 1.5: Rules for Servers, All Servers (§5.1): "If RPC request or response contains
        // term T > currentTerm: set currentTerm = T, convert to follower".
        todo!("exercise 1.5")
    }

    /// The term that this server leads, if it does. Given.
    pub fn leads(&self) -> Option<Term> {
        matches!(self.role, Role::Leader { .. }).then_some(self.current_term)
    }

    /// Sends a request to another server: numbers the call and puts it into the outbox. Given.
    pub fn call(&mut self, to: ServerId, request: Request, out: &mut Outbox) {
        out.call(self.next_call, to, request);
        self.next_call = self.next_call.next();
    }
}

/// The rows that other rows call, by name. Through these a row finds the latest module's version of
/// another. Given.
impl RaftNode {
    /// Does what a server does that has just become leader.
    pub fn elected(&mut self, out: &mut Outbox) {
        (self.rules.elected)(self, out);
    }

    /// Follows `leader`, the leader of the current term.
    pub fn follow(&mut self, leader: ServerId, out: &mut Outbox) {
        (self.rules.follow)(self, leader, out);
    }

    /// Sends `peer` what it needs: now, or at the end of the batch if `out` is for one.
    pub fn replicate_to(&mut self, peer: ServerId, out: &mut Outbox) {
        if !out.defers(peer) {
            (self.rules.replicate_to)(self, peer, out);
        }
    }

    /// Sends every peer what it needs.
    pub fn replicate_to_all(&mut self, out: &mut Outbox) {
        for peer in self.peers() {
            self.replicate_to(peer, out);
        }
    }
}

impl RaftNode {
    /// A copy of this server with this disk, and with a machine that takes over the state of its own. Given. It
    /// names every field: so none can be forgotten when one is added.
    fn copied(&self, disk: Box<dyn Disk>, mut machine: Box<dyn StateMachine>) -> Self {
        machine.restore(&self.machine.snapshot());
        RaftNode {
            id: self.id,
            members: self.members.clone(),
            config: self.config.clone(),
            rules: self.rules,
            current_term: self.current_term,
            voted_for: self.voted_for,
            log: self.log.clone(),
            commit_index: self.commit_index,
            last_applied: self.last_applied,
            role: self.role.clone(),
            machine,
            disk,
            rng: self.rng.clone(),
            next_call: self.next_call,
            pending_commands: self.pending_commands.clone(),
            sessions: self.sessions.clone(),
            pending_reads: self.pending_reads.clone(),
            saved: self.saved,
            disk_failure: self.disk_failure.clone(),
            snapshots: self.snapshots.clone(),
            membership: self.membership.clone(),
        }
    }

    /// Adds every field to a digest that can differ between two states of this server. Given. It names every field too.
    /// What cannot be hashed is added by `digest.printed(&field)`.
    fn digested(&self, mut digest: &mut dyn StateDigest) {
        let RaftNode {
            id: _,
            members,
            config: _,
            rules: _,
            current_term,
            voted_for,
            log,
            commit_index,
            last_applied,
            role,
            machine,
            disk: _,
            rng: _,
            next_call,
            pending_commands,
            sessions,
            pending_reads,
            saved,
            disk_failure,
            snapshots,
            membership,
        } = self;
        (members, current_term, voted_for, log, commit_index, last_applied).hash(&mut digest);
        (role, pending_commands, sessions, saved, disk_failure).hash(&mut digest);
        (snapshots, membership, machine.snapshot(), pending_reads.len()).hash(&mut digest);
        for read in pending_reads {
            read.digested(digest);
        }
        digest.call(*next_call);
    }
}

/// A server as others see it. Given.
impl Node for RaftNode {
    fn handle(&mut self, event: Event) -> io::Result<Vec<Effect>> {
        event_loop::handle(self, event)
    }
    fn handle_all(&mut self, events: Vec<Event>) -> io::Result<Vec<Effect>> {
        (self.rules.handle_all)(self, events)
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
        (self.log.base_index(), self.log.base_term())
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
    fn internals(&self) -> Option<Internals> {
        let known_leader = match self.role {
            Role::Follower { leader } => leader,
            Role::Candidate { .. } => None,
            Role::Leader { .. } => Some(self.id),
        };
        let progress = match &self.role {
            Role::Leader { progress } => {
                progress.iter().map(|(&id, of)| (id, of.shown())).collect()
            }
            Role::Follower { .. } | Role::Candidate { .. } => BTreeMap::new(),
        };
        Some(Internals { known_leader, progress })
    }
    fn fork(&self, disk: Box<dyn Disk>, machine: Box<dyn StateMachine>) -> Option<Box<dyn Node>> {
        Some(Box::new(self.copied(disk, machine)))
    }
    fn digest(&self, digest: &mut dyn StateDigest) -> bool {
        self.digested(digest);
        true
    }
}

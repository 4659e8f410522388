//! A server, as the world around it sees it.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::ops::Range;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    Disk, Effect, Entry, Event, Index, Members, ServerId, StateDigest, StateMachine, Term,
};

/// A Raft server: it handles events, and its state can be read. The simulator and every scenario know a server only
/// through this trait.
pub trait Node: fmt::Debug {
    /// Handles one event: changes the state, and returns what must be done.
    ///
    /// # Errors
    /// If the disk failed. The server must then stop: none of the event's effects may be carried out.
    fn handle(&mut self, event: Event) -> io::Result<Vec<Effect>>;

    /// Handles a batch of events that have arrived together, in this order, and returns what must be done: of each
    /// event as much as [`handle`](Node::handle) would, but requests to other servers may be put together, be left
    /// out if a later one says the same, and come after the other effects. All of it rests on the state after
    /// the whole batch, which is on disk. Dissertation §10.2: batching and pipelining.
    ///
    /// A driver may hand over any events in batches of any size, one after another or together. By itself, a server
    /// handles one event at a time.
    ///
    /// # Errors
    /// If the disk failed. The server must then stop: nothing that any event of the batch wanted done may be done.
    fn handle_all(&mut self, events: Vec<Event>) -> io::Result<Vec<Effect>> {
        handle_each(self, events)
    }

    /// The role that the server believes it has.
    fn role(&self) -> RoleName;
    /// The latest term that it has seen.
    fn current_term(&self) -> Term;
    /// The candidate that received its vote in the current term.
    fn voted_for(&self) -> Option<ServerId>;
    /// Index and term of the last entry that was compacted away; (0, 0) if none was.
    fn base(&self) -> (Index, Term);
    /// The index of the last entry of its log.
    fn last_index(&self) -> Index;
    /// The entry at `index`; `None` at or below the base and beyond the end.
    fn entry(&self, index: Index) -> Option<&Entry>;
    /// The highest entry that it knows to be committed.
    fn commit_index(&self) -> Index;
    /// The highest entry that it has applied to its state machine.
    fn last_applied(&self) -> Index;
    /// The configuration that it goes by.
    fn members(&self) -> &Members;
    /// Its state machine.
    fn machine(&self) -> &dyn StateMachine;

    /// What it shows beyond that. A server need not show it: no invariant looks at it, and only a script that asks
    /// for it needs it.
    fn internals(&self) -> Option<Internals> {
        None
    }

    /// A copy of this server that continues with another disk and another state machine: `disk` already holds what
    /// this server's disk holds, and `machine` is new and empty. An exploration tries many events at the same point
    /// of a run, each on a copy. For a server that returns `None`, it repeats the run up to that point instead, which
    /// takes longer and finds the same.
    fn fork(&self, _disk: Box<dyn Disk>, _machine: Box<dyn StateMachine>) -> Option<Box<dyn Node>> {
        None
    }

    /// Adds to `digest` whatever this server's behaviour depends on, and returns whether it has done so. An
    /// exploration identifies states by that. It identifies those of a server that returns `false` by its `Debug`
    /// output, which takes several times as long and finds the same. Leave out the random generator and what never
    /// changes.
    fn digest(&self, _digest: &mut dyn StateDigest) -> bool {
        false
    }

    /// An owned copy of everything that can be seen of it.
    fn view(&self) -> View {
        let (base, base_term) = self.base();
        View {
            role: self.role(),
            current_term: self.current_term(),
            voted_for: self.voted_for(),
            base,
            base_term,
            log: (base.0 + 1..=self.last_index().0)
                .filter_map(|index| self.entry(Index(index)).cloned())
                .collect(),
            commit_index: self.commit_index(),
            last_applied: self.last_applied(),
            members: self.members().clone(),
        }
    }
}

/// Handles these events one at a time, and returns the effects of all, in order: what
/// [`Node::handle_all`] does unless a server has its own way.
///
/// # Errors
/// If the disk failed. The effects of the events before are lost with it: the server stops, so they are late
/// messages that never come.
pub fn handle_each(node: &mut (impl Node + ?Sized), events: Vec<Event>) -> io::Result<Vec<Effect>> {
    let mut effects = Vec::new();
    for event in events {
        effects.extend(node.handle(event)?);
    }
    Ok(effects)
}

/// The three roles of Figure 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RoleName {
    /// Answers requests from candidates and leaders.
    Follower,
    /// Asks for votes.
    Candidate,
    /// Serves clients and replicates its log.
    Leader,
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            RoleName::Follower => "follower",
            RoleName::Candidate => "candidate",
            RoleName::Leader => "leader",
        })
    }
}

/// What can be seen of a server at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The role that the server believes it has.
    pub role: RoleName,
    /// The latest term that it has seen.
    pub current_term: Term,
    /// The candidate that received its vote in the current term.
    pub voted_for: Option<ServerId>,
    /// The index of the last entry that was compacted away.
    pub base: Index,
    /// The term of that entry.
    pub base_term: Term,
    /// The entries after the base.
    pub log: Vec<Entry>,
    /// The highest entry known to be committed.
    pub commit_index: Index,
    /// The highest entry applied.
    pub last_applied: Index,
    /// The configuration that it goes by.
    pub members: Members,
}

/// What a server may show beyond its [`View`], for scripts that ask for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Internals {
    /// The leader of the current term, if the server knows it. A leader knows itself.
    pub known_leader: Option<ServerId>,
    /// What a leader knows of each other server (Figure 2, "volatile state on leaders"). Empty for a server that is
    /// not leader.
    pub progress: BTreeMap<ServerId, FollowerProgress>,
}

/// What a leader knows of one other server (Figure 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowerProgress {
    /// `nextIndex`: the index of the next entry to send to it.
    pub next_index: Index,
    /// `matchIndex`: the index of the last entry that is known to be in its log.
    pub match_index: Index,
}

/// What a server is given when it is started.
#[derive(Debug)]
pub struct Setup {
    /// Its name.
    pub id: ServerId,
    /// The servers of the cluster it is part of, itself among them. Empty for a server that waits to
    /// be added (§6).
    pub members: Members,
    /// Times and limits.
    pub config: Config,
    /// The seed of its random generator. Servers of one cluster have different seeds.
    pub seed: u64,
    /// Its stable storage.
    pub disk: Box<dyn Disk>,
    /// Its state machine, empty.
    pub machine: Box<dyn StateMachine>,
}

/// Times and limits of a server, the same for all servers of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Election timeouts are drawn from this range (§5.2, §9.3).
    pub election_timeout: Range<Duration>,
    /// A leader's heartbeats are this far apart; well below the election timeout.
    pub heartbeat_interval: Duration,
    /// At most this many entries travel in one AppendEntries RPC.
    pub max_entries: usize,
    /// The commands in one AppendEntries RPC have at most this many bytes together, unless there is only one.
    pub max_entry_bytes: usize,
    /// At most this many clients have a session (dissertation §6.3). It must be the same on all
    /// servers. Module 4, bonus.
    pub max_sessions: usize,
    /// A snapshot is taken when this many entries have been applied since the last one (§7). Module 6.
    pub snapshot_entries: usize,
    /// A snapshot is also taken when the commands applied since the last one have this many bytes
    /// together (§7). Module 6.
    pub snapshot_bytes: usize,
    /// How many of the entries that a new snapshot replaces stay in the log anyway, so that a follower slightly
    /// behind needs no snapshot. Module 6.
    pub snapshot_tail: usize,
    /// The commands in the entries that stay have at most this many bytes together. Module 6.
    pub snapshot_tail_bytes: usize,
    /// At most this many bytes of a snapshot travel in one InstallSnapshot RPC. Module 6.
    pub snapshot_chunk: usize,
}

impl Default for Config {
    /// The paper's times (§9.3: "a conservative election timeout such as 150–300 ms").
    fn default() -> Self {
        Config {
            election_timeout: Duration::from_millis(150)..Duration::from_millis(300),
            heartbeat_interval: Duration::from_millis(50),
            max_entries: 64,
            max_entry_bytes: 1024 * 1024,
            max_sessions: 1024,
            snapshot_entries: 1024,
            snapshot_bytes: 32 * 1024 * 1024,
            snapshot_tail: 256,
            snapshot_tail_bytes: 4 * 1024 * 1024,
            snapshot_chunk: 64 * 1024,
        }
    }
}

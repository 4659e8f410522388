//! What a server has in every role.

use std::io;

use protocol::{
    Bytes, CallId, ClientError, Config, Disk, Effect, Entry, Index, Members, Payload, Reply,
    Request, RequestId, ServerId, Setup, StateMachine, Term, Timer,
};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::applied::{Answer, Applied, Contents};
use crate::clients::Deferred;
use crate::habits::Habits;
use crate::snapshot::Snapshot;
use crate::storage::{Ballot, Storage};

/// What a server has in every role: Figure 2's state without what it calls "volatile state on leaders".
#[derive(Debug)]
pub struct Raft {
    /// The server's name.
    pub id: ServerId,
    /// Times and limits.
    pub config: Config,
    /// What it does in one way and could do in another.
    pub habits: Habits,
    /// Term, vote, log and snapshot.
    pub storage: Storage,
    /// The latest configuration in the log, committed or not (§6).
    pub members: Members,
    /// Figure 2's commitIndex.
    pub commit: Index,
    /// The state machine, as far as entries are applied.
    pub applied: Applied,
    rng: ChaCha8Rng,
    next_call: CallId,
    /// The number of the first RPC of the current term.
    first_call: CallId,
    /// Whether a lazy server has heard something since it armed its election timer.
    is_patient: bool,
    effects: Vec<Effect>,
    /// The requests that are answered at the end of this event.
    deferred: Vec<Deferred>,
}

impl Raft {
    /// A new server's state.
    #[must_use]
    pub fn new(setup: Setup, habits: Habits) -> Self {
        let mut storage = Storage::new(setup.disk, habits.ballot_file);
        storage.snapshot.members.clone_from(&setup.members);
        let max_sessions = setup.config.max_sessions;
        Raft {
            id: setup.id,
            config: setup.config,
            habits,
            storage,
            members: setup.members,
            commit: Index(0),
            applied: Applied::new(setup.machine, max_sessions),
            rng: ChaCha8Rng::seed_from_u64(setup.seed),
            next_call: CallId(0),
            first_call: CallId(0),
            is_patient: false,
            effects: Vec::new(),
            deferred: Vec::new(),
        }
    }

    /// The same state, with another disk and another machine.
    #[must_use]
    pub fn on(&self, disk: Box<dyn Disk>, machine: Box<dyn StateMachine>) -> Self {
        Raft {
            id: self.id,
            config: self.config.clone(),
            habits: self.habits,
            storage: self.storage.on(disk),
            members: self.members.clone(),
            commit: self.commit,
            applied: self.applied.on(machine),
            rng: self.rng.clone(),
            next_call: self.next_call,
            first_call: self.first_call,
            is_patient: self.is_patient,
            effects: self.effects.clone(),
            deferred: self.deferred.clone(),
        }
    }

    /// The current term.
    pub fn term(&self) -> Term {
        self.storage.ballot.term
    }

    /// Begins a term that is new to this server, with its vote for a candidate or for none yet (§5.1).
    pub fn enter_term(&mut self, term: Term, vote: Option<ServerId>) {
        assert!(term > self.term(), "terms only increase (§5.1): {term} follows {}", self.term());
        *self.storage.ballot = Ballot { term, vote };
        self.first_call = self.next_call;
    }

    /// Whether an entry of this leader's own term is committed. Before that it does not know what is (§8).
    pub fn knows_committed(&self) -> bool {
        self.storage.log.term(self.commit) == Some(self.term())
    }

    /// All members but this server.
    pub fn peers(&self) -> Vec<ServerId> {
        self.members.iter().copied().filter(|&id| id != self.id).collect()
    }

    /// Whether a majority of the members counts (§5.2).
    pub fn is_majority(&self, counts: impl Fn(ServerId) -> bool) -> bool {
        2 * self.members.iter().filter(|&&id| counts(id)).count() > self.members.len()
    }

    /// Whether the log holds a configuration that is not known to be committed.
    pub fn is_changing(&self) -> bool {
        let log = &self.storage.log;
        log.members(log.last().0).is_some_and(|(index, _)| index > self.commit)
    }

    /// Whether a log that ends at this index and term is at least as up to date as this server's (§5.4.1).
    pub fn is_up_to_date(&self, index: Index, term: Term) -> bool {
        let (last_index, last_term) = self.storage.log.last();
        (term, index) >= (last_term, last_index)
    }

    /// The log has changed, and with it perhaps the configuration.
    pub fn reconfigure(&mut self) {
        self.members = self.members_at(self.storage.log.last().0);
    }

    fn members_at(&self, index: Index) -> Members {
        let in_log = self.storage.log.members(index).map(|(_, members)| members);
        in_log.unwrap_or(&self.storage.snapshot.members).clone()
    }

    /// Whether this server is certainly no member: it waits to be added, or its removal is committed. Then it
    /// neither campaigns nor leads (§6). Before that its vote and its log may be needed (dissertation §4.2.2).
    pub fn is_removed(&self) -> bool {
        !self.members.contains(&self.id) && !self.is_changing()
    }

    /// Whether a reply is to an RPC of an earlier term, and so counts for nothing any more.
    pub fn is_stale(&self, call: CallId, request: &Request) -> bool {
        if self.habits.stale_by_call {
            call < self.first_call
        } else {
            request.term() != self.term()
        }
    }

    /// Appends an entry of the current term.
    pub fn append(&mut self, payload: Payload) -> Index {
        if let Payload::Members(members) = &payload {
            self.members.clone_from(members);
        }
        let term = self.term();
        self.storage.log.push(Entry { term, payload })
    }

    /// "If commitIndex > lastApplied: increment lastApplied, apply log\[lastApplied\] to state machine" (Rules for
    /// Servers, All Servers). Returns the index and the answer for the entry's client.
    pub fn apply_next(&mut self) -> Option<(Index, Answer)> {
        if self.applied.index == self.commit {
            return None;
        }
        let next = self.applied.index.next();
        let entry = self.storage.log.entry(next).expect("what is committed is in the log (§5.4)");
        Some((next, self.applied.apply(entry)))
    }

    /// Takes a snapshot if one is due (§7), and compacts the log.
    pub fn take_snapshot_if_due(&mut self) {
        let index = self.applied.index;
        let is_short = index < self.storage.snapshot.index.plus(self.config.snapshot_entries);
        if is_short && self.applied.new_bytes < self.config.snapshot_bytes {
            return;
        }
        self.applied.new_bytes = 0;
        let term = self.storage.log.term(index).expect("the last applied entry is in the log");
        let members = self.members_at(index);
        let data = self.applied.to_bytes(members.clone());
        *self.storage.snapshot = Snapshot { index, term, members, data };
        let tail = self.habits.tail.unwrap_or(self.config.snapshot_tail);
        let base = self.storage.log.tail(index, tail, self.config.snapshot_tail_bytes);
        if let Some(term) = self.storage.log.term(base) {
            self.storage.log.compact(base, term);
        }
    }

    /// Takes up what the disk has kept (Figure 2, persistent state; §7).
    ///
    /// # Errors
    /// If the disk cannot be read or is damaged.
    pub fn recover(&mut self) -> io::Result<()> {
        self.storage.load()?;
        let Snapshot { index, data, .. } = self.storage.snapshot.clone();
        if index > Index(0) {
            self.restore(index, Contents::from_bytes(&data)?);
        }
        self.reconfigure();
        Ok(())
    }

    /// Takes up a snapshot from the leader (Figure 13, steps 5 to 8).
    ///
    /// # Errors
    /// If its bytes are not a snapshot's. Then nothing has changed.
    pub fn install(&mut self, index: Index, term: Term, data: Bytes) -> io::Result<()> {
        let contents = Contents::from_bytes(&data)?;
        *self.storage.snapshot = Snapshot { index, term, members: contents.members.clone(), data };
        self.storage.log.compact(index, term);
        self.restore(index, contents);
        self.reconfigure();
        Ok(())
    }

    /// What a snapshot replaces is committed and applied. The state machine never goes back.
    fn restore(&mut self, index: Index, contents: Contents) {
        if index > self.applied.index {
            self.applied.restore(index, contents);
            self.commit = self.commit.max(index);
        }
    }
}

/// What the server wants done.
impl Raft {
    /// Calls another server.
    pub fn call(&mut self, to: ServerId, request: Request) -> CallId {
        let call = self.next_call;
        self.next_call = call.next();
        self.effects.push(Effect::Call { call, to, request });
        call
    }

    /// The number of the next RPC: replies to it and to later ones are replies to what is sent from now on.
    pub fn next_call(&self) -> CallId {
        self.next_call
    }

    /// Answers another server's call.
    pub fn answer(&mut self, call: CallId, to: ServerId, reply: Reply) {
        self.effects.push(Effect::Answer { call, to, reply });
    }

    /// Answers a client.
    pub fn tell(&mut self, id: RequestId, result: Result<Bytes, ClientError>) {
        self.effects.push(Effect::Client { id, result });
    }

    /// Answers a request at the end of this event.
    pub fn defer(&mut self, request: Deferred) {
        self.deferred.push(request);
    }

    /// Answers what a deposed leader could not answer before it was known whom this server follows now.
    pub fn answer_deferred(&mut self, leader: Option<ServerId>) {
        for request in std::mem::take(&mut self.deferred) {
            match request {
                Deferred::Read(id) if self.habits.reads_end_unknown => {
                    self.tell(id, Err(ClientError::Unknown));
                }
                Deferred::Read(id) => self.tell(id, Err(ClientError::NotLeader(leader))),
                Deferred::Transfer(id, to) => {
                    // It has succeeded if this server follows the other one or has voted for it.
                    let succeeded = [leader, self.storage.ballot.vote].contains(&Some(to));
                    self.tell(id, succeeded.then(Bytes::new).ok_or(ClientError::Unknown));
                }
            }
        }
    }

    /// The server has heard from the leader, or from a candidate that deserves the vote, and need not campaign yet (§5.2).
    pub fn be_patient(&mut self) {
        if self.habits.lazy_timer {
            self.is_patient = true;
        } else {
            self.arm_election_timer();
        }
    }

    /// The election timer has run out. If a lazy server has heard something since it armed the timer, it is armed
    /// again now, and the election timeout has not elapsed.
    pub fn rearm_if_lazy(&mut self) -> bool {
        let is_due = std::mem::take(&mut self.is_patient);
        if is_due {
            self.arm_election_timer();
        }
        is_due
    }

    /// A new random election timeout (§5.2).
    pub fn arm_election_timer(&mut self) {
        self.is_patient = false;
        let after = self.rng.random_range(self.config.election_timeout.clone());
        self.effects.push(Effect::SetTimer { timer: Timer::Election, after });
    }

    /// The time to the next heartbeat.
    pub fn arm_heartbeat_timer(&mut self) {
        let after = self.config.heartbeat_interval;
        self.effects.push(Effect::SetTimer { timer: Timer::Heartbeat, after });
    }

    /// The minimum election timeout, for which a server that hears a leader ignores candidates (§6).
    pub fn arm_lease_timer(&mut self) {
        let after = self.config.election_timeout.start;
        self.effects.push(Effect::SetTimer { timer: Timer::LeaderLease, after });
    }

    /// What the server wants done, once its state is saved.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }
}

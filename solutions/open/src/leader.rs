//! Leaders: replicating the log, committing, and answering clients (§5.3, §5.4, §8).

use std::collections::{BTreeMap, BTreeSet};

use protocol::{
    Bytes, CallId, ClientError, Command, Index, Payload, Reply, Request, RequestId, ServerId,
};

use crate::applied::Answer;
use crate::clients::{CatchUp, Deferred, PendingRead, Transfer, Waiting};
use crate::habits::{Flow, Reads};
use crate::progress::Progress;
use crate::raft::Raft;

/// A leader. All that it knows of followers and clients ends with its leadership.
#[derive(Clone, Debug)]
pub struct Leader {
    /// The other servers of the configuration, and one that is being added.
    pub peers: BTreeMap<ServerId, Progress>,
    /// The clients that wait for an entry, by its index.
    pub waiting: BTreeMap<Index, Waiting>,
    reads: Vec<PendingRead>,
    /// The change of the configuration that waits until its new server has caught up.
    pub catch_up: Option<CatchUp>,
    /// The transfer of leadership that is under way.
    pub transfer: Option<Transfer>,
}

impl Leader {
    /// A leader that knows nothing of its followers yet (Figure 2: "reinitialized after election").
    #[must_use]
    pub fn new(raft: &Raft) -> Self {
        let unknown = Progress::new(raft.storage.log.last().0);
        Leader {
            peers: raft.peers().into_iter().map(|peer| (peer, unknown.clone())).collect(),
            waiting: BTreeMap::new(),
            reads: Vec::new(),
            catch_up: None,
            transfer: None,
        }
    }

    /// Begins its term (Rules for Servers, Leaders: "Upon election …"; §8).
    pub fn elected(raft: &mut Raft) -> Self {
        let mut leader = Leader::new(raft);
        if raft.habits.heartbeat_first {
            leader.send_to_all(raft);
        }
        if raft.habits.no_op {
            raft.append(Payload::NoOp);
        }
        leader.heartbeat(raft);
        if raft.habits.check_quorum {
            raft.arm_election_timer();
        }
        leader
    }

    /// Sends each follower what it needs, even one that has not replied yet: call or reply may be lost.
    pub fn heartbeat(&mut self, raft: &mut Raft) {
        self.forget_calls();
        self.send_to_all(raft);
        raft.arm_heartbeat_timer();
    }

    /// Sends one follower what it needs.
    pub fn send(&mut self, raft: &mut Raft, to: ServerId) {
        let Some(progress) = self.peers.get_mut(&to) else { return };
        // A chunk of a snapshot is large, so no follower gets it with every command.
        let waits = raft.habits.flow == Flow::OneInFlight || progress.outgoing.is_some();
        if waits && progress.in_flight.is_some() {
            return;
        }
        let request = progress.request(raft);
        progress.in_flight = Some(raft.call(to, request));
    }

    /// Sends each follower what it needs.
    pub fn send_to_all(&mut self, raft: &mut Raft) {
        let peers: Vec<ServerId> = self.peers.keys().copied().collect();
        for peer in peers {
            self.send(raft, peer);
        }
    }

    fn forget_calls(&mut self) {
        for progress in self.peers.values_mut() {
            progress.in_flight = None;
        }
    }

    /// A follower has replied to a call of this term.
    pub fn replied(
        &mut self,
        raft: &mut Raft,
        call: CallId,
        from: ServerId,
        request: &Request,
        reply: &Reply,
    ) {
        // Whatever it replies, it recognizes this leader.
        for read in self.reads.iter_mut().filter(|read| read.first_call <= call) {
            read.confirmed_by.insert(from);
        }
        let Some(progress) = self.peers.get_mut(&from) else { return };
        progress.has_replied = true;
        progress.in_flight.take_if(|waits_for| *waits_for == call);
        let is_news = match (request, reply) {
            (Request::AppendEntries(request), Reply::AppendEntries(reply)) => {
                progress.appended(&raft.storage.log, request, reply)
            }
            (Request::InstallSnapshot(request), Reply::InstallSnapshot(reply)) => {
                progress.stored(request, reply)
            }
            _ => return,
        };
        // A call that was held back is due now, even if this reply says nothing new.
        let is_due = is_news || raft.habits.flow == Flow::OneInFlight;
        let lacks = progress.lacks(raft.storage.log.last().0);
        if is_due && lacks && !raft.habits.waits_for_heartbeat {
            self.send(raft, from);
        }
        self.hand_over(raft, from);
    }

    /// Commits what a majority holds, if the last of it is of this term (§5.3, §5.4.2).
    pub fn advance_commit(&mut self, raft: &mut Raft) {
        let last = raft.storage.log.last().0;
        let holds = |id: &ServerId| match self.peers.get(id) {
            _ if *id == raft.id => last,
            Some(progress) => progress.matched,
            None => Index(0),
        };
        let mut held: Vec<Index> = raft.members.iter().map(holds).collect();
        held.sort_unstable();
        // This one and all after it are a majority, and each of them holds at least this much.
        let index = held[(held.len() - 1) / 2];
        if index > raft.commit && raft.storage.log.term(index) == Some(raft.term()) {
            raft.commit = index;
            if raft.habits.announces_commit {
                self.send_to_all(raft);
            }
        }
    }

    /// The entry at `index` has been applied, and this is the answer for its client.
    pub fn applied(&mut self, raft: &mut Raft, index: Index, answer: Answer) {
        match self.waiting.remove(&index) {
            Some(Waiting::Result(id)) => raft.tell(id, answer),
            Some(Waiting::Read(id, query)) => {
                let result = raft.applied.machine.query(&query);
                raft.tell(id, Ok(result));
            }
            None => {}
        }
    }

    /// A client's command (§5.3).
    pub fn command(&mut self, raft: &mut Raft, id: RequestId, command: Command) {
        match raft.applied.repeated(&command) {
            Some(result) if raft.habits.answers_repeated => raft.tell(id, Ok(result)),
            _ => self.append(raft, Payload::Command(command), Waiting::Result(id)),
        }
    }

    /// Appends an entry for a client that waits for it, and sends it.
    pub fn append(&mut self, raft: &mut Raft, payload: Payload, client: Waiting) {
        let index = raft.append(payload);
        self.waiting.insert(index, client);
        self.send_to_all(raft);
    }

    /// A client's read (§8; dissertation §6.4).
    pub fn read(&mut self, raft: &mut Raft, id: RequestId, query: Bytes) {
        let is_refused = match raft.habits.reads {
            Reads::Refused => !raft.knows_committed(),
            Reads::Waiting => false,
            // It is an entry, and a leader that hands over appends none.
            Reads::Logged => self.transfer.is_some(),
        };
        if is_refused {
            return raft.tell(id, Err(ClientError::Refused));
        }
        if raft.habits.reads == Reads::Logged {
            return self.append(raft, Payload::NoOp, Waiting::Read(id, query));
        }
        let index = raft.knows_committed().then_some(raft.commit);
        let (first_call, confirmed_by) = (raft.next_call(), BTreeSet::from([raft.id]));
        self.reads.push(PendingRead { id, query, index, first_call, confirmed_by });
        // A reply to an earlier RPC does not count, so there is no use in waiting for one.
        for progress in self.peers.values_mut().filter(|progress| progress.outgoing.is_none()) {
            progress.in_flight = None;
        }
        self.send_to_all(raft);
    }

    /// Serves the reads that a majority has confirmed and whose index is applied.
    pub fn serve_reads(&mut self, raft: &mut Raft) {
        let committed = raft.knows_committed().then_some(raft.commit);
        for mut read in std::mem::take(&mut self.reads) {
            read.index = read.index.or(committed);
            let is_confirmed = raft.is_majority(|id| read.confirmed_by.contains(&id));
            if is_confirmed && read.index.is_some_and(|index| index <= raft.applied.index) {
                let result = raft.applied.machine.query(&read.query);
                raft.tell(read.id, Ok(result));
            } else {
                self.reads.push(read);
            }
        }
    }

    /// Whether a majority, itself included, has replied since the last check (dissertation §6.2).
    pub fn check_quorum(&mut self, raft: &Raft) -> bool {
        let has_replied =
            |id| self.peers.get(&id).map_or(id == raft.id, |progress| progress.has_replied);
        let has_quorum = raft.is_majority(has_replied);
        for progress in self.peers.values_mut() {
            progress.has_replied = false;
        }
        has_quorum
    }

    /// Ends its leadership and answers the clients that wait. Another leader may still commit its entries; a read
    /// had no effect, and a change that is not in the log never happened.
    pub fn retire(mut self, raft: &mut Raft) {
        self.abandon_change(raft);
        for client in self.waiting.into_values() {
            raft.tell(client.id(), Err(ClientError::Unknown));
        }
        for read in self.reads {
            raft.defer(Deferred::Read(read.id));
        }
        if let Some(Transfer { id, to }) = self.transfer {
            raft.defer(Deferred::Transfer(id, to));
        }
    }
}

//! The core itself: turns, batches, and what is held back. See the [page of the module](super).

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::time::Duration;

use protocol::{
    Bytes, CallId, ClientError, ClientId, ClientRequest, Command, Effect, Event, Node, Reply,
    RequestId, RoleName, ServerId, Timer,
};

use super::batch::{self, Batch};
use super::clients::{Clients, Kind, Waiting};
use super::coalesce::{self, Call};
use super::pending::{Bounds, Pending};
use super::protections::Protections;
use super::types::{
    Answer, ConnectionId, Identity, Input, Limits, Output, Question, Status, Stopped,
};
use crate::client::SESSION_ENDED;
use crate::group_disk::GroupDisk;
use crate::wire::{Envelope, Letter};

/// The driver of one server. See the [page of the module](super).
#[derive(Debug)]
pub struct Core {
    identity: Identity,
    limits: Limits,
    protections: Protections,
    node: Box<dyn Node>,
    disk: GroupDisk,
    timers: BTreeMap<Timer, Duration>,
    /// How many of the inputs that had arrived when an election timer was due have not been handled.
    behind: Option<usize>,
    /// What the node has not been handed yet.
    gathered: Batch,
    pending: Pending,
    clients: Clients,
    held: Vec<Held>,
    stopped: Option<String>,
}

/// An effect that waits for the flush.
#[derive(Debug)]
enum Held {
    Call(Call),
    Reply(Envelope),
    Client(Waiting, Answer),
    At(ConnectionId, u64, Answer),
}

impl Core {
    /// A driver of `node`, which writes to `disk` and has never handled an event. The first turn starts it.
    pub fn new(identity: Identity, limits: Limits, node: Box<dyn Node>, disk: GroupDisk) -> Self {
        let bounds = Bounds { requests: limits.pending_requests, bytes: limits.pending_bytes };
        Core {
            identity,
            limits,
            protections: Protections::ALL,
            node,
            disk,
            timers: BTreeMap::new(),
            behind: None,
            gathered: Batch::default(),
            pending: Pending::new(bounds),
            clients: Clients::default(),
            held: Vec::new(),
            stopped: None,
        }
    }

    /// The same without some protections.
    #[cfg(feature = "sabotage")]
    #[must_use]
    pub fn protected_by(self, protections: Protections) -> Self {
        self.with(protections)
    }

    pub(crate) fn with(self, protections: Protections) -> Self {
        Core { protections, ..self }
    }

    /// The node, to look at.
    pub fn node(&self) -> &dyn Node {
        self.node.as_ref()
    }

    /// Starts the node: the first event of its life. Returns what must leave.
    ///
    /// # Errors
    /// If it cannot start, or its disk fails.
    pub fn start(&mut self, now: Duration) -> Result<Vec<Output>, Stopped> {
        self.gathered.add(Event::Start);
        let started = self.hand_over(now).and_then(|()| self.release());
        started.map_err(|error| self.stop(error))
    }

    /// Handles what has arrived, in order, and the timers that are due. Returns what must leave. Inputs beyond
    /// the limit of a batch stay in `inbox`.
    ///
    /// # Errors
    /// If the disk fails. All effects of the batch are dropped: what the disk holds is unknown, so nothing that
    /// rests on it may leave. The server has stopped, and every later turn is an error.
    pub fn turn(
        &mut self,
        now: Duration,
        inbox: &mut VecDeque<Input>,
    ) -> Result<Vec<Output>, Stopped> {
        if let Some(why) = self.stopped.as_ref().filter(|_| self.protections.stop_on_failure) {
            return Err(Stopped(io::Error::other(why.clone())));
        }
        let turned = self.batch(now, inbox).and_then(|()| self.release());
        turned.map_err(|error| self.stop(error))
    }

    /// When the next turn must come even if nothing arrives: when a timer or a deadline is due.
    pub fn wake_at(&self) -> Option<Duration> {
        let timers = self.timers.values().min().copied();
        [timers, self.clients.next_deadline()].into_iter().flatten().min()
    }

    /// How many requests of a peer wait for replies, and roughly how many bytes they take.
    pub fn pending(&self, peer: ServerId) -> (usize, usize) {
        self.pending.size(peer)
    }

    fn stop(&mut self, error: io::Error) -> Stopped {
        self.held.clear();
        self.stopped = Some(error.to_string());
        Stopped(error)
    }

    fn batch(&mut self, now: Duration, inbox: &mut VecDeque<Input>) -> io::Result<()> {
        if !self.protections.flush_first {
            // Too late: the effects of the batch before have left.
            self.disk.flush()?;
        }
        if self.protections.heartbeat_first {
            self.fire(now, Timer::Heartbeat);
        }
        if !self.protections.drain_before_election {
            self.fire(now, Timer::Election);
        }
        // The leader's heartbeats may be among what has arrived: after a long fsync, they lie unread.
        if self.is_due(now, Timer::Election) && self.behind.is_none() {
            self.behind = Some(inbox.len());
        }
        let limit = if self.protections.limit_batches { self.limits.batch } else { usize::MAX };
        for _ in 0..limit {
            let Some(input) = inbox.pop_front() else { break };
            self.behind = self.behind.map(|behind| behind.saturating_sub(1));
            self.input(now, input)?;
        }
        // What has come may have armed the timers again.
        self.hand_over(now)?;
        if self.behind.is_none_or(|behind| behind == 0) {
            self.behind = None;
            self.fire(now, Timer::LeaderLease);
            self.fire(now, Timer::Election);
        }
        self.fire(now, Timer::Heartbeat);
        self.hand_over(now)?;
        self.expire(now);
        self.hand_over(now)
    }

    fn is_due(&self, now: Duration, timer: Timer) -> bool {
        self.timers.get(&timer).is_some_and(|&due| due <= now)
    }

    fn fire(&mut self, now: Duration, timer: Timer) {
        if self.is_due(now, timer) {
            self.timers.remove(&timer);
            self.gathered.add(Event::Timeout(timer));
        }
    }

    fn input(&mut self, now: Duration, input: Input) -> io::Result<()> {
        match input {
            Input::Message(envelope) => self.message(now, envelope),
            Input::Ask { connection, question } => self.ask(now, connection, question),
            Input::Closed(connection) => {
                self.clients.closed(connection);
                Ok(())
            }
        }
    }

    fn message(&mut self, now: Duration, envelope: Envelope) -> io::Result<()> {
        let Envelope { cluster, from, to, boot, letter } = envelope;
        if (cluster, to) != (self.identity.cluster, self.identity.id) {
            return Ok(());
        }
        match letter {
            Letter::Request { call, request } => {
                if self.gathered.has_request(from, call) {
                    self.hand_over(now)?;
                }
                self.gathered.add_request(from, call, boot, request);
            }
            // A reply to an earlier life of this server. It would count as the reply to another RPC, which has the
            // same number in this life.
            Letter::Reply { caller_boot, .. }
                if caller_boot != self.identity.boot && self.protections.boot_numbers => {}
            Letter::Reply { call, reply, .. } => {
                if let Some(request) = self.pending.take(from, call) {
                    self.gathered.add(Event::Reply { call, from, request, reply });
                }
            }
        }
        Ok(())
    }

    fn ask(
        &mut self,
        now: Duration,
        connection: ConnectionId,
        question: Question,
    ) -> io::Result<()> {
        let place = self.clients.place(connection);
        if matches!(question, Question::Status | Question::Digest | Question::Echo(_)) {
            // It is answered after what came before it, and by what that has changed.
            self.hand_over(now)?;
        }
        let at_once = match &question {
            Question::Status => Some(Answer::Status(Box::new(self.status()))),
            Question::Echo(bytes) => Some(Answer::Echo(bytes.clone())),
            Question::Digest => Some(self.digest()),
            _ if self.clients.len() >= self.limits.waiting_clients => {
                Some(Answer::TryAgain("too many requests wait"))
            }
            _ => None,
        };
        if let Some(answer) = at_once {
            self.held.push(Held::At(connection, place, answer));
            return Ok(());
        }
        if self.protections.connection_order && self.clients.must_wait(connection, &question) {
            self.clients.postpone(connection, place, question);
            return Ok(());
        }
        self.submit(now, connection, place, question)
    }

    /// Gathers a client's request for the node.
    fn submit(
        &mut self,
        now: Duration,
        connection: ConnectionId,
        place: u64,
        question: Question,
    ) -> io::Result<()> {
        if matches!(question, Question::Add(_) | Question::Remove(_)) {
            // The members that it is about may be changing.
            self.hand_over(now)?;
        }
        let kind = match question {
            Question::Read(_) => Kind::Read,
            Question::Register => Kind::Register,
            _ => Kind::Write,
        };
        let behind = self.protections.connection_order && self.clients.has_commands(connection);
        let (request, as_command) = match question {
            Question::Command(bytes) => (command(bytes), None),
            Question::Register => (ClientRequest::Register, None),
            Question::InSession(session, bytes) => {
                (ClientRequest::Command(Command { session: Some(session), bytes }), None)
            }
            Question::Read(bytes) if behind => (command(bytes), None),
            Question::Read(bytes) => (ClientRequest::Query(bytes.clone()), Some(bytes)),
            Question::Add(id) => {
                let with = self.node.members().iter().copied().chain([id]).collect();
                (ClientRequest::Change(with), None)
            }
            Question::Remove(id) => {
                let others = self.node.members().iter().copied().filter(|&it| it != id).collect();
                (ClientRequest::Change(others), None)
            }
            Question::Transfer(id) => (ClientRequest::Transfer(id), None),
            Question::Status | Question::Digest | Question::Echo(_) => return Ok(()),
        };
        let deadline = now + self.limits.patience;
        let id = self.clients.wait(connection, place, deadline, as_command, kind);
        self.gathered.add(Event::Client { id, request });
        Ok(())
    }

    /// Lets the node handle what has been gathered, and what becomes due by that.
    fn hand_over(&mut self, now: Duration) -> io::Result<()> {
        loop {
            // Requests that have waited for queries which are answered now.
            while let Some((connection, place, question)) = self.clients.next_due() {
                self.submit(now, connection, place, question)?;
            }
            if self.gathered.is_empty() {
                return Ok(());
            }
            self.handle(now)?;
        }
    }

    /// Lets the node handle what has been gathered, and holds its effects back.
    fn handle(&mut self, now: Duration) -> io::Result<()> {
        let (events, mut callers) = self.gathered.take();
        for effect in batch::handled(self.node.as_mut(), events, self.limits.batches)? {
            match effect {
                // A timer is no other server's business, and a late one would make the server slow.
                Effect::SetTimer { timer, after } => {
                    self.timers.insert(timer, now + after);
                }
                Effect::Call { call, to, request } => {
                    self.held.push(Held::Call(Call { to, number: call, request }));
                }
                Effect::Answer { call, to, reply } => {
                    if let Some(caller_boot) = callers.remove(&(to, call)) {
                        let envelope = self.reply(to, call, caller_boot, reply);
                        self.held.push(Held::Reply(envelope));
                    }
                }
                Effect::Client { id, result } => {
                    if let Some((waiting, bytes)) = self.answered(id, result) {
                        let id = self.clients.again(waiting);
                        self.gathered.add(Event::Client { id, request: command(bytes) });
                    }
                }
            }
        }
        Ok(())
    }

    fn reply(&self, to: ServerId, call: CallId, caller_boot: u64, reply: Reply) -> Envelope {
        self.envelope(to, Letter::Reply { call, caller_boot, reply })
    }

    fn envelope(&self, to: ServerId, letter: Letter) -> Envelope {
        let Identity { cluster, id, boot } = self.identity;
        Envelope { cluster, from: id, to, boot, letter }
    }

    /// The node has answered a client. Returns the request if it must go to the node as a command: a leader
    /// answers no query before it has committed an entry of its term, or if its exercise is not written.
    fn answered(
        &mut self,
        id: RequestId,
        result: Result<Bytes, ClientError>,
    ) -> Option<(Waiting, Bytes)> {
        let mut waiting = self.clients.take(id)?;
        let answer = match result {
            Ok(bytes) if waiting.kind == Kind::Register => session(&bytes),
            Ok(bytes) => Answer::Result(bytes),
            Err(ClientError::NotLeader(Some(leader))) => Answer::Moved(leader),
            Err(ClientError::NotLeader(None)) => Answer::TryAgain("no leader is known"),
            Err(ClientError::Refused) => match waiting.as_command.take() {
                Some(bytes) => return Some((waiting, bytes)),
                None => Answer::TryAgain("the leader refuses it now"),
            },
            Err(ClientError::Unknown) => waiting.outcome_unknown("the leader was deposed"),
            // An earlier copy of the command may have been executed.
            Err(ClientError::SessionExpired) => waiting.outcome_unknown(SESSION_ENDED),
        };
        self.held.push(Held::Client(waiting, answer));
        None
    }

    fn expire(&mut self, now: Duration) {
        if !self.protections.deadlines {
            return;
        }
        for waiting in self.clients.expired(now) {
            let answer = waiting.outcome_unknown("the time is up");
            self.held.push(Held::Client(waiting, answer));
        }
    }

    /// Makes the batch durable, and lets its effects out.
    fn release(&mut self) -> io::Result<Vec<Output>> {
        if self.protections.flush_first {
            match self.disk.flush() {
                Err(error) if self.protections.stop_on_failure => return Err(error),
                _ => {}
            }
        }
        let held = std::mem::take(&mut self.held);
        let calls = held.iter().filter_map(|held| match held {
            Held::Call(call) => Some(call),
            _ => None,
        });
        let mut leaving = coalesce::leaving(calls).into_iter();
        let mut out = Vec::with_capacity(held.len());
        for held in held {
            match held {
                Held::Call(Call { to, number: call, request }) => {
                    let leaves = leaving.next() == Some(true);
                    if leaves || !self.protections.coalesce {
                        self.pending.keep(to, call, request.clone());
                        let envelope = self.envelope(to, Letter::Request { call, request });
                        out.push(Output::Message(envelope));
                    }
                }
                Held::Reply(envelope) => out.push(Output::Message(envelope)),
                Held::Client(waiting, answer) => self.clients.answer(&waiting, answer, &mut out),
                Held::At(connection, place, answer) => {
                    self.clients.answer_at(connection, place, answer, &mut out);
                }
            }
        }
        Ok(out)
    }

    fn digest(&self) -> Answer {
        let state = self.node.machine().snapshot();
        Answer::Digest(self.node.last_applied(), crc32fast::hash(&state))
    }

    fn status(&self) -> Status {
        let node = &self.node;
        let leads = node.role() == RoleName::Leader;
        let leader = if leads { Some(self.identity.id) } else { None };
        Status {
            id: self.identity.id,
            role: node.role(),
            term: node.current_term(),
            leader: leader.or_else(|| node.internals().and_then(|it| it.known_leader)),
            commit_index: node.commit_index(),
            last_applied: node.last_applied(),
            last_index: node.last_index(),
            base: node.base().0,
            members: node.members().clone(),
        }
    }
}

fn command(bytes: Bytes) -> ClientRequest {
    ClientRequest::Command(Command { session: None, bytes })
}

/// The session in the result of a registration: its number in decimal digits.
fn session(bytes: &Bytes) -> Answer {
    let number = std::str::from_utf8(bytes).ok().and_then(|digits| digits.parse().ok());
    number.map_or(Answer::TryAgain("the server names no session"), |number| {
        Answer::Session(ClientId(number))
    })
}

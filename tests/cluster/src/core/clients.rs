//! The clients that wait: for whom, in which order, and for how long.
//!
//! Answers on a connection come in the order of its requests. A node answers in its own order: a redirection at
//! once, a command when it is committed. So each request has a place in its connection's queue, and an answer
//! leaves when all before it have left.
//!
//! A client that sends several requests at once expects each to see those before it and none after it. Commands are
//! executed in the order of the log, but a query waits for no command, and no command for a query (dissertation
//! §6.4). So a read behind a command becomes a command itself, and a command behind a query waits for it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use protocol::{Bytes, RequestId};

use super::types::{Answer, ConnectionId, Output, Question};

/// A request that a node has not answered yet.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    connection: ConnectionId,
    /// Its number among the requests of the connection.
    place: u64,
    /// When the client is answered in any case.
    deadline: Duration,
    /// The command with the same result, while the request is a query.
    pub(super) as_command: Option<Bytes>,
    /// What it is.
    pub(super) kind: Kind,
}

impl Waiting {
    /// The answer to a request of which the node does not know, or has not said, what became of it. A read has
    /// changed nothing in any case.
    pub(super) fn outcome_unknown(&self, why: &'static str) -> Answer {
        match self.kind {
            Kind::Read | Kind::Register => Answer::TryAgain(why),
            Kind::Write => Answer::Unknown(why),
        }
    }
}

/// What a request is, as far as its answer depends on that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It changes nothing, so that "nothing was done" is true of it even if its outcome is unknown.
    Read,
    /// It may change something.
    Write,
    /// It opens a session. A session that nobody knows of does no harm.
    Register,
}

/// The answers of one connection that have not left.
#[derive(Debug, Default)]
struct Queue {
    /// The number of the first request in the queue.
    first: u64,
    answers: VecDeque<Option<Answer>>,
    /// How many queries the node has not answered.
    queries: usize,
    /// How many other requests it has not answered.
    commands: usize,
    /// Requests that wait for queries, with their places.
    postponed: VecDeque<(u64, Question)>,
}

/// The clients that wait.
#[derive(Debug, Default)]
pub(super) struct Clients {
    waiting: BTreeMap<RequestId, Waiting>,
    deadlines: BTreeSet<(Duration, RequestId)>,
    connections: BTreeMap<ConnectionId, Queue>,
    /// The connections that have postponed requests.
    postponing: BTreeSet<ConnectionId>,
    last: u64,
}

impl Clients {
    /// How many requests wait for a node.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// A place in the connection's queue, for a request that has just arrived.
    pub(super) fn place(&mut self, connection: ConnectionId) -> u64 {
        let queue = self.connections.entry(connection).or_default();
        queue.answers.push_back(None);
        queue.first + queue.answers.len() as u64 - 1
    }

    /// Whether a request must wait for queries before it.
    pub(super) fn must_wait(&self, connection: ConnectionId, question: &Question) -> bool {
        let Some(queue) = self.connections.get(&connection) else { return false };
        let is_read = matches!(question, Question::Read(_));
        !queue.postponed.is_empty() || (!is_read && queue.queries > 0)
    }

    /// Whether a command of the connection is under way.
    pub(super) fn has_commands(&self, connection: ConnectionId) -> bool {
        self.connections.get(&connection).is_some_and(|queue| queue.commands > 0)
    }

    /// Keeps a request until the queries before it are answered.
    pub(super) fn postpone(&mut self, connection: ConnectionId, place: u64, question: Question) {
        if let Some(queue) = self.connections.get_mut(&connection) {
            queue.postponed.push_back((place, question));
            self.postponing.insert(connection);
        }
    }

    /// A postponed request that need not wait any more.
    pub(super) fn next_due(&mut self) -> Option<(ConnectionId, u64, Question)> {
        let is_due = |connection: &&ConnectionId| {
            self.connections.get(connection).is_none_or(|queue| {
                let is_read = matches!(queue.postponed.front(), Some((_, Question::Read(_))));
                is_read || queue.queries == 0
            })
        };
        let connection = *self.postponing.iter().find(is_due)?;
        let queue = self.connections.get_mut(&connection);
        let next = queue.and_then(|queue| queue.postponed.pop_front());
        let Some((place, question)) = next else {
            self.postponing.remove(&connection);
            return self.next_due();
        };
        Some((connection, place, question))
    }

    /// A request that goes to the node now. Returns its number.
    pub(super) fn wait(
        &mut self,
        connection: ConnectionId,
        place: u64,
        deadline: Duration,
        as_command: Option<Bytes>,
        kind: Kind,
    ) -> RequestId {
        self.again(Waiting { connection, place, deadline, as_command, kind })
    }

    /// How many requests of this kind the node has not answered.
    fn count(&mut self, waiting: &Waiting) -> Option<&mut usize> {
        let queue = self.connections.get_mut(&waiting.connection)?;
        let is_query = waiting.as_command.is_some();
        Some(if is_query { &mut queue.queries } else { &mut queue.commands })
    }

    /// A request that goes to the node once more, under a new number.
    pub(super) fn again(&mut self, waiting: Waiting) -> RequestId {
        if let Some(count) = self.count(&waiting) {
            *count += 1;
        }
        self.last += 1;
        let id = RequestId(self.last);
        self.deadlines.insert((waiting.deadline, id));
        self.waiting.insert(id, waiting);
        id
    }

    /// Takes a request out that the node has answered; `None` if it was answered before.
    pub(super) fn take(&mut self, id: RequestId) -> Option<Waiting> {
        let waiting = self.waiting.remove(&id)?;
        self.deadlines.remove(&(waiting.deadline, id));
        self.is_over(&waiting);
        Some(waiting)
    }

    fn is_over(&mut self, waiting: &Waiting) {
        if let Some(count) = self.count(waiting) {
            *count = count.saturating_sub(1);
        }
    }

    /// Answers a request. Adds to `out` what can leave now.
    pub(super) fn answer(&mut self, waiting: &Waiting, answer: Answer, out: &mut Vec<Output>) {
        self.answer_at(waiting.connection, waiting.place, answer, out);
    }

    /// The same, for a request that has never gone to the node.
    pub(super) fn answer_at(
        &mut self,
        connection: ConnectionId,
        place: u64,
        answer: Answer,
        out: &mut Vec<Output>,
    ) {
        // The connection may have ended in the meantime.
        let Some(queue) = self.connections.get_mut(&connection) else { return };
        let at = place.checked_sub(queue.first).and_then(|at| usize::try_from(at).ok());
        let Some(slot) = at.and_then(|at| queue.answers.get_mut(at)) else { return };
        *slot = Some(answer);
        while let Some(Some(_)) = queue.answers.front() {
            queue.first += 1;
            let answer = queue.answers.pop_front().flatten().expect("it was just looked at");
            out.push(Output::Answer { connection, answer });
        }
    }

    /// The requests whose time is up.
    pub(super) fn expired(&mut self, now: Duration) -> Vec<Waiting> {
        let mut expired = Vec::new();
        while let Some(&(deadline, id)) = self.deadlines.first().filter(|(at, _)| *at <= now) {
            self.deadlines.remove(&(deadline, id));
            if let Some(waiting) = self.waiting.remove(&id) {
                self.is_over(&waiting);
                expired.push(waiting);
            }
        }
        expired
    }

    /// When the next request's time is up.
    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.deadlines.first().map(|&(deadline, _)| deadline)
    }

    /// A connection has ended. What it asked for goes on, and nobody hears the results.
    pub(super) fn closed(&mut self, connection: ConnectionId) {
        self.connections.remove(&connection);
    }
}

//! The clients of a timed run: their requests, the answers, and the history of both.

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::{
    Bytes, ClientError, ClientId, ClientRequest, Command, Members, RequestId, ServerId, Session,
};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use crate::{Breach, ClientAnswer, Cluster, Operation, Property};

/// How many requests in a row concern a key before the next key's turn. Few, since the search for an order
/// that explains a history grows with the number of concurrent operations on one key.
const REQUESTS_A_KEY: u64 = 16;

/// The number of clients that keep sessions.
const SESSIONS: u16 = 4;

/// What clients send in a timed run, and what they do when they hear no result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Workload {
    /// Commands, each from a client of its own, which sends it once.
    #[default]
    Commands,
    /// Numbered commands of a few clients that have registered (§8; dissertation §6.3). Each client repeats its
    /// request, at one server or another, until it hears the result. If its session has ended, it gives up its
    /// command, registers again, and continues with the next one.
    Sessions,
    /// Commands as before, and queries between them.
    Queries,
}

/// All clients of a run.
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) workload: Workload,
    rng: ChaCha8Rng,
    /// Draws everything about sessions and queries, so that these do not change which commands are drawn.
    session_rng: ChaCha8Rng,
    sessions: Vec<Sequence>,
    requests: u64,
    /// The clock of the history, which counts calls and returns.
    clock: u64,
    open: BTreeMap<RequestId, OpenRequest>,
    /// All operations. `None` in place of a request that a server has rejected, and so has no effect.
    history: Vec<Option<Operation>>,
    /// The number of requests that ended with a result, and with an error.
    ended: [u64; 2],
    /// The number of queries that had a result.
    read: u64,
    /// The newest request for a command that had a result.
    newest_result: RequestId,
    /// The number of commands that were given up because their session had ended.
    expired: u64,
}

/// The requests of one client, which sends the next when it has heard the result of the last.
#[derive(Clone, Debug, Default)]
struct Sequence {
    /// Its id, which it received when it registered; `None` before that, and when its session has ended.
    client: Option<ClientId>,
    /// The serial number of its last command in this session.
    serial: u64,
    /// Counts its requests, each of which may be sent several times.
    turn: u32,
    /// The request whose result is still missing.
    pending: Option<ClientRequest>,
    /// Its place in the history, if it is a command.
    place: Option<usize>,
}

/// What a client sends now, and when it will send it again if it hears no result.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientAction {
    pub(crate) asks: Option<(RequestId, ServerId, ClientRequest)>,
    pub(crate) again: Option<(Repeat, Duration)>,
}

/// A client that keeps a session, and which of its requests it may have to repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repeat {
    client: u16,
    turn: u32,
}

/// A request that has not been answered yet.
#[derive(Clone, Copy, Debug)]
struct OpenRequest {
    server: ServerId,
    /// How often the server had been restarted when it received the request.
    incarnation: u32,
    /// Its place in the history; `None` for a registration or a change of members, which is not part of the
    /// history.
    place: Option<usize>,
    /// The client that will repeat it; `None` if it is sent only once.
    session: Option<Repeat>,
    query: bool,
}

impl Clients {
    pub(crate) fn new(rng: ChaCha8Rng, session_rng: ChaCha8Rng) -> Self {
        Clients {
            workload: Workload::default(),
            rng,
            session_rng,
            sessions: vec![Sequence::default(); usize::from(SESSIONS)],
            requests: 0,
            clock: 0,
            open: BTreeMap::new(),
            history: Vec::new(),
            ended: [0, 0],
            read: 0,
            newest_result: RequestId(0),
            expired: 0,
        }
    }

    /// What happens when it is time for a request.
    pub(crate) fn next(&mut self, cluster: &Cluster) -> ClientAction {
        match self.workload {
            Workload::Sessions => self.next_of_session(cluster),
            Workload::Queries if self.session_rng.random_bool(0.5) => {
                ClientAction { asks: self.query(cluster), again: None }
            }
            Workload::Commands | Workload::Queries => {
                let asks = self.command(cluster);
                let asks = asks.map(|(id, to, it)| (id, to, ClientRequest::Command(it)));
                ClientAction { asks, again: None }
            }
        }
    }

    /// Some client that keeps a session sends its next request, if it has heard the result of its last one: a
    /// command, or a registration if it has no session.
    fn next_of_session(&mut self, cluster: &Cluster) -> ClientAction {
        let number = self.session_rng.random_range(0..SESSIONS);
        let sequence = &self.sessions[usize::from(number)];
        if sequence.pending.is_some() {
            return ClientAction::default();
        }
        let (request, place) = match sequence.client {
            Some(client) => {
                let serial = sequence.serial + 1;
                let place = self.history.len();
                (ClientRequest::Command(self.next_command(client, serial)), Some(place))
            }
            None => (ClientRequest::Register, None),
        };
        let sequence = &mut self.sessions[usize::from(number)];
        sequence.serial += u64::from(place.is_some());
        sequence.turn += 1;
        (sequence.pending, sequence.place) = (Some(request), place);
        let repeat = Repeat { client: number, turn: sequence.turn };
        self.again(repeat, cluster)
    }

    /// The next command in a session, which becomes part of the history.
    fn next_command(&mut self, client: ClientId, serial: u64) -> Command {
        let key = self.requests / REQUESTS_A_KEY + self.session_rng.random_range(0..2);
        let number = self.history.len();
        let words = match self.session_rng.random_range(0..5) {
            0 => format!("get k{key}"),
            1 => format!("set k{key} {number}"),
            _ => format!("append k{key} {number},"),
        };
        let session = Some(Session { client, serial });
        let command = Command { session, ..Command::from(words.as_str()) };
        self.clock += 1;
        self.history.push(Some(Operation { command: words, called: self.clock, returned: None }));
        command
    }

    /// A client that has heard no result sends its request again. A server that is down does not receive it.
    pub(crate) fn again(&mut self, repeat: Repeat, cluster: &Cluster) -> ClientAction {
        let sequence = &self.sessions[usize::from(repeat.client)];
        let (turn, place) = (sequence.turn, sequence.place);
        let Some(request) = sequence.pending.clone().filter(|_| turn == repeat.turn) else {
            return ClientAction::default();
        };
        // About as long as an election takes, so a repetition often finds another leader.
        let retry_after = Duration::from_millis(self.session_rng.random_range(50..250));
        let to = self.somebody(cluster);
        let asks = cluster.is_up(to).then(|| {
            self.requests += 1;
            let id = RequestId(self.requests);
            self.open(id, to, cluster, place);
            self.open.entry(id).and_modify(|open| open.session = Some(repeat));
            (id, to, request)
        });
        ClientAction { asks, again: Some((repeat, retry_after)) }
    }

    fn query(&mut self, cluster: &Cluster) -> Option<(RequestId, ServerId, ClientRequest)> {
        let to = self.somebody(cluster);
        let key = self.requests / REQUESTS_A_KEY + self.session_rng.random_range(0..2);
        if !cluster.is_up(to) {
            return None;
        }
        self.requests += 1;
        let id = RequestId(self.requests);
        let command = format!("get k{key}");
        let query = ClientRequest::Query(Bytes::from(command.clone()));
        self.clock += 1;
        self.open(id, to, cluster, Some(self.history.len()));
        self.open.entry(id).and_modify(|open| open.query = true);
        self.history.push(Some(Operation { command, called: self.clock, returned: None }));
        Some((id, to, query))
    }

    /// In 7 of 10 cases a leader, otherwise any server. Not always the newest leader: one that does not know that it
    /// was deposed is the one that would return stale results.
    fn somebody(&mut self, cluster: &Cluster) -> ServerId {
        let anybody = ServerId(self.session_rng.random_range(1..=cluster.servers().len() as u64));
        let leaders = cluster.leaders();
        if leaders.is_empty() || self.session_rng.random_bool(0.3) {
            return anybody;
        }
        leaders[self.session_rng.random_range(0..leaders.len())].1
    }

    /// The next command and its server: in 4 of 5 cases the newest leader, if there is one. `None` if that
    /// server is down.
    fn command(&mut self, cluster: &Cluster) -> Option<(RequestId, ServerId, Command)> {
        let anybody = ServerId(self.rng.random_range(1..=cluster.servers().len() as u64));
        let leader = cluster.leaders().first().map(|&(_, leader)| leader);
        let to = leader.filter(|_| self.rng.random_bool(0.8)).unwrap_or(anybody);
        if !cluster.is_up(to) {
            return None;
        }
        let id = RequestId(self.requests + 1);
        let key = self.requests / REQUESTS_A_KEY + self.rng.random_range(0..2);
        let command = match self.rng.random_range(0..5) {
            0 => format!("get k{key}"),
            1 => format!("set k{key} {}", id.0),
            _ => format!("append k{key} {},", id.0),
        };
        self.requests += 1;
        self.clock += 1;
        let place = self.history.len();
        self.open(id, to, cluster, Some(place));
        let command_sent = Command::from(command.as_str());
        self.history.push(Some(Operation { command, called: self.clock, returned: None }));
        Some((id, to, command_sent))
    }

    /// The next request about the cluster itself, for the newest leader, if there is one. Of every eight, one asks
    /// for another leader, one for a change of two servers at once, which must be rejected (§6), and six to add or to
    /// remove one server.
    pub(crate) fn next_change(
        &mut self,
        cluster: &Cluster,
    ) -> Option<(RequestId, ServerId, ClientRequest)> {
        let &(_, to) = cluster.leaders().first()?;
        let mut members = cluster.members().clone();
        let request = match self.rng.random_range(0..8) {
            0 => {
                let all: Vec<ServerId> = members.iter().copied().collect();
                let one = *all.get(self.rng.random_range(0..all.len().max(1)))?;
                ClientRequest::Transfer(one)
            }
            times => {
                for _ in 0..if times == 1 { 2 } else { 1 } {
                    self.change_one(&mut members, cluster);
                }
                ClientRequest::Change(members)
            }
        };
        self.requests += 1;
        let id = RequestId(self.requests);
        self.open(id, to, cluster, None);
        Some((id, to, request))
    }

    /// Adds a server or removes one. The fewer members there are, the more often one is added, since a cluster
    /// of one or two has little to agree on.
    fn change_one(&mut self, members: &mut Members, cluster: &Cluster) {
        let others: Vec<ServerId> = cluster.servers().difference(members).copied().collect();
        let adds = self.rng.random_bool([1.0, 1.0, 0.8, 0.5, 0.4, 0.3][members.len().min(5)]);
        let from = if adds { others } else { members.iter().copied().collect() };
        let Some(&one) = from.get(self.rng.random_range(0..from.len().max(1))) else { return };
        if !members.remove(&one) {
            members.insert(one);
        }
    }

    fn open(&mut self, id: RequestId, server: ServerId, cluster: &Cluster, place: Option<usize>) {
        let incarnation = cluster.incarnation(server);
        self.open
            .insert(id, OpenRequest { server, incarnation, place, session: None, query: false });
    }

    /// A server has answered.
    pub(crate) fn answered(
        &mut self,
        server: ServerId,
        id: RequestId,
        answer: &ClientAnswer,
        event: u64,
    ) -> Result<(), Breach> {
        self.clock += 1;
        let breach = |what| Breach {
            property: Property::OneAnswer,
            servers: vec![server],
            terms: Vec::new(),
            index: None,
            event,
            what,
        };
        let Some(open) = self.open.remove(&id).filter(|open| open.server == server) else {
            let what = "which is not waiting for an answer";
            return Err(breach(format!("{server} answered client request {id}, {what}")));
        };
        // A session by itself shows nothing yet.
        let registered = open.session.is_some() && open.place.is_none();
        self.ended[usize::from(answer.is_err())] += u64::from(!registered);
        if let Some(repeat) = open.session {
            self.session_answered(repeat, answer).map_err(|result| {
                breach(format!(
                    "{server} answered a client that registered “{result}”: the answer must be the index of \
                     the entry, in decimal digits"
                ))
            })?;
        }
        let Some(place) = open.place else { return Ok(()) };
        match answer {
            Ok(result) => {
                let result = String::from_utf8_lossy(result).into_owned();
                self.read += u64::from(open.query);
                if !open.query {
                    self.newest_result = self.newest_result.max(id);
                }
                if let Some(operation) = &mut self.history[place] {
                    operation.returned.get_or_insert((self.clock, result));
                }
            }
            // The client will repeat it. If its session has ended, an earlier copy may have been executed.
            Err(_) if open.session.is_some() => {}
            // It may still be executed: in the history it never returns.
            Err(ClientError::Unknown) => {}
            Err(ClientError::NotLeader(_) | ClientError::Refused | ClientError::SessionExpired) => {
                self.history[place] = None;
            }
        }
        Ok(())
    }

    /// A client that keeps a session has heard an answer, perhaps to an earlier request. Returns the result of a
    /// registration if it is no id.
    fn session_answered(&mut self, repeat: Repeat, answer: &ClientAnswer) -> Result<(), String> {
        let sequence = &mut self.sessions[usize::from(repeat.client)];
        if sequence.turn != repeat.turn {
            return Ok(());
        }
        match answer {
            Ok(result) if matches!(sequence.pending, Some(ClientRequest::Register)) => {
                let result = String::from_utf8_lossy(result);
                let client = result.parse().map_err(|_| result.into_owned())?;
                (sequence.client, sequence.serial) = (Some(ClientId(client)), 0);
                sequence.pending = None;
            }
            Ok(_) => sequence.pending = None,
            Err(ClientError::SessionExpired) => {
                // The outcome of the command remains unknown: if it were sent again in another session, it could be
                // executed twice.
                self.expired += u64::from(sequence.client.take().is_some());
                sequence.pending = None;
            }
            Err(_) => {}
        }
        Ok(())
    }

    /// The requests that were not answered although their server has not crashed since.
    pub(crate) fn unanswered(&self, cluster: &Cluster) -> Vec<RequestId> {
        let still_there = |open: &OpenRequest| {
            cluster.is_up(open.server) && cluster.incarnation(open.server) == open.incarnation
        };
        self.open.iter().filter(|(_, open)| still_there(open)).map(|(&id, _)| id).collect()
    }

    pub(crate) fn history(&self) -> Vec<Operation> {
        self.history.iter().flatten().cloned().collect()
    }

    pub(crate) fn ended(&self) -> (u64, u64) {
        (self.ended[0], self.ended[1])
    }

    /// The number of queries that had a result.
    pub(crate) fn read(&self) -> u64 {
        self.read
    }

    /// The newest request so far.
    pub(crate) fn newest_request(&self) -> RequestId {
        RequestId(self.requests)
    }

    /// The newest request for a command that had a result.
    pub(crate) fn newest_result(&self) -> RequestId {
        self.newest_result
    }

    /// The number of commands that were given up because their session had ended.
    pub(crate) fn expired(&self) -> u64 {
        self.expired
    }

    /// Whether a client still repeats its request.
    pub(crate) fn repeating(&self) -> bool {
        self.sessions.iter().any(|sequence| sequence.pending.is_some())
    }
}

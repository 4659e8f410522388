//! The clients of a timed run: what they ask, what they are told, and the history that comes of it.

use std::collections::BTreeMap;

use protocol::{ClientError, ClientRequest, Command, Members, RequestId, ServerId};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use crate::{Breach, ClientAnswer, Cluster, Operation, Property};

/// Each key is asked about by so many requests, one after the other: few, since the search for an order
/// that explains a history grows with what happens at once on one key.
const REQUESTS_A_KEY: u64 = 16;

/// All clients of a run. Each request comes from a client of its own, which sends it once.
#[derive(Debug)]
pub(crate) struct Clients {
    rng: ChaCha8Rng,
    requests: u64,
    /// Counts calls and returns: the clock of the history.
    clock: u64,
    open: BTreeMap<RequestId, Open>,
    /// What was asked. A request that had no effect, as its server has said, is nothing.
    history: Vec<Option<Operation>>,
    /// How many requests came to each end: with a result, or with an error.
    ended: [u64; 2],
}

/// A request that waits for its answer.
#[derive(Clone, Copy, Debug)]
struct Open {
    server: ServerId,
    /// How often the server had been started.
    incarnation: u32,
    /// Where it stands in the history; a change of members is not part of it.
    place: Option<usize>,
}

impl Clients {
    pub(crate) fn new(rng: ChaCha8Rng) -> Self {
        Clients {
            rng,
            requests: 0,
            clock: 0,
            open: BTreeMap::new(),
            history: Vec::new(),
            ended: [0, 0],
        }
    }

    /// The next request, and whom it goes to: mostly a leader, if there is one. Nothing if that server
    /// is down.
    pub(crate) fn next(&mut self, cluster: &Cluster) -> Option<(RequestId, ServerId, Command)> {
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

    /// The next request about the cluster itself, which goes to the newest leader, if there is one: mostly for
    /// one server more or one less than it has now. Now and then somebody asks for two at once, which must be
    /// refused (§6), or for another leader.
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

    /// Adds a server that is no member, or removes one; the fewer there are, the rather one is added, since a
    /// cluster of one or two has little to agree on.
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
        self.open.insert(id, Open { server, incarnation: cluster.incarnation(server), place });
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
        self.ended[usize::from(answer.is_err())] += 1;
        let Some(open) = self.open.remove(&id).filter(|open| open.server == server) else {
            return Err(Breach {
                property: Property::OneAnswer,
                servers: vec![server],
                terms: Vec::new(),
                index: None,
                event,
                what: format!("{server} answered client request {id}, which does not wait for it"),
            });
        };
        let Some(place) = open.place else { return Ok(()) };
        match answer {
            Ok(result) => {
                let result = String::from_utf8_lossy(result).into_owned();
                if let Some(operation) = &mut self.history[place] {
                    operation.returned = Some((self.clock, result));
                }
            }
            // It may still be executed: for the history it has no end.
            Err(ClientError::Unknown) => {}
            Err(ClientError::NotLeader(_) | ClientError::Refused) => {
                self.history[place] = None;
            }
        }
        Ok(())
    }

    /// The requests that wait for their answer, though the server that was asked has not crashed since.
    pub(crate) fn unanswered(&self, cluster: &Cluster) -> Vec<RequestId> {
        let still_there = |open: &Open| {
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
}

//! A world in which nothing moves but what the script says.

mod faults;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use protocol::{
    Bytes, CallId, ClientRequest, Config, Effect, Event, Reply, Request, RequestId, RoleName,
    ServerId, Timer,
};

use crate::cluster::printable;
use crate::invariants::slot;
use crate::message::{Asked, lost_on_arrival};
use crate::{
    Body, Boot, ClientAnswer, Cluster, Given, GivenRole, Happened, Links, Lost, Message, MessageId,
    Selector, Stop,
};

/// So many messages delivered while settling are a storm that does not end.
const ENDLESS: u64 = 20_000;

/// So many rounds of heartbeats without coming to rest are too many.
const ROUNDS: u32 = 1_000;

/// Calls that the script makes in a server's name have numbers from here on.
const SCRIPTED_CALLS: u64 = 1 << 40;

/// A world that a script moves. See the [crate documentation](crate).
#[derive(Debug)]
pub struct Scripted {
    /// The servers.
    pub cluster: Cluster,
    links: Links,
    pub(crate) in_flight: Vec<InFlight>,
    armed: Vec<BTreeSet<Timer>>,
    sent: u64,
    calls_made: u64,
    /// What clients asked, by request: whom, and what it was in the script's words.
    asked: BTreeMap<RequestId, (ServerId, String)>,
    /// What they were told, in order.
    answers: Vec<(RequestId, ServerId, ClientAnswer)>,
}

#[derive(Clone, Debug)]
pub(crate) struct InFlight {
    pub(crate) message: Message,
    held: bool,
}

/// Why a step of a script could not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScriptError {
    /// The run is over: a property does not hold, or a server panicked.
    Stop(Stop),
    /// The timer that is to fire is not running.
    NotArmed(ServerId, Timer),
    /// The script asks for something that makes no sense here.
    Impossible(String),
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScriptError::Stop(stop) => stop.fmt(f),
            ScriptError::NotArmed(server, timer) => {
                let timer = format!("{timer:?}").to_lowercase();
                write!(f, "{server} has no {timer} timer running, so it cannot run out")
            }
            ScriptError::Impossible(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for ScriptError {}

impl From<Stop> for ScriptError {
    fn from(stop: Stop) -> Self {
        ScriptError::Stop(stop)
    }
}

impl Scripted {
    /// A world with servers S1 to S`count`, each as given or new, which have just been started.
    ///
    /// # Errors
    /// If a server cannot be made, or the given states contradict each other.
    pub fn new(
        count: u64,
        config: Config,
        seed: u64,
        boot: Boot,
        given: &BTreeMap<ServerId, Given>,
    ) -> Result<Self, ScriptError> {
        let mut cluster = Cluster::new(count, config, seed, boot, given)?;
        cluster.trace = Some(Vec::new());
        let servers = slot(ServerId(count + 1));
        let mut world = Scripted {
            cluster,
            links: Links::open(servers),
            in_flight: Vec::new(),
            armed: vec![BTreeSet::new(); servers],
            sent: 0,
            calls_made: SCRIPTED_CALLS,
            asked: BTreeMap::new(),
            answers: Vec::new(),
        };
        for id in world.cluster.servers().clone() {
            world.tell(id, Event::Start, None)?;
        }
        // Who is given as leader has been beating before the script begins.
        for (&id, _) in given.iter().filter(|(_, given)| given.role == GivenRole::Leader) {
            world.armed[slot(id)].insert(Timer::Heartbeat);
        }
        Ok(world)
    }

    /// Lets a timer run out.
    ///
    /// # Errors
    /// If it is not running, or the run is over.
    pub fn fire(&mut self, id: ServerId, timer: Timer) -> Result<(), ScriptError> {
        self.up(id)?;
        if !self.armed[slot(id)].remove(&timer) {
            return Err(ScriptError::NotArmed(id, timer));
        }
        self.tell(id, Event::Timeout(timer), None)
    }

    /// Whether a timer is running.
    pub fn is_armed(&self, id: ServerId, timer: Timer) -> bool {
        self.armed.get(slot(id)).is_some_and(|armed| armed.contains(&timer))
    }

    /// The messages in the network, in the order of sending, and whether they are held back.
    pub fn in_flight(&self) -> impl Iterator<Item = (&Message, bool)> {
        self.in_flight.iter().map(|flight| (&flight.message, flight.held))
    }

    /// Delivers the messages that match, as they are in the network now, in the order of sending.
    /// Gives how many there were.
    ///
    /// # Errors
    /// If the run is over.
    pub fn deliver(&mut self, selector: &Selector) -> Result<usize, ScriptError> {
        let there = self.in_flight.iter().filter(|flight| !flight.held);
        let mut chooser = selector.chooser(there.map(|flight| &flight.message));
        let chosen: Vec<Message> = self
            .in_flight
            .extract_if(.., |flight| !flight.held && chooser.chooses(&flight.message))
            .map(|flight| flight.message)
            .collect();
        let count = chosen.len();
        for message in chosen {
            self.arrive(message)?;
        }
        Ok(count)
    }

    /// Loses the messages that match, also held ones. Gives how many there were.
    pub fn lose(&mut self, selector: &Selector) -> usize {
        let there = self.in_flight.iter().map(|flight| &flight.message);
        let mut chooser = selector.chooser(there);
        let lost: Vec<MessageId> = self
            .in_flight
            .extract_if(.., |flight| chooser.chooses(&flight.message))
            .map(|flight| flight.message.id)
            .collect();
        for &id in &lost {
            self.cluster.record(|| Happened::Lost { id, why: Lost::Dropped });
        }
        lost.len()
    }

    /// Doubles the messages that match: each copy follows its original. Gives how many there were.
    pub fn duplicate(&mut self, selector: &Selector) -> usize {
        let there = self.in_flight.iter().map(|flight| &flight.message);
        let mut chooser = selector.chooser(there);
        let copies: Vec<InFlight> = self
            .in_flight
            .iter()
            .filter(|flight| chooser.chooses(&flight.message))
            .cloned()
            .collect();
        for copy in &copies {
            let id = copy.message.id;
            self.cluster.record(|| Happened::Duplicated { id });
        }
        let count = copies.len();
        self.in_flight.extend(copies);
        self.in_flight.sort_by_key(|flight| flight.message.id);
        count
    }

    /// Holds the messages that match back, or lets them go again. A held message stays in the network:
    /// neither `deliver` nor `settle` moves it. Gives how many there were.
    pub fn hold(&mut self, selector: &Selector, held: bool) -> usize {
        let mut count = 0;
        let there = self.in_flight.iter().filter(|flight| flight.held != held);
        let mut chooser = selector.chooser(there.map(|flight| &flight.message));
        for flight in &mut self.in_flight {
            if flight.held != held && chooser.chooses(&flight.message) {
                flight.held = held;
                count += 1;
                let id = flight.message.id;
                let what = if held { Happened::Held { id } } else { Happened::Released { id } };
                self.cluster.record(|| what);
            }
        }
        count
    }

    /// Delivers everything that is not held, lets leaders beat, and goes on until a round of heartbeats
    /// is like the one before: nothing that can be seen has changed, and the leaders have sent the same.
    /// A leader that still looks for the place where logs agree sends something else in each round.
    ///
    /// # Errors
    /// If the run is over, or does not come to rest.
    pub fn settle(&mut self) -> Result<(), ScriptError> {
        self.deliver_all()?;
        let mut last = None;
        for _ in 0..ROUNDS {
            let before = self.visible();
            for (_, leader) in self.cluster.leaders() {
                if self.is_armed(leader, Timer::Heartbeat) {
                    self.fire(leader, Timer::Heartbeat)?;
                }
            }
            // Neither their order nor how often one is sent means anything.
            let sent = self.in_flight.iter().filter(|flight| !flight.held);
            let calls: BTreeSet<String> = sent.map(|flight| flight.message.to_string()).collect();
            self.deliver_all()?;
            if self.visible() == before && (calls.is_empty() || last.as_ref() == Some(&calls)) {
                return Ok(());
            }
            last = Some(calls);
        }
        let mostly = vec![("round of heartbeats that changed something".to_owned(), 1_000)];
        Err(Stop::Endless { at: Duration::ZERO, events: self.cluster.events(), mostly }.into())
    }

    /// A client asks a server; `words` are how the script put it.
    ///
    /// # Errors
    /// If the server is down, or the run is over.
    pub fn client(
        &mut self,
        to: ServerId,
        request: ClientRequest,
        words: &str,
    ) -> Result<RequestId, ScriptError> {
        self.up(to)?;
        let id = RequestId(self.asked.len() as u64 + 1);
        self.asked.insert(id, (to, words.to_owned()));
        self.tell(to, Event::Client { id, request }, None)?;
        Ok(id)
    }

    /// What clients asked, in order.
    pub fn asked(&self) -> &BTreeMap<RequestId, (ServerId, String)> {
        &self.asked
    }

    /// What clients were told, in order.
    pub fn answers(&self) -> &[(RequestId, ServerId, ClientAnswer)] {
        &self.answers
    }

    /// Calls `to` in the name of `from`, which does not know of it, and gives the answer; nothing, if the
    /// server goes down instead. What else the server wants done is done.
    ///
    /// # Errors
    /// If the server is down, or the run is over.
    pub fn ask(
        &mut self,
        from: ServerId,
        to: ServerId,
        request: Request,
    ) -> Result<Option<Reply>, ScriptError> {
        self.up(to)?;
        self.calls_made += 1;
        let call = CallId(self.calls_made);
        let effects = self.handle(to, Event::Request { call, from, request })?;
        let mut answer = None;
        for effect in effects {
            match effect {
                Effect::Answer { reply, .. } => answer = Some(reply),
                other => self.carry_out(to, other, &mut None),
            }
        }
        Ok(answer)
    }

    /// Brings `to` a reply in the name of `from`, as if it had asked `request` before.
    ///
    /// # Errors
    /// If the server is down, or the run is over.
    pub fn reply(
        &mut self,
        from: ServerId,
        to: ServerId,
        request: Request,
        reply: Reply,
    ) -> Result<(), ScriptError> {
        self.up(to)?;
        self.calls_made += 1;
        let call = CallId(self.calls_made);
        self.tell(to, Event::Reply { call, from, request, reply }, None)
    }

    fn known(&self, id: ServerId) -> Result<(), ScriptError> {
        if self.cluster.servers().contains(&id) {
            return Ok(());
        }
        let last = self.cluster.servers().len();
        let why = format!("there is no server {id}; this cluster has S1 to S{last}");
        Err(ScriptError::Impossible(why))
    }

    fn up(&self, id: ServerId) -> Result<(), ScriptError> {
        self.known(id)?;
        if self.cluster.is_up(id) {
            return Ok(());
        }
        let why = match self.cluster.gave_up_since(id) {
            None => format!("{id} has crashed and is down"),
            Some(why) => format!("{id} has given up ({why}) and is down"),
        };
        Err(ScriptError::Impossible(why))
    }

    /// Lets a server take in an event. If it goes down in it, its timers are gone.
    fn handle(&mut self, id: ServerId, event: Event) -> Result<Vec<Effect>, Stop> {
        let effects = self.cluster.handle(id, event)?;
        if !self.cluster.is_up(id) {
            self.armed[slot(id)].clear();
        }
        Ok(effects)
    }

    fn deliver_all(&mut self) -> Result<(), ScriptError> {
        let mut delivered = 0;
        while self.in_flight.iter().any(|flight| !flight.held) {
            delivered += self.deliver(&Selector::default())? as u64;
            if delivered > ENDLESS {
                let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
                for flight in &self.in_flight {
                    *kinds.entry(flight.message.kind().to_string()).or_default() += 1;
                }
                let mostly = kinds.into_iter().collect();
                return Err(Stop::Endless { at: Duration::ZERO, events: delivered, mostly }.into());
            }
        }
        Ok(())
    }

    pub(crate) fn arrive(&mut self, message: Message) -> Result<(), ScriptError> {
        let (id, to) = (message.id, message.to);
        if let Some(why) = lost_on_arrival(&message, &self.cluster, &self.links) {
            self.cluster.record(|| Happened::Lost { id, why });
            return Ok(());
        }
        self.cluster.record(|| Happened::Delivered { id });
        let (event, asked) = message.into_event();
        self.tell(to, event, asked)
    }

    fn tell(
        &mut self,
        id: ServerId,
        event: Event,
        asked: Option<Asked>,
    ) -> Result<(), ScriptError> {
        let mut asked = asked;
        for effect in self.handle(id, event)? {
            self.carry_out(id, effect, &mut asked);
        }
        Ok(())
    }

    fn carry_out(&mut self, id: ServerId, effect: Effect, asked: &mut Option<Asked>) {
        match effect {
            Effect::SetTimer { timer, after } => {
                self.cluster.record(|| Happened::TimerSet { server: id, timer, after });
                self.armed[slot(id)].insert(timer);
            }
            Effect::Call { call, to, request } => {
                let incarnation = self.cluster.incarnation(id);
                self.send(id, to, call, incarnation, Body::Request(request));
            }
            Effect::Answer { call, to, reply } => {
                if let Some(Asked { request, incarnation }) = asked.take() {
                    self.send(id, to, call, incarnation, Body::Reply { request, reply });
                }
            }
            Effect::Client { id: request, result } => {
                let server = id;
                let text = printable(&result);
                self.cluster.record(|| Happened::Answered { id: request, server, result: text });
                self.answers.push((request, server, result));
            }
        }
    }

    fn send(&mut self, from: ServerId, to: ServerId, call: CallId, incarnation: u32, body: Body) {
        self.sent += 1;
        let message = Message { id: MessageId(self.sent), from, to, call, incarnation, body };
        self.cluster.record(|| Happened::Sent { message: message.clone() });
        self.in_flight.push(InFlight { message, held: false });
    }

    /// What can be seen of all servers: it changes as long as something happens that matters.
    fn visible(&self) -> Vec<Option<impl PartialEq + use<>>> {
        let view = |&id: &ServerId| {
            self.cluster.node(id).map(|node| {
                (
                    node.role(),
                    node.current_term(),
                    node.voted_for(),
                    self.cluster.log(id).to_vec(),
                    node.commit_index(),
                    node.last_applied(),
                    node.members().clone(),
                )
            })
        };
        self.cluster.servers().iter().map(view).collect()
    }

    /// The leaders, the highest term first.
    pub fn leaders(&self) -> Vec<ServerId> {
        self.cluster.leaders().into_iter().map(|(_, id)| id).collect()
    }

    /// The servers in this role.
    pub fn in_role(&self, role: RoleName) -> Vec<ServerId> {
        let is = |id: &ServerId| self.cluster.node(*id).is_some_and(|node| node.role() == role);
        self.cluster.servers().iter().copied().filter(is).collect()
    }

    /// A query of the script's own to the state machine of a server.
    pub fn query_machine(&self, id: ServerId, query: &str) -> Option<Bytes> {
        Some(self.cluster.node(id)?.machine().query(query.as_bytes()))
    }
}

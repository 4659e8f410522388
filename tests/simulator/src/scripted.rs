//! A world in which nothing happens but what the script says.

mod choices;
mod faults;
mod messages;
mod queued;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use protocol::{
    Bytes, CallId, ClientRequest, Config, Effect, Event, Reply, Request, RequestId, RoleName,
    ServerId, Timer,
};

use crate::invariants::slot;
use crate::world::World;
use crate::{
    ClientAnswer, Cluster, InitialRole, InitialState, Links, Message, MessageId, NodeFactory,
    Recorder, RecorderOptions, ScriptError, Stop,
};

/// Calls that the script makes in a server's name are numbered from here, which no server's own counter reaches.
const SCRIPTED_CALLS: u64 = 1 << 40;

pub use choices::MessageAct;
pub(crate) use queued::QueuedMessage;

/// A world that a script moves. See the [crate documentation](crate). Copies of it share what they can.
#[derive(Debug)]
pub struct Scripted {
    /// The servers.
    pub cluster: Cluster,
    links: Links,
    pub(crate) in_flight: Vec<QueuedMessage>,
    /// For each server, which of its timers are running.
    armed: Vec<[bool; 3]>,
    sent: u64,
    calls_made: u64,
    /// Each client request: the server that it went to, and the script's words for it.
    asked: Rc<BTreeMap<RequestId, (ServerId, String)>>,
    /// The answers to them, in the order in which they came.
    answers: Rc<Vec<(RequestId, ServerId, ClientAnswer)>>,
    /// How many copies were made of a message, if any.
    copies: BTreeMap<MessageId, u32>,
}

impl World for Scripted {
    fn cluster(&mut self) -> &mut Cluster {
        &mut self.cluster
    }

    fn links(&self) -> &Links {
        &self.links
    }

    fn sent(&mut self) -> &mut u64 {
        &mut self.sent
    }

    fn enqueue(&mut self, message: Message) {
        self.in_flight.push(QueuedMessage::new(message));
    }

    /// No time passes in a script: the timer runs until the script fires it.
    fn arm(&mut self, id: ServerId, timer: Timer, _after: Duration) {
        self.armed[slot(id)][timer as usize] = true;
    }

    fn disarm_all(&mut self, id: ServerId) {
        self.armed[slot(id)] = [false; 3];
    }

    fn client_answered(
        &mut self,
        server: ServerId,
        id: RequestId,
        answer: ClientAnswer,
    ) -> Result<(), Stop> {
        Rc::make_mut(&mut self.answers).push((id, server, answer));
        Ok(())
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
        factory: NodeFactory,
        given: &BTreeMap<ServerId, InitialState>,
    ) -> Result<Self, ScriptError> {
        Self::recorded(count, config, seed, factory, given, false).map_err(|(error, _)| error)
    }

    /// The same, with a recorder that listens from the beginning, if the run `is_recorded`.
    ///
    /// # Errors
    /// If a server cannot be made or started, or the given states contradict each other; with what was recorded.
    pub fn recorded(
        count: u64,
        config: Config,
        seed: u64,
        factory: NodeFactory,
        given: &BTreeMap<ServerId, InitialState>,
        is_recorded: bool,
    ) -> Result<Self, (ScriptError, Option<Box<Recorder>>)> {
        let cluster = Cluster::new(count, config, seed, factory, given);
        let mut cluster = cluster.map_err(|stop| (stop.into(), None))?;
        cluster.trace = Some(Vec::new());
        if is_recorded {
            cluster.start_recording(RecorderOptions::default());
        }
        let servers = slot(ServerId(count + 1));
        let mut world = Scripted {
            cluster,
            links: Links::open(servers),
            in_flight: Vec::new(),
            armed: vec![[false; 3]; servers],
            sent: 0,
            calls_made: SCRIPTED_CALLS,
            asked: Rc::default(),
            answers: Rc::default(),
            copies: BTreeMap::new(),
        };
        for id in world.cluster.servers().clone() {
            let started = world.tell(id, Event::Start, None);
            started.map_err(|stop| (stop.into(), world.cluster.take_recorder()))?;
        }
        // A server that begins as leader has sent heartbeats before the script begins, so its timer runs.
        for (&id, _) in given.iter().filter(|(_, given)| given.role == InitialRole::Leader) {
            world.armed[slot(id)][Timer::Heartbeat as usize] = true;
            world.cluster.record_armed(id, Timer::Heartbeat);
        }
        Ok(world)
    }

    /// Whether the world can be copied: whether each of its servers can.
    pub fn can_fork(&self) -> bool {
        self.cluster.can_fork()
    }

    /// A copy of the world as it is now, without its trace, which continues by itself. Only if
    /// [`Scripted::can_fork`]: a server that cannot be copied ends the copy's run at its next event.
    #[must_use]
    pub fn fork(&self) -> Self {
        Scripted {
            cluster: self.cluster.fork(),
            links: self.links.clone(),
            in_flight: self.in_flight.clone(),
            armed: self.armed.clone(),
            sent: self.sent,
            calls_made: self.calls_made,
            asked: self.asked.clone(),
            answers: self.answers.clone(),
            copies: self.copies.clone(),
        }
    }

    /// Fires a timer.
    ///
    /// # Errors
    /// If it is not running, or the run is over.
    pub fn fire(&mut self, id: ServerId, timer: Timer) -> Result<(), ScriptError> {
        self.up(id)?;
        if !std::mem::take(&mut self.armed[slot(id)][timer as usize]) {
            return Err(ScriptError::NotArmed(id, timer));
        }
        Ok(self.tell(id, Event::Timeout(timer), None)?)
    }

    /// Whether a timer is running.
    pub fn is_armed(&self, id: ServerId, timer: Timer) -> bool {
        self.armed.get(slot(id)).is_some_and(|armed| armed[timer as usize])
    }

    /// A client sends a server a request; `words` are the script's words for it.
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
        Rc::make_mut(&mut self.asked).insert(id, (to, words.to_owned()));
        self.tell(to, Event::Client { id, request }, None)?;
        Ok(id)
    }

    /// The requests of clients, each with its server and the script's words for it.
    pub fn asked(&self) -> &BTreeMap<RequestId, (ServerId, String)> {
        &self.asked
    }

    /// The answers to clients, in the order in which they came: request, server, answer.
    pub fn answers(&self) -> &[(RequestId, ServerId, ClientAnswer)] {
        &self.answers
    }

    /// Sends `to` a request in the name of `from`, which knows nothing of it. Returns the answer, or `None` if
    /// the server goes down instead. Its other effects are carried out.
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
        let answer = effects.iter().find_map(|effect| match effect {
            Effect::Answer { reply, .. } => Some(*reply),
            _ => None,
        });
        self.carry_out(to, effects, None)?;
        Ok(answer)
    }

    /// Brings `to` a reply in the name of `from`, as if `to` had sent `request` before.
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
        Ok(self.tell(to, Event::Reply { call, from, request, reply }, None)?)
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

    /// The leaders, the highest term first.
    pub fn leaders(&self) -> Vec<ServerId> {
        self.cluster.leaders().into_iter().map(|(_, id)| id).collect()
    }

    /// The servers in this role.
    pub fn in_role(&self, role: RoleName) -> Vec<ServerId> {
        let is = |id: &ServerId| self.cluster.node(*id).is_some_and(|node| node.role() == role);
        self.cluster.servers().iter().copied().filter(is).collect()
    }

    /// Queries a server's state machine directly, without a client.
    pub fn query_machine(&self, id: ServerId, query: &str) -> Option<Bytes> {
        Some(self.cluster.node(id)?.machine().query(query.as_bytes()))
    }
}

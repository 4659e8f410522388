//! A world that a virtual clock moves, with faults drawn from a seed.

mod asking;
mod nemesis;

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::{Config, Effect, Event, RequestId, RoleName, ServerId, Timer};
use rand_chacha::ChaCha8Rng;

use crate::agenda::{Agenda, When};
use crate::clients::{Clients, Repeat};
use crate::invariants::slot;
use crate::message::{Asked, lost_on_arrival};
use crate::network::{Fate, stream};
use crate::under_way::UnderWay;
use crate::{
    Asking, Body, Boot, Cluster, Faults, Given, Happened, Links, Lost, Message, MessageId,
    Operation, Stop, Told,
};

/// So many events at one instant are a storm in which no time passes.
const ENDLESS: u64 = 20_000;

/// The last so many of them are counted by what they are.
const TOLD: u64 = 1_000;

/// So many effects of one event are a mistake.
const TOO_MANY_EFFECTS: usize = 20_000;

/// What a timed run is made of.
#[derive(Clone, Debug)]
pub struct TimedOptions {
    /// How many servers.
    pub servers: u64,
    /// Their times and limits.
    pub config: Config,
    /// Everything that is drawn is drawn from this.
    pub seed: u64,
    /// What goes wrong.
    pub faults: Faults,
    /// Whether to keep a trace.
    pub trace: bool,
}

/// A world that a virtual clock moves. See the [crate documentation](crate).
#[derive(Debug)]
pub struct Timed {
    /// The servers.
    pub cluster: Cluster,
    agenda: Agenda<Due>,
    links: Links,
    faults: Faults,
    /// What goes wrong on links that have a weather of their own, by their place in `weather`.
    link_faults: BTreeMap<usize, Faults>,
    /// Faults of an earlier mix that are still on the agenda are passed over.
    mix: u64,
    /// For each link, the stream that decides about its messages.
    weather: Vec<ChaCha8Rng>,
    nemesis: ChaCha8Rng,
    /// Decides what goes wrong with disks, and what a crash leaves.
    decay: ChaCha8Rng,
    clients: Clients,
    under_way: UnderWay,
    timers: Vec<[Clock; 3]>,
    sent: u64,
    /// The time of the last event, and how many there were at that time.
    instant: (Duration, u64),
    /// What the last of very many events at one instant were.
    mostly: BTreeMap<String, u64>,
}

/// What is on the agenda.
#[derive(Clone, Copy, Debug)]
enum Due {
    Start(ServerId),
    Deliver(usize),
    Timeout(ServerId, Timer),
    Partition { mix: u64 },
    Crash { mix: u64 },
    Disk { mix: u64 },
    Command { mix: u64 },
    Change { mix: u64 },
    Repeat(Repeat),
}

/// One timer of one server. Re-arming it to a later time, which happens at every heartbeat, leaves the
/// agenda alone: what stands there is put off when it comes up.
#[derive(Clone, Copy, Debug, Default)]
struct Clock {
    armed: Option<When>,
    on_agenda: Option<When>,
}

impl Timed {
    /// A world with servers that have just been started, all of them members of one cluster.
    ///
    /// # Errors
    /// If a server cannot be made.
    pub fn new(options: TimedOptions, boot: Boot) -> Result<Self, Stop> {
        Self::given(options, boot, &BTreeMap::new())
    }

    /// A world with servers that have just been started, each as given or new.
    ///
    /// # Errors
    /// If a server cannot be made, or the given states contradict each other.
    pub fn given(
        options: TimedOptions,
        boot: Boot,
        given: &BTreeMap<ServerId, Given>,
    ) -> Result<Self, Stop> {
        let TimedOptions { servers, config, seed, faults, trace } = options;
        let mut cluster = Cluster::new(servers, config, seed, boot, given)?;
        cluster.trace = trace.then(Vec::new);
        let count = slot(ServerId(servers + 1));
        let mut world = Timed {
            cluster,
            agenda: Agenda::new(),
            links: Links::open(count),
            faults: Faults::calm(),
            link_faults: BTreeMap::new(),
            mix: 0,
            weather: (0..servers * servers).map(|link| stream(seed, 1_000 + link)).collect(),
            nemesis: stream(seed, 100),
            decay: stream(seed, 102),
            clients: Clients::new(stream(seed, 101), stream(seed, 103)),
            under_way: UnderWay::default(),
            timers: vec![[Clock::default(); 3]; count],
            sent: 0,
            instant: (Duration::ZERO, 0),
            mostly: BTreeMap::new(),
        };
        for id in (1..=servers).map(ServerId) {
            world.agenda.schedule(Duration::ZERO, Due::Start(id));
        }
        world.set_faults(faults);
        Ok(world)
    }

    /// The present.
    pub fn now(&self) -> Duration {
        self.cluster.now
    }

    /// From now on this goes wrong with messages of `from` to `to`, until [`Timed::set_faults`]. Only what
    /// `faults` says of messages counts.
    pub fn set_link_faults(&mut self, from: ServerId, to: ServerId, faults: Faults) {
        self.link_faults.insert(slot(from) * self.timers.len() + slot(to), faults);
    }

    /// From now on this goes wrong, on every link, and nothing else. Links that are cut stay so.
    pub fn set_faults(&mut self, faults: Faults) {
        self.link_faults.clear();
        self.faults = faults;
        self.mix += 1;
        let mix = self.mix;
        let faults = self.faults.clone();
        self.later(faults.partition_every, Due::Partition { mix });
        self.later(faults.crash_every, Due::Crash { mix });
        self.later(faults.command_every, Due::Command { mix });
        self.later(faults.change_every, Due::Change { mix });
        self.later_with_disks(faults.disk_every, mix);
    }

    /// The network is healed, disks work, servers that are down come back, and nothing goes wrong any more.
    ///
    /// # Errors
    /// If a server cannot be made anew.
    pub fn heal(&mut self) -> Result<(), Stop> {
        let command_every = self.faults.command_every;
        self.links.heal();
        self.cluster.record(|| Happened::Healed);
        for id in self.cluster.servers().clone() {
            self.cluster.mend(id);
            self.restart(id)?;
        }
        self.set_faults(Faults { command_every, ..Faults::calm() });
        Ok(())
    }

    /// Lets so many events happen.
    ///
    /// # Errors
    /// Why the run ended early.
    pub fn run_events(&mut self, events: u64) -> Result<(), Stop> {
        let end = self.cluster.events() + events;
        while self.cluster.events() < end && self.step()? {}
        Ok(())
    }

    /// Lets so much time pass.
    ///
    /// # Errors
    /// Why the run ended early.
    pub fn run_for(&mut self, time: Duration) -> Result<(), Stop> {
        let end = self.cluster.now + time;
        while self.agenda.next_time().is_some_and(|next| next <= end) {
            self.step()?;
        }
        self.cluster.now = end;
        Ok(())
    }

    /// Lets time pass until `done`, at most `bound`; says whether it was done.
    ///
    /// # Errors
    /// Why the run ended early.
    pub fn run_until(
        &mut self,
        bound: Duration,
        mut done: impl FnMut(&Cluster) -> bool,
    ) -> Result<bool, Stop> {
        let end = self.cluster.now + bound;
        while !done(&self.cluster) {
            if self.agenda.next_time().is_none_or(|next| next > end) {
                return Ok(false);
            }
            self.step()?;
        }
        Ok(true)
    }

    /// The server that leads, if the whole cluster agrees: it leads the newest term, and every other member
    /// of its configuration is up and in its term, and follows.
    pub fn agreed_leader(cluster: &Cluster) -> Option<ServerId> {
        let &(term, leader) = cluster.leaders().first()?;
        let agree = cluster.members().iter().all(|&id| {
            cluster.node(id).is_some_and(|node| {
                node.current_term() == term && (id == leader || node.role() == RoleName::Follower)
            })
        });
        agree.then_some(leader)
    }

    /// How many client requests ended with a result, and how many with an error.
    pub fn ended(&self) -> (u64, u64) {
        self.clients.ended()
    }

    /// From now on clients ask this.
    pub fn set_asking(&mut self, asking: Asking) {
        self.clients.asking = asking;
    }

    /// How many queries ended with a result.
    pub fn read(&self) -> u64 {
        self.clients.read()
    }

    /// Whether a client still repeats its command, since it has heard no result.
    pub fn repeating(&self) -> bool {
        self.clients.repeating()
    }

    /// The requests that were never answered, though the server that was asked has not crashed since.
    pub fn unanswered(&self) -> Vec<RequestId> {
        self.clients.unanswered(&self.cluster)
    }

    /// What clients asked and were told, for [`linearizability`](crate::linearizability).
    pub fn history(&self) -> Vec<Operation> {
        self.clients.history()
    }

    /// Does what is due next; false if nothing ever will be.
    fn step(&mut self) -> Result<bool, Stop> {
        let Some((when, due)) = self.agenda.pop() else { return Ok(false) };
        self.pass_time(when.time())?;
        if self.instant.1 > ENDLESS - TOLD {
            *self.mostly.entry(self.describe(due)).or_default() += 1;
        }
        match due {
            Due::Start(id) => self.tell(id, Event::Start, None)?,
            Due::Deliver(place) => self.deliver(place)?,
            Due::Timeout(id, timer) => self.timeout(when, id, timer)?,
            Due::Partition { mix } if mix == self.mix => self.change_partition(mix),
            Due::Crash { mix } if mix == self.mix => self.crash_or_restart(mix)?,
            Due::Disk { mix } if mix == self.mix => self.disk_goes_wrong(mix),
            Due::Command { mix } if mix == self.mix => self.send_command(mix)?,
            Due::Repeat(repeat) => {
                let step = self.clients.again(repeat, &self.cluster);
                self.client_does(step)?;
            }
            Due::Change { mix } if mix == self.mix => self.ask_for_change(mix)?,
            Due::Partition { .. }
            | Due::Crash { .. }
            | Due::Disk { .. }
            | Due::Command { .. }
            | Due::Change { .. } => {}
        }
        Ok(true)
    }

    fn pass_time(&mut self, now: Duration) -> Result<(), Stop> {
        self.cluster.now = now;
        if self.instant.0 != now {
            self.instant = (now, 0);
        }
        self.instant.1 += 1;
        if self.instant.1 < ENDLESS {
            return Ok(());
        }
        let mut mostly: Vec<_> = std::mem::take(&mut self.mostly).into_iter().collect();
        mostly.sort_by_key(|&(_, times)| std::cmp::Reverse(times));
        mostly.truncate(3);
        Err(Stop::Endless { at: now, events: self.instant.1, mostly })
    }

    fn describe(&self, due: Due) -> String {
        match due {
            Due::Start(id) => format!("start of {id}"),
            Due::Deliver(place) => self.under_way.describe(place),
            Due::Timeout(id, timer) => format!("{} of {id}", Told::Timeout(timer)),
            Due::Partition { .. } => "partition".to_owned(),
            Due::Crash { .. } => "crash".to_owned(),
            Due::Disk { .. } => "disk".to_owned(),
            Due::Command { .. } => "client command".to_owned(),
            Due::Change { .. } => "change of members".to_owned(),
            Due::Repeat(_) => "repeated client command".to_owned(),
        }
    }

    /// Tells a server of an event, and carries out what it wants done.
    fn tell(&mut self, id: ServerId, event: Event, asked: Option<Asked>) -> Result<(), Stop> {
        let effects = self.cluster.handle(id, event)?;
        if !self.cluster.is_up(id) {
            self.timers[slot(id)] = [Clock::default(); 3];
        }
        if effects.len() > TOO_MANY_EFFECTS {
            let mostly = vec![(format!("effects of one event at {id}"), effects.len() as u64)];
            return Err(Stop::Endless { at: self.cluster.now, events: 1, mostly });
        }
        let mut asked = asked;
        for effect in effects {
            match effect {
                Effect::SetTimer { timer, after } => self.arm(id, timer, after),
                Effect::Call { call, to, request } => {
                    let incarnation = self.cluster.incarnation(id);
                    self.send(id, to, call, incarnation, Body::Request(request));
                }
                Effect::Answer { call, to, reply } => {
                    if let Some(Asked { request, incarnation }) = asked.take() {
                        self.send(id, to, call, incarnation, Body::Reply { request, reply });
                    }
                }
                Effect::Client { id: request, result } => self.answered(id, request, &result)?,
            }
        }
        Ok(())
    }

    fn send(
        &mut self,
        from: ServerId,
        to: ServerId,
        call: protocol::CallId,
        incarnation: u32,
        body: Body,
    ) {
        self.sent += 1;
        let message = Message { id: MessageId(self.sent), from, to, call, incarnation, body };
        self.cluster.record(|| Happened::Sent { message: message.clone() });
        if slot(to) >= self.timers.len() {
            return;
        }
        let id = message.id;
        let link = slot(from) * self.timers.len() + slot(to);
        let faults = self.link_faults.get(&link).unwrap_or(&self.faults);
        let fate = faults.fate(message.is_request(), &mut self.weather[link]);
        if self.links.is_cut(from, to) {
            return self.cluster.record(|| Happened::Lost { id, why: Lost::Partition });
        }
        let now = self.cluster.now;
        match fate {
            Fate::Lost => self.cluster.record(|| Happened::Lost { id, why: Lost::Dropped }),
            Fate::Once(delay) => {
                let place = self.under_way.put(message);
                self.agenda.schedule(now + delay, Due::Deliver(place));
            }
            Fate::Twice(first, second) => {
                self.cluster.record(|| Happened::Duplicated { id });
                let place = self.under_way.put(message.clone());
                self.agenda.schedule(now + first, Due::Deliver(place));
                let place = self.under_way.put(message);
                self.agenda.schedule(now + second, Due::Deliver(place));
            }
        }
    }

    fn deliver(&mut self, place: usize) -> Result<(), Stop> {
        let Some(message) = self.under_way.take(place) else { return Ok(()) };
        let (id, to) = (message.id, message.to);
        if let Some(why) = lost_on_arrival(&message, &self.cluster, &self.links) {
            self.cluster.record(|| Happened::Lost { id, why });
            return Ok(());
        }
        self.cluster.record(|| Happened::Delivered { id });
        let (event, asked) = message.into_event();
        self.tell(to, event, asked)
    }

    fn arm(&mut self, id: ServerId, timer: Timer, after: Duration) {
        self.cluster.record(|| Happened::TimerSet { server: id, timer, after });
        let when = self.agenda.place(self.cluster.now + after);
        let clock = &mut self.timers[slot(id)][timer as usize];
        clock.armed = Some(when);
        if clock.on_agenda.is_none_or(|due| due > when) {
            clock.on_agenda = Some(when);
            self.agenda.put(when, Due::Timeout(id, timer));
        }
    }

    fn timeout(&mut self, when: When, id: ServerId, timer: Timer) -> Result<(), Stop> {
        let clock = &mut self.timers[slot(id)][timer as usize];
        if clock.on_agenda != Some(when) {
            return Ok(());
        }
        clock.on_agenda = None;
        match clock.armed {
            Some(armed) if armed == when => {
                clock.armed = None;
                self.tell(id, Event::Timeout(timer), None)
            }
            Some(armed) => {
                clock.on_agenda = Some(armed);
                self.agenda.put(armed, Due::Timeout(id, timer));
                Ok(())
            }
            None => Ok(()),
        }
    }
}

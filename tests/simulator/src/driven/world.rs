//! A world that moves drivers by a virtual clock.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::ops::Range;
use std::time::Duration;

use protocol::ServerId;
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::faults::DriverFaults;
use super::watch::Watch;
use super::wrong::Wrong;
use crate::Trouble;
use crate::invariants::slot;
use crate::network::stream;

/// A driver of one server: it receives what has arrived, and returns what leaves.
pub trait Driver {
    /// What arrives: messages of other servers, requests of clients.
    type Input: Clone;

    /// Handles what has arrived. Returns what leaves, or `None` if the server has stopped: its disk has failed, or
    /// its machine has gone down.
    fn turn(
        &mut self,
        now: Duration,
        inbox: &mut VecDeque<Self::Input>,
    ) -> Option<Vec<Sent<Self::Input>>>;

    /// When it must have a turn even if nothing arrives.
    fn wake_at(&self) -> Option<Duration>;
}

/// Something that leaves a driver.
#[derive(Clone, Debug)]
pub struct Sent<I> {
    /// The server that it goes to.
    pub to: ServerId,
    /// What arrives there.
    pub input: I,
    /// Whether it is a reply.
    pub is_reply: bool,
}

/// Makes the driver of a server, at the beginning and after each restart.
type Make<D> = Box<dyn Fn(&Watch, ServerId, u32) -> D>;

/// Makes the request of a client with this number.
type Ask<I> = Box<dyn Fn(u64) -> I>;

/// What decides a run.
pub struct DrivenOptions<D: Driver> {
    /// The seed of every random draw.
    pub seed: u64,
    /// The faults.
    pub faults: DriverFaults,
    /// The average time until a client sends some server a request.
    pub ask_every: Duration,
    /// Makes the driver of a server in this life, counted from 1. Its server comes from [`Watch::server`].
    pub make: Make<D>,
    /// Makes the requests.
    pub ask: Ask<D::Input>,
}

/// What happened in a run, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Turns.
    pub turns: u64,
    /// The most inputs that were waiting for one turn.
    pub largest_batch: usize,
    /// Servers that went down between turns.
    pub crashes: u64,
    /// Servers that went down inside a write or because an fsync failed.
    pub stops: u64,
    /// Replies to earlier lives that were delivered.
    pub stale_replies: u64,
}

/// A world that moves drivers. See the [crate documentation](crate).
pub struct Driven<D: Driver> {
    /// The judge.
    pub watch: Watch,
    /// What happened so far.
    pub tally: Tally,
    options: DrivenOptions<D>,
    hosts: Vec<Host<D>>,
    agenda: BTreeMap<(Duration, u64), Due<D::Input>>,
    placed: u64,
    now: Duration,
    asked: u64,
    rng: ChaCha8Rng,
}

/// A machine.
struct Host<D: Driver> {
    driver: Option<D>,
    inbox: VecDeque<D::Input>,
    /// Until then it waits for its disk.
    busy_until: Duration,
    lives: u32,
    /// Copies of replies that were sent to it, for a later life.
    replies: VecDeque<D::Input>,
}

enum Due<I> {
    Arrive { to: ServerId, input: I, is_reply: bool },
    Turn(ServerId),
    Crash,
    Restart(ServerId),
    Ask,
}

/// At most this many replies to a life are kept for a later one.
const KEPT_REPLIES: usize = 300;

impl<D: Driver> fmt::Debug for Driven<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driven")
            .field("now", &self.now)
            .field("tally", &self.tally)
            .finish_non_exhaustive()
    }
}

impl<D: Driver> Driven<D> {
    /// A world with servers S1 to S`servers` of `watch`, which start at once.
    pub fn new(servers: u64, watch: Watch, options: DrivenOptions<D>) -> Self {
        // A stream of its own, so that the servers' draws change nothing here.
        let rng = stream(options.seed, 200);
        let host = |_| Host {
            driver: None,
            inbox: VecDeque::new(),
            busy_until: Duration::ZERO,
            lives: 0,
            replies: VecDeque::new(),
        };
        let mut world = Driven {
            watch,
            tally: Tally::default(),
            hosts: (0..servers).map(host).collect(),
            agenda: BTreeMap::new(),
            placed: 0,
            now: Duration::ZERO,
            asked: 0,
            rng,
            options,
        };
        for id in (1..=servers).map(ServerId) {
            world.place(Duration::ZERO, Due::Restart(id));
        }
        world.later(Some(world.options.ask_every), Due::Ask);
        world.later(world.options.faults.crash_every, Due::Crash);
        world
    }

    /// The driver of a server, unless the server is down.
    pub fn driver(&self, id: ServerId) -> Option<&D> {
        self.hosts[slot(id)].driver.as_ref()
    }

    /// The virtual time since the run began.
    pub fn now(&self) -> Duration {
        self.now
    }

    /// From now on these faults happen.
    pub fn set_faults(&mut self, faults: DriverFaults) {
        self.options.faults = faults;
    }

    /// Runs for this much virtual time.
    ///
    /// # Errors
    /// The first thing that was wrong.
    pub fn run_for(&mut self, time: Duration) -> Result<(), Wrong> {
        let end = self.now + time;
        while let Some(first) = self.agenda.first_entry() {
            if first.key().0 > end {
                break;
            }
            let ((now, _), due) = first.remove_entry();
            self.now = now;
            self.happen(due);
            self.watch.verdict()?;
        }
        self.now = end;
        Ok(())
    }

    /// Crashes a server now. Messages on their way to it will arrive in its next life.
    pub fn crash(&mut self, id: ServerId) {
        if self.hosts[slot(id)].driver.take().is_none() {
            return;
        }
        self.tally.crashes += 1;
        let torn = self.rng.random_range(0..64);
        self.goes_down(id, torn);
    }

    /// Delivers to a server the replies that were sent to its earlier lives, the newest first. Returns how many
    /// there were: a scenario of its own, besides the fault of a storm.
    pub fn deliver_replies_from_earlier_lives(&mut self, id: ServerId, most: usize) -> usize {
        let host = &mut self.hosts[slot(id)];
        let kept = host.replies.len();
        let stale = host.replies.split_off(kept.saturating_sub(most));
        host.replies.clear();
        let count = stale.len();
        self.tally.stale_replies += count as u64;
        for input in stale.into_iter().rev() {
            let after = self.draw(Duration::ZERO..Duration::from_millis(1_500));
            self.place(self.now + after, Due::Arrive { to: id, input, is_reply: false });
        }
        count
    }

    fn happen(&mut self, due: Due<D::Input>) {
        match due {
            Due::Arrive { to, input, is_reply } => self.arrive(to, input, is_reply),
            Due::Turn(id) => self.turn(id),
            Due::Crash => {
                self.some_server_goes_down();
                self.later(self.options.faults.crash_every, Due::Crash);
            }
            Due::Restart(id) => self.restart(id),
            Due::Ask => {
                self.asked += 1;
                let input = (self.options.ask)(self.asked);
                let to = self.some_server();
                self.arrive(to, input, false);
                self.later(Some(self.options.ask_every), Due::Ask);
            }
        }
    }

    fn arrive(&mut self, to: ServerId, input: D::Input, is_reply: bool) {
        let now = self.now;
        let Some(host) = self.hosts.get_mut(slot(to)) else { return };
        if is_reply {
            host.replies.push_back(input.clone());
            if host.replies.len() > KEPT_REPLIES {
                host.replies.pop_front();
            }
        }
        if host.driver.is_some() {
            host.inbox.push_back(input);
            let when = host.busy_until.max(now);
            self.place(when, Due::Turn(to));
        }
    }

    /// Lets a driver have a turn, unless it waits for its disk or has nothing to do.
    fn turn(&mut self, id: ServerId) {
        let now = self.now;
        let host = &mut self.hosts[slot(id)];
        let Some(driver) = host.driver.as_mut().filter(|_| host.busy_until <= now) else { return };
        if host.inbox.is_empty() && driver.wake_at().is_none_or(|at| at > now) {
            return;
        }
        self.tally.turns += 1;
        self.tally.largest_batch = self.tally.largest_batch.max(host.inbox.len());
        let Some(sent) = driver.turn(now, &mut host.inbox) else {
            host.driver = None;
            self.tally.stops += 1;
            return self.goes_down(id, 0);
        };
        self.watch.left(id);
        let took = self.draw(self.options.faults.turn.clone());
        self.hosts[slot(id)].busy_until = now + took;
        for Sent { to, input, is_reply } in sent {
            self.send(to, input, is_reply, took);
        }
        let host = &self.hosts[slot(id)];
        let wake = host.driver.as_ref().and_then(Driver::wake_at);
        let next = if host.inbox.is_empty() { wake } else { Some(now) };
        if let Some(next) = next {
            self.place(next.max(now + took), Due::Turn(id));
        }
    }

    fn send(&mut self, to: ServerId, input: D::Input, is_reply: bool, took: Duration) {
        let faults = self.options.faults.clone();
        if self.chance(faults.lose) {
            return;
        }
        if self.chance(faults.duplicate) {
            let at = self.now + took + self.draw(faults.delay.start..faults.delay.end * 4);
            self.place(at, Due::Arrive { to, input: input.clone(), is_reply });
        }
        let at = self.now + took + self.draw(faults.delay);
        self.place(at, Due::Arrive { to, input, is_reply });
    }

    /// At once, between two turns; or in the next turn, inside a write or because the fsync fails.
    fn some_server_goes_down(&mut self) {
        let id = self.some_server();
        let disk = self.watch.disk(id);
        if self.chance(self.options.faults.failing_sync) {
            disk.trouble(Trouble::Sync { written: self.rng.random_range(0..64) });
        } else if self.rng.random_bool(0.5) {
            let torn = self.rng.random_range(0..400);
            disk.trouble_after(Trouble::Crash { torn }, self.rng.random_range(0..3));
        } else {
            self.crash(id);
        }
    }

    fn goes_down(&mut self, id: ServerId, torn: usize) {
        self.watch.disk(id).repair();
        self.watch.crash(id, torn);
        self.hosts[slot(id)].inbox.clear();
        let after = self.draw(self.options.faults.down.clone());
        self.place(self.now + after, Due::Restart(id));
    }

    fn restart(&mut self, id: ServerId) {
        let lives = self.hosts[slot(id)].lives + 1;
        let driver = (self.options.make)(&self.watch, id, lives);
        let host = &mut self.hosts[slot(id)];
        host.lives = lives;
        host.busy_until = self.now;
        host.driver = Some(driver);
        if lives > 1 {
            let most = self.options.faults.replies_from_earlier_lives;
            self.deliver_replies_from_earlier_lives(id, most);
        }
        self.place(self.now, Due::Turn(id));
    }

    fn some_server(&mut self) -> ServerId {
        ServerId(self.rng.random_range(1..=self.hosts.len() as u64))
    }

    fn chance(&mut self, percent: u8) -> bool {
        self.rng.random_range(0..100) < percent
    }

    fn draw(&mut self, range: Range<Duration>) -> Duration {
        if range.is_empty() { range.start } else { self.rng.random_range(range) }
    }

    /// Something that happens after this time on average.
    fn later(&mut self, average: Option<Duration>, due: Due<D::Input>) {
        let Some(average) = average else { return };
        let after = self.draw(Duration::ZERO..average * 2);
        self.place(self.now + after, due);
    }

    fn place(&mut self, when: Duration, due: Due<D::Input>) {
        self.placed += 1;
        self.agenda.insert((when, self.placed), due);
    }
}

//! The clients of a run.
//!
//! | keys | operations | judged by |
//! |---|---|---|
//! | `register-N` | writes of values that occur once, and reads | zones |
//! | `counter-N` | increments by amounts that occur once, and reads | bounds |
//! | `short-N` | appends, compare-and-swap, and reads; a new key after 80 of them | the general search |
//!
//! Writes of registers have no session, nor do half of the clients when they count: a client that does not know what
//! became of such a command does not ask again. All other commands are those of a session, if the servers have sessions,
//! and are repeated until they are answered. Every fourth client only reads, and stays with the server that answers: it
//! notices what a deposed leader still says.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use cluster::client::{Attempt, Attempted, Client, Outcome as Ended, Session};
use cluster::tool::Reply;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::history::{Call, Operation, Outcome};
use crate::watch::nanos;

/// How long a client waits for an answer. A server gives up later, so this happens if it is paused.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// How long a client tries one operation.
const OPERATION: Duration = Duration::from_secs(6);

/// All clients together begin at most this many operations a second: a history must be judged in seconds.
const RATE: u64 = 4_000;

/// How many keys of each kind are in use.
const REGISTERS: u64 = 8;
const COUNTERS: u64 = 3;

/// At most this many clients use the same short-lived key, …
const CLIENTS_A_KEY: u64 = 4;

/// … for this many operations: the general search is exponential in the worst case.
const OPERATIONS_A_KEY: u64 = 80;

/// What all clients share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) start: Instant,
    pub(crate) stop: AtomicBool,
    /// The latest request for a command that was executed, in nanoseconds since the start.
    pub(crate) executed: AtomicU64,
    servers: Vec<String>,
    clients: u64,
    /// Whether clients have sessions.
    sessions: bool,
    seed: u64,
    /// The next value, amount or token: none occurs twice.
    unique: AtomicU64,
    /// How many operations have begun on short-lived keys, for each group of clients.
    short: Vec<AtomicU64>,
}

impl Shared {
    pub(crate) fn new(servers: Vec<String>, clients: u64, sessions: bool, seed: u64) -> Self {
        let groups = clients.div_ceil(CLIENTS_A_KEY);
        Shared {
            start: Instant::now(),
            stop: AtomicBool::new(false),
            executed: AtomicU64::new(0),
            servers,
            clients,
            sessions,
            seed,
            unique: AtomicU64::new(1),
            short: (0..groups).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Lets all clients ask, until `stop`.
    pub(crate) fn start_clients(self: &Arc<Self>) -> Vec<JoinHandle<Vec<Operation>>> {
        let begin = |number: u64| {
            let shared = self.clone();
            thread::spawn(move || Worker::new(number, shared).work())
        };
        (0..self.clients).map(begin).collect()
    }

    /// Reads every register and counter once more, when all is over.
    pub(crate) fn last_reads(self: &Arc<Self>) -> Vec<Operation> {
        let mut worker = Worker::new(self.clients, self.clone());
        let registers = (0..REGISTERS).map(|number| format!("register-{number}"));
        let counters = (0..COUNTERS).map(|number| format!("counter-{number}"));
        for key in registers.chain(counters) {
            worker.carry_out(Call::new("get", &key, &[]), false);
        }
        worker.done
    }

    fn next(&self) -> u64 {
        self.unique.fetch_add(1, Ordering::Relaxed)
    }
}

/// One client.
struct Worker {
    number: u64,
    shared: Arc<Shared>,
    rng: ChaCha8Rng,
    client: Client,
    session: Option<Session>,
    /// The short-lived key that it read last, and the value.
    seen: Option<(String, String)>,
    done: Vec<Operation>,
}

impl Worker {
    fn new(number: u64, shared: Arc<Shared>) -> Self {
        let mut client = Client::new(shared.servers.clone(), PATIENCE);
        client.go_to(usize::try_from(number).unwrap_or(0) % shared.servers.len());
        let mut rng = ChaCha8Rng::seed_from_u64(shared.seed);
        rng.set_stream(number + 1);
        Worker { number, shared, rng, client, session: None, seen: None, done: Vec::new() }
    }

    fn work(mut self) -> Vec<Operation> {
        let pause = Duration::from_micros(1_000_000 * self.shared.clients / RATE);
        let mut due = Instant::now();
        while !self.shared.stop.load(Ordering::Relaxed) {
            // A client that is late does not catch up: that would be a burst after each fault.
            due = (due + pause).max(Instant::now());
            self.operate();
            thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        self.done
    }

    fn operate(&mut self) {
        let only_reads = self.number % 4 == 3;
        let register = format!("register-{}", self.rng.random_range(0..REGISTERS));
        let counter = format!("counter-{}", self.rng.random_range(0..COUNTERS));
        let unique = || self.shared.next().to_string();
        let (call, in_session) = match self.rng.random_range(0..100) {
            0..80 if only_reads => (Call::new("get", &register, &[]), false),
            _ if only_reads => (Call::new("get", &counter, &[]), false),
            0..30 => (Call::new("set", &register, &[unique()]), false),
            30..45 => (Call::new("get", &register, &[]), false),
            // With a session, a server that executes everything twice would not be noticed.
            45..70 => (Call::new("incrby", &counter, &[unique()]), self.number.is_multiple_of(2)),
            70..75 => (Call::new("get", &counter, &[]), false),
            _ => self.of_short_key(),
        };
        self.carry_out(call, in_session);
        // Now and then a client goes to any server. Otherwise all would follow the newest leader, and none would notice what
        // a deposed one says.
        if self.rng.random_bool(0.01) {
            let servers = self.shared.servers.len();
            self.client.go_to(self.rng.random_range(0..servers));
        }
    }

    fn of_short_key(&mut self) -> (Call, bool) {
        let group = self.number / CLIENTS_A_KEY;
        let place = usize::try_from(group).unwrap_or(0);
        let begun = self.shared.short[place].fetch_add(1, Ordering::Relaxed);
        let key = format!("short-{group}-{}", begun / OPERATIONS_A_KEY);
        let token = format!("{},", self.shared.next());
        let seen = self.seen.take().filter(|(of, _)| *of == key);
        match (self.rng.random_range(0..10), seen) {
            (0..5, _) => (Call::new("append", &key, &[token]), true),
            (5..8, Some((_, value))) => (Call::new("cas", &key, &[value, token]), true),
            _ => (Call::new("get", &key, &[]), false),
        }
    }

    /// Carries out an operation, and keeps what became of it.
    fn carry_out(&mut self, call: Call, in_session: bool) {
        let shared = self.shared.clone();
        let until = Instant::now() + OPERATION;
        if in_session && shared.sessions && self.session.is_none() {
            self.session = Session::open(&mut self.client, until);
            if self.session.is_none() {
                return;
            }
        }
        let since = |at: Instant| nanos(at.duration_since(shared.start));
        let mut attempts = Vec::new();
        let mut note = |it: Attempted| {
            let outcome = match it.attempt {
                Attempt::Done(_) => Outcome::Done,
                Attempt::NotDone(_) => Outcome::Nothing,
                Attempt::Unknown(_) => Outcome::Unknown,
            };
            let server = it.server as u64 + 1;
            attempts.push((server, since(it.called), since(it.returned), outcome));
        };
        let called = since(Instant::now());
        let words = call.words();
        let session = self.session.as_mut().filter(|_| in_session);
        let ended = match session {
            Some(session) => session.ask(&mut self.client, &words, until, &mut note),
            None => self.client.ask(&words, until, &mut note),
        };
        let returned = since(Instant::now());
        let (outcome, answer) = match ended {
            Ended::Done(reply) => (Outcome::Done, text_of(reply)),
            Ended::NotDone => (Outcome::Nothing, None),
            Ended::Unknown => {
                if in_session {
                    // Its session has a command under way, perhaps forever.
                    self.session = None;
                }
                (Outcome::Unknown, None)
            }
        };
        if outcome == Outcome::Done {
            if call.name != "get" {
                shared.executed.fetch_max(called, Ordering::Relaxed);
            }
            if call.name == "get" && call.key.starts_with("short") {
                self.seen = answer.clone().map(|value| (call.key.clone(), value));
            }
        }
        let is_over = outcome != Outcome::Unknown;
        self.done.push(Operation {
            client: self.number,
            call,
            called,
            returned: is_over.then_some(returned),
            outcome,
            answer,
            attempts,
        });
    }
}

/// A reply as text; `None` if the key has no value.
fn text_of(reply: Reply) -> Option<String> {
    match reply {
        Reply::Simple(text) => Some(text),
        Reply::Integer(number) => Some(number.to_string()),
        Reply::Bulk(value) => value.map(|value| String::from_utf8_lossy(&value).into_owned()),
        Reply::Error(text) => Some(format!("error: {text}")),
        Reply::Nothing => None,
    }
}

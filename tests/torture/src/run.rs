//! A whole run: servers, clients, faults, and what is left at the end.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cluster::client::{Client, Session};
use cluster::tool::{Machines, Outcome};

use crate::faults::Damage;
use crate::history::{Fault, History, Line, Run, VERSION};
use crate::plan::{Kind, Plan, Round};
use crate::watch::{nanos, watch};
use crate::workload::Shared;

/// What a run was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) made_of: String,
    pub(crate) seconds: u64,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) clients: u64,
    pub(crate) servers: u64,
    pub(crate) seed: u64,
}

/// The longest election timeout of the servers.
const ELECTION: Duration = Duration::from_secs(1);

/// After healing, commands must be executed again within this time.
const AVAILABLE: Duration = Duration::from_secs(10);

/// How long the first election may take.
const FIRST: Duration = Duration::from_secs(10);

/// How often progress is checked.
const LOOK: Duration = Duration::from_millis(20);

/// Runs servers under faults, in this folder. `interrupted` ends the run early.
pub(crate) fn run(dir: &Path, wanted: &Wanted, interrupted: &AtomicBool) -> Outcome<History> {
    let machines = Machines::start(dir, &wanted.made_of, wanted.servers, false)?;
    let servers: Vec<String> =
        machines.ids().into_iter().map(|id| machines.client(id).to_owned()).collect();
    await_leader(&machines);
    let sessions = has_sessions(&servers);
    let shared = Arc::new(Shared::new(servers, wanted.clients, sessions, wanted.seed));
    let stop_watching = Arc::new(AtomicBool::new(false));
    let watchers: Vec<_> = machines
        .ids()
        .into_iter()
        .map(|id| watch(id, machines.client(id).to_owned(), shared.start, stop_watching.clone()))
        .collect();
    let clients = shared.start_clients();
    let mut course = Faults {
        machines,
        shared: shared.clone(),
        others: Vec::new(),
        healed: None,
        dead: BTreeSet::new(),
    };
    let ended = course.torment(wanted, interrupted);
    course.await_commands(AVAILABLE);
    shared.stop.store(true, Ordering::Relaxed);
    let mut operations = Vec::new();
    for client in clients {
        operations.extend(client.join().expect("a client does not panic"));
    }
    ended?;
    operations.extend(shared.last_reads());
    course.note_ends();
    stop_watching.store(true, Ordering::Relaxed);
    for watcher in watchers {
        let roles = watcher.join().expect("the watching thread does not panic");
        course.others.extend(roles.into_iter().map(Line::Role));
    }
    operations.sort_by_key(|operation| operation.called);
    let run = Run {
        version: VERSION,
        made_of: wanted.made_of.clone(),
        servers: wanted.servers,
        clients: wanted.clients,
        seconds: wanted.seconds,
        seed: wanted.seed,
        faults: wanted.kinds.iter().map(ToString::to_string).collect(),
        sessions,
        election_timeout: nanos(ELECTION),
    };
    let history = History { run, operations, others: course.others };
    course.machines.end()?;
    Ok(history)
}

fn await_leader(machines: &Machines) {
    let begin = Instant::now();
    while machines.leader().is_none() && begin.elapsed() < FIRST {
        thread::sleep(LOOK);
    }
}

/// Whether the servers open sessions. Without exercise 4.9, they reject that.
fn has_sessions(servers: &[String]) -> bool {
    let mut client = Client::new(servers.to_vec(), ELECTION);
    Session::open(&mut client, Instant::now() + 2 * ELECTION).is_some()
}

/// The faults of a run, while it lasts.
struct Faults {
    machines: Machines,
    shared: Arc<Shared>,
    others: Vec<Line>,
    /// The last healing, as long as no command that was called after it has been executed.
    healed: Option<u64>,
    /// Servers that have ended by themselves, and do not or must not start again.
    dead: BTreeSet<u64>,
}

impl Faults {
    fn now(&self) -> u64 {
        nanos(self.shared.start.elapsed())
    }

    /// One round after another, until the time is up. Each round heals what it has broken.
    fn torment(&mut self, wanted: &Wanted, interrupted: &AtomicBool) -> Outcome<()> {
        let end = Duration::from_secs(wanted.seconds);
        let is_over = |faults: &Self| {
            faults.shared.start.elapsed() >= end || interrupted.load(Ordering::Relaxed)
        };
        // So that the page shows a moment without faults first.
        rest(Duration::from_millis(500), interrupted);
        for round in Plan::new(wanted.seed, &wanted.kinds) {
            if is_over(self) {
                return Ok(());
            }
            self.round(&round, interrupted)?;
            self.await_commands(AVAILABLE);
            rest(round.calm, interrupted);
        }
        while !is_over(self) {
            rest(LOOK, interrupted);
        }
        Ok(())
    }

    fn round(&mut self, round: &Round, interrupted: &AtomicBool) -> Outcome<()> {
        let leader = self.machines.leader();
        let mut damage = Damage::default();
        let mut begun = Vec::new();
        for &fault in &round.faults {
            let begin = self.now();
            let words = damage.inflict(&mut self.machines, fault, leader)?;
            begun.push((fault.kind, begin, words));
        }
        self.note_deaths(&damage);
        rest(round.lasts, interrupted);
        self.note_deaths(&damage);
        for (server, words) in damage.heal(&mut self.machines)? {
            self.dead.insert(server);
            self.others.push(Line::Died { server, at: self.now(), words });
        }
        let end = self.now();
        for (kind, begin, words) in begun {
            let fault = kind.to_string();
            self.others.push(Line::Fault(Fault { fault, begin, end, words }));
        }
        self.others.push(Line::Healed { at: end });
        self.healed = Some(end);
        Ok(())
    }

    /// Waits until a command is executed that was called after the last healing.
    fn await_commands(&mut self, most: Duration) {
        let Some(healed) = self.healed else { return };
        let begin = Instant::now();
        while begin.elapsed() < most {
            if self.shared.executed.load(Ordering::Relaxed) > healed {
                self.others.push(Line::Available { healed, at: self.now() });
                self.healed = None;
                return;
            }
            thread::sleep(LOOK);
        }
    }

    /// Notes the processes that have ended by themselves, and starts them again if they may.
    fn note_deaths(&mut self, damage: &Damage) {
        for id in self.machines.ids() {
            let is_expected = damage.killed.contains(&id) || self.dead.contains(&id);
            if !is_expected && !self.machines.is_alive(id) {
                let words = self.machines.last_lines(id);
                self.others.push(Line::Died { server: id, at: self.now(), words });
                // A server that keeps nothing on disk would break promises that it has forgotten.
                if !self.machines.is_durable() || self.machines.restart(id).is_err() {
                    self.dead.insert(id);
                }
            }
        }
    }

    /// Waits until all servers have applied the same entries, and notes their states.
    fn note_ends(&mut self) {
        self.note_deaths(&Damage::default());
        let begin = Instant::now();
        let ends = loop {
            let ids = self.machines.ids();
            let ends: Vec<_> = ids.iter().map(|&id| (id, self.machines.digest(id))).collect();
            let applied = |end: &(u64, Option<(u64, String)>)| end.1.as_ref().map(|it| it.0);
            let agree = applied(&ends[0]).is_some()
                && ends.iter().all(|end| applied(end) == applied(&ends[0]));
            if agree || begin.elapsed() > AVAILABLE {
                break ends;
            }
            thread::sleep(5 * LOOK);
        };
        for (server, digest) in ends {
            let (applied, checksum) = digest.map_or((None, String::new()), |it| (Some(it.0), it.1));
            self.others.push(Line::End { server, applied, checksum });
        }
    }
}

fn rest(time: Duration, interrupted: &AtomicBool) {
    let begin = Instant::now();
    while begin.elapsed() < time && !interrupted.load(Ordering::Relaxed) {
        thread::sleep(LOOK.min(time));
    }
}

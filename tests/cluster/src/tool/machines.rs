//! A cluster for an experiment: a program starts it, does to it what a machine room does, and ends it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::process::{Signal, signal};
use super::program::{self, Program};
use super::refusal::{Context as _, Outcome, refuse};
use super::running::{PATIENCE, alive, end, is_alive, kill, last_lines, leader, pid, start, tell};
use super::state::{Phase, Place, State};
use super::talk::{Info, Reply, Talk};
use crate::core::Batches;

/// Experiments use the ports from here on, below those that systems give to connections: a server that was killed finds
/// its port free when it starts again.
const FIRST_PORT: u16 = 10_000;

/// How many ports are tried.
const PORTS: u16 = 20_000;

/// How long the port of a killed server may be in use.
const PORT_IN_USE: Duration = Duration::from_secs(5);

/// A server that has much to catch up with answers later than others.
const CATCHING_UP: Duration = Duration::from_secs(5);

/// Servers of an experiment, in a folder of their own. They end with this value.
#[derive(Debug)]
pub struct Machines {
    dir: PathBuf,
    state: State,
    program: Program,
    links: BTreeMap<u64, LinkFaults>,
}

/// What is wrong with the links of one server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkFaults {
    /// Nothing goes to these servers or comes from them.
    pub cut: Vec<u64>,
    /// Nothing goes to these servers.
    pub muted: Vec<u64>,
    /// What goes to these servers is late, by this many milliseconds.
    pub slow: Option<(u64, Vec<u64>)>,
}

impl Machines {
    /// Builds the program and starts this number of servers in a folder that has none. Does not wait for a leader.
    ///
    /// # Errors
    /// If the program does not compile, or a server does not start.
    pub fn start(dir: &Path, made_of: &str, servers: u64, paper: bool) -> Outcome<Self> {
        Self::start_with(dir, made_of, servers, paper, Batches::default())
    }

    /// The same with drivers that hand over batches in this way.
    ///
    /// # Errors
    /// As [`Machines::start`].
    pub fn start_with(
        dir: &Path,
        made_of: &str,
        servers: u64,
        paper: bool,
        batches: Batches,
    ) -> Outcome<Self> {
        program::check(made_of)?;
        if !(1..=9).contains(&servers) {
            return refuse(format!("a cluster has 1 to 9 servers, not {servers}"));
        }
        fs::create_dir_all(dir).context(|| format!("cannot create {}", dir.display()))?;
        let program = program::build(made_of, dir)?;
        let cluster = getrandom::u64().map_err(io::Error::other);
        let state = State {
            cluster: cluster.context(|| "this system has no random numbers".to_owned())?,
            made_of: made_of.to_owned(),
            paper,
            batches,
            phase: Phase::Up,
            members: (1..=servers).collect(),
            servers: places(servers)?,
            next: servers + 1,
            groups: None,
        };
        state.save(dir)?;
        let machines = Machines { dir: dir.to_owned(), state, program, links: BTreeMap::new() };
        machines.ids().into_iter().try_for_each(|id| machines.restart(id))?;
        Ok(machines)
    }

    /// The servers' numbers.
    pub fn ids(&self) -> Vec<u64> {
        self.state.servers.keys().copied().collect()
    }

    /// Whether its servers keep their state on disk.
    pub fn is_durable(&self) -> bool {
        self.state.is_durable()
    }

    /// A server's address for clients.
    ///
    /// # Panics
    /// If there is no such server.
    pub fn client(&self, id: u64) -> &str {
        &self.state.servers[&id].client
    }

    /// The process of a server.
    ///
    /// # Errors
    /// If it is not known.
    pub fn process(&self, id: u64) -> Outcome<u32> {
        pid(&self.dir, id)
    }

    /// Whether a server's process is there, even if it is paused.
    pub fn is_alive(&self, id: u64) -> bool {
        is_alive(&self.dir, id)
    }

    /// The leader of the newest term among those that answer.
    pub fn leader(&self) -> Option<u64> {
        leader(&self.state).map(|(id, _)| id)
    }

    /// What a server reports about itself; `None` if it does not answer.
    pub fn info(&self, id: u64) -> Option<Info> {
        Info::of(self.client(id), PATIENCE).ok()
    }

    /// The index of the last entry that a server has applied, and a checksum of its state; `None` if it does not answer.
    pub fn digest(&self, id: u64) -> Option<(u64, String)> {
        let said = Talk::ask_once(self.client(id), &["RAFT", "DIGEST"], CATCHING_UP).ok()?;
        let Reply::Simple(text) = said else { return None };
        let (index, checksum) = text.split_once(' ')?;
        Some((index.parse().ok()?, checksum.to_owned()))
    }

    /// Ends a process at once.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn kill(&self, id: u64) -> Outcome<()> {
        kill(&self.dir, id)
    }

    /// Stops a process until it is resumed.
    ///
    /// # Errors
    /// If that cannot be done: on Windows, for example.
    pub fn pause(&self, id: u64) -> Outcome<()> {
        signal(pid(&self.dir, id)?, Signal::Pause).context(|| format!("S{id} cannot be paused"))
    }

    /// Lets a process go on.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn resume(&self, id: u64) -> Outcome<()> {
        signal(pid(&self.dir, id)?, Signal::Resume).context(|| format!("S{id} cannot be resumed"))
    }

    /// Starts a server that is down, and waits until it answers. The faults of its links are as before.
    ///
    /// # Errors
    /// If it does not start.
    pub fn restart(&self, id: u64) -> Outcome<()> {
        let begin = Instant::now();
        while super::running::used(&self.state.servers[&id]).is_some()
            && begin.elapsed() < PORT_IN_USE
        {
            std::thread::sleep(Duration::from_millis(20));
        }
        start(&self.dir, &self.state, id, &self.program)?;
        match self.links.get(&id) {
            Some(faults) => self.tell_links(id, faults),
            None => Ok(()),
        }
    }

    /// From now on, this is wrong with the links of a server, and nothing else.
    ///
    /// # Errors
    /// If the server does not answer.
    pub fn set_links(&mut self, id: u64, faults: LinkFaults) -> Outcome<()> {
        let told = self.tell_links(id, &faults);
        self.links.insert(id, faults);
        told
    }

    fn tell_links(&self, id: u64, faults: &LinkFaults) -> Outcome<()> {
        let (millis, slow) = faults.slow.clone().unwrap_or_default();
        let slow: Vec<u64> = [millis].into_iter().chain(slow).collect();
        for (word, numbers) in [("CUT", &faults.cut), ("MUTE", &faults.muted), ("SLOW", &slow)] {
            let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
            let numbers = numbers.iter().map(String::as_str);
            tell(&self.state, id, &["RAFT", word].into_iter().chain(numbers).collect::<Vec<_>>())?;
        }
        Ok(())
    }

    /// The last lines that a server has written.
    pub fn last_lines(&self, id: u64) -> String {
        last_lines(&self.dir, id, 12)
    }

    /// Ends all servers in order.
    ///
    /// # Errors
    /// If one does not end.
    pub fn end(self) -> Outcome<()> {
        self.ids().into_iter().try_for_each(|id| end(&self.dir, id))
    }
}

impl Drop for Machines {
    fn drop(&mut self) {
        for id in alive(&self.dir) {
            let _ = kill(&self.dir, id);
        }
    }
}

/// Removes what an earlier experiment has left in a folder, and ends its servers if they still run.
///
/// # Errors
/// If a server does not end, or the folder cannot be removed.
pub fn clear(dir: &Path) -> Outcome<()> {
    alive(dir).into_iter().try_for_each(|id| kill(dir, id))?;
    let removed = fs::remove_dir_all(dir).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    });
    removed.context(|| format!("cannot remove {}", dir.display()))
}

/// Addresses that nobody uses now, for this number of servers.
pub(super) fn places(servers: u64) -> Outcome<BTreeMap<u64, Place>> {
    // Programs that start at the same time begin at different places: none of these ports is taken before a server runs.
    let start = std::process::id().wrapping_mul(64) % u32::from(PORTS);
    let start = u16::try_from(start).unwrap_or(0);
    let ports = (0..PORTS).map(|offset| FIRST_PORT + (start + offset) % PORTS);
    let mut free = ports.filter(|&port| TcpListener::bind(("127.0.0.1", port)).is_ok());
    let mut address = || match free.next() {
        Some(port) => Ok(format!("127.0.0.1:{port}")),
        None => refuse("this machine has no free port"),
    };
    (1..=servers).map(|id| Ok((id, Place { peer: address()?, client: address()? }))).collect()
}

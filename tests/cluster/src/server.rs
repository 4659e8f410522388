//! The process of a server.

use std::collections::VecDeque;
use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use protocol::{Members, NoDisk, RoleName, ServerId, Setup, Term};

use crate::core::{Batches, Core, Identity, Input, Limits, Output, Protections};
use crate::folder::{Folder, Owner};
use crate::group_disk::GroupDisk;
pub use crate::kind::Kind;
use crate::kind::config;
use crate::machine::ByteStore;
use crate::maelstrom;
use crate::net::{Addresses, Clients, Inbox, Links, Peers};

/// The program of a server made of a module: `server_of_module!(membership, "7")`.
#[macro_export]
macro_rules! server_of_module {
    ($module:ident, $name:literal) => {
        static TABLE: $module::data_model::Rules = $module::RULES;

        fn main() -> std::process::ExitCode {
            let kind = $crate::server::Kind {
                name: $name,
                durable: $name != "4",
                make: |setup| Box::new($module::data_model::RaftNode::new(setup, &TABLE)),
            };
            $crate::server::main(kind, std::env::args().skip(1))
        }
    };
}

/// The command line of a server.
#[derive(Clone, Debug)]
struct Options {
    id: ServerId,
    cluster: u64,
    dir: PathBuf,
    /// Where servers connect.
    peers: String,
    /// Where clients connect.
    clients: String,
    /// Where the servers are, this one included.
    addresses: Vec<(ServerId, Addresses)>,
    /// The first configuration; empty for a server that waits to be added.
    members: Members,
    /// The paper's election timeout, and not one that suits slow disks.
    paper: bool,
    /// How the node is handed batches.
    batches: Batches,
}

const USAGE: &str = "SERVER --id N --cluster HEX --dir DIR --peers HOST:PORT --clients HOST:PORT \
                     --members 1,2,3 [--address N=PEER_HOST:PORT=CLIENT_HOST:PORT]... [--paper] \
                     [--batches together|single|off]\n       SERVER maelstrom";

/// Runs a server until it is ended or its disk fails. `words` are those of the command line.
pub fn main(kind: Kind, words: impl Iterator<Item = String>) -> ExitCode {
    run_by(kind, Protections::ALL, words)
}

/// The same with a driver that lacks some protections.
#[cfg(feature = "sabotage")]
pub fn main_with(
    kind: Kind,
    protections: Protections,
    words: impl Iterator<Item = String>,
) -> ExitCode {
    run_by(kind, protections, words)
}

fn run_by(kind: Kind, protections: Protections, words: impl Iterator<Item = String>) -> ExitCode {
    let mut words = words.peekable();
    if words.next_if(|word| word == "maelstrom").is_some() {
        return match maelstrom::run(kind) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("the node has stopped: {error}");
                ExitCode::FAILURE
            }
        };
    }
    let options = match options(words) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}\n\nUsage: {USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(kind, protections, &options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{} has stopped: {error}", options.id);
            ExitCode::FAILURE
        }
    }
}

fn options(words: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut words = words;
    let mut options = Options {
        id: ServerId(0),
        cluster: 0,
        dir: PathBuf::new(),
        peers: String::new(),
        clients: String::new(),
        addresses: Vec::new(),
        members: Members::new(),
        paper: false,
        batches: Batches::default(),
    };
    while let Some(word) = words.next() {
        if word == "--paper" {
            options.paper = true;
            continue;
        }
        let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
        let wrong = || format!("`{value}` is no value of {word}");
        match word.as_str() {
            "--id" => options.id = ServerId(value.parse().map_err(|_| wrong())?),
            "--cluster" => {
                options.cluster = u64::from_str_radix(&value, 16).map_err(|_| wrong())?;
            }
            "--batches" => options.batches = value.parse()?,
            "--dir" => options.dir = value.into(),
            "--peers" => options.peers = value,
            "--clients" => options.clients = value,
            "--members" => {
                let ids = value.split(',').filter(|id| !id.is_empty());
                let ids: Result<Members, _> = ids.map(|id| id.parse().map(ServerId)).collect();
                options.members = ids.map_err(|_| wrong())?;
            }
            "--address" => {
                let [id, peer, client] =
                    value.split('=').collect::<Vec<_>>().try_into().map_err(|_| wrong())?;
                let id = ServerId(id.parse().map_err(|_| wrong())?);
                let (peer, client) = (peer.to_owned(), client.to_owned());
                options.addresses.push((id, Addresses { peer, client }));
            }
            _ => return Err(format!("there is no option {word}")),
        }
    }
    let missing = [&options.peers, &options.clients].iter().any(|text| text.is_empty());
    if options.id == ServerId(0) || missing || options.dir.as_os_str().is_empty() {
        return Err("--id, --dir, --peers and --clients are needed".to_owned());
    }
    Ok(options)
}

fn run(kind: Kind, protections: Protections, options: &Options) -> io::Result<()> {
    let &Options { id, cluster, .. } = options;
    // Before the ports are opened: nobody talks to a server that may not have its folder.
    let owner = Owner { cluster, server: id, made_of: kind.name.to_owned() };
    let folder = Folder::open(&options.dir, &owner)?;
    let listen = |address: &str| {
        TcpListener::bind(address).map_err(|error| {
            io::Error::new(error.kind(), format!("cannot listen at {address}: {error}"))
        })
    };
    let (for_peers, for_clients) = (listen(&options.peers)?, listen(&options.clients)?);

    let disk = if kind.durable {
        GroupDisk::new(Box::new(folder))
    } else {
        // The folder stays locked as long as the process lives.
        std::mem::forget(folder);
        GroupDisk::new(Box::new(NoDisk))
    };
    let setup = Setup {
        id,
        members: options.members.clone(),
        config: config(options.paper),
        seed: random()?,
        disk: Box::new(disk.clone()),
        machine: Box::new(ByteStore::default()),
    };
    let identity = Identity { cluster, id, boot: random()? };
    let limits = Limits { batches: options.batches, ..Limits::default() };
    let core = Core::new(identity, limits, (kind.make)(setup), disk);
    let core = core.with(protections);

    let (links, inbox) = (Links::default(), Arc::new(Inbox::default()));
    let peers = Peers::new(links.clone());
    for (peer, addresses) in options.addresses.iter().filter(|(peer, _)| *peer != id) {
        peers.add(*peer, addresses.clone());
    }
    let clients = Clients::new(peers.clone(), links, inbox.clone());
    end_on_signals(&inbox)?;
    eprintln!("{id} starts, made of {}, with boot number {:x}", kind.name, identity.boot);
    let start = Instant::now();
    let mut owner = OwnerThread { core, peers, clients, inbox, start, shown: None };
    let started = owner.core.start(start.elapsed()).map_err(io::Error::other)?;
    owner.let_out(started);
    owner.peers.listen(for_peers, &owner.inbox);
    owner.clients.listen(for_clients);
    owner.run()?;
    if kind.durable {
        Folder::ended_in_order(&options.dir)?;
    }
    eprintln!("{id} ends");
    Ok(())
}

/// The thread that owns the server. It is the main one.
struct OwnerThread {
    core: Core,
    peers: Peers,
    clients: Clients,
    inbox: Arc<Inbox>,
    start: Instant,
    /// The role and term that were written last.
    shown: Option<(RoleName, Term)>,
}

impl OwnerThread {
    /// Runs until the server must end. Whatever has left by then is durable.
    fn run(&mut self) -> io::Result<()> {
        let most = Limits::default().batch;
        let mut batch: VecDeque<Input> = VecDeque::new();
        loop {
            let wake_at = self.core.wake_at().unwrap_or(Duration::MAX);
            let wait = wake_at.saturating_sub(self.start.elapsed()).min(Duration::from_secs(1));
            if !self.inbox.take(&mut batch, most, wait) {
                return Ok(());
            }
            let turned = self.core.turn(self.start.elapsed(), &mut batch);
            let out = turned.map_err(io::Error::other)?;
            self.let_out(out);
            self.show();
        }
    }

    fn let_out(&self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Message(envelope) => self.peers.send(envelope),
                Output::Answer { connection, answer } => self.clients.answer(connection, &answer),
            }
        }
    }

    /// Writes a line when role or term have changed.
    fn show(&mut self) {
        let node = self.core.node();
        let now = (node.role(), node.current_term());
        if self.shown.replace(now) != Some(now) {
            eprintln!("{:>8.3} s: {} of term {}", self.start.elapsed().as_secs_f32(), now.0, now.1);
        }
    }
}

fn random() -> io::Result<u64> {
    getrandom::u64().map_err(io::Error::other)
}

/// SIGTERM and SIGINT end the server in order.
#[cfg(unix)]
fn end_on_signals(inbox: &Arc<Inbox>) -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGINT])?;
    let inbox = inbox.clone();
    std::thread::spawn(move || {
        if signals.forever().next().is_some() {
            inbox.close();
        }
    });
    Ok(())
}

/// Windows has no SIGTERM. `RAFT SHUTDOWN`, which `cargo xtask cluster down` sends, ends the server in order.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn end_on_signals(_inbox: &Arc<Inbox>) -> io::Result<()> {
    Ok(())
}

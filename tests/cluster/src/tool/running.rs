//! The servers of a cluster: starting, finding and ending them.

use std::fs;
use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::process::{Signal, signal};
use super::program::Program;
use super::refusal::{Context as _, Outcome, refuse};
use super::state::{Place, State, folder, log};
use super::talk::{Info, Reply, Talk};
use crate::core::Batches;
use crate::folder::is_locked;

/// A server that is well answers sooner than this.
pub(super) const PATIENCE: Duration = Duration::from_millis(500);

/// How long a server may take to start or to end.
const SLOW: Duration = Duration::from_secs(10);

/// How often it is looked at meanwhile.
const LOOK: Duration = Duration::from_millis(20);

/// Whether a server's process is there. Its lock says so: the system releases the lock when the process ends. The number of
/// the process says nothing, because the system uses it again.
pub(super) fn is_alive(dir: &Path, id: u64) -> bool {
    is_locked(&folder(dir, id)).unwrap_or(false)
}

/// The process of a server that is alive.
pub(super) fn pid(dir: &Path, id: u64) -> Outcome<u32> {
    let path = folder(dir, id).join("pid");
    let text = fs::read_to_string(&path).context(|| format!("cannot read {}", path.display()))?;
    text.trim()
        .parse()
        .map_err(io::Error::other)
        .context(|| format!("{} is damaged", path.display()))
}

/// The numbers of all servers whose folders are in a cluster's folder and whose processes are there.
pub(super) fn alive(dir: &Path) -> Vec<u64> {
    let names = fs::read_dir(dir).into_iter().flatten().flatten();
    let names = names.filter_map(|entry| entry.file_name().into_string().ok());
    let mut ids: Vec<u64> = names.filter_map(|name| name.strip_prefix('S')?.parse().ok()).collect();
    ids.retain(|&id| is_alive(dir, id));
    ids.sort_unstable();
    ids
}

/// The address for clients of S1 is this and 1, if nobody uses that; …
const CLIENT_PORT: u16 = 7_100;

/// … and its address for servers is this and 1.
const PEER_PORT: u16 = 7_200;

/// Two ports that nobody uses now, if possible those that are easy to remember.
pub(super) fn free_place(id: u64) -> Outcome<Place> {
    let offset = u16::try_from(id).unwrap_or(0);
    let bind = |port: u16| {
        TcpListener::bind(("127.0.0.1", port)).or_else(|_| TcpListener::bind("127.0.0.1:0"))
    };
    let free = || -> io::Result<Place> {
        let (one, two) = (bind(PEER_PORT + offset)?, bind(CLIENT_PORT + offset)?);
        let text = |listener: &TcpListener| listener.local_addr().map(|it| it.to_string());
        Ok(Place { peer: text(&one)?, client: text(&two)? })
    };
    free().context(|| "this machine has no free port".to_owned())
}

/// The address of this place that another program uses, if one does.
pub(super) fn used(place: &Place) -> Option<&str> {
    [&place.peer, &place.client]
        .into_iter()
        .find(|address| TcpListener::bind(address.as_str()).is_err())
        .map(String::as_str)
}

/// Starts a server, and waits until it answers.
pub(super) fn start(dir: &Path, state: &State, id: u64, program: &Program) -> Outcome<()> {
    let place = &state.servers[&id];
    if let Some(address) = used(place) {
        return refuse(format!("S{id} cannot start: another program uses {address}"));
    }
    let mut child = spawn(dir, state, id, program)
        .context(|| format!("cannot start S{id} ({})", program.path.display()))?;
    let begin = Instant::now();
    loop {
        // Another program's server may have taken the address in the meantime, and would answer, too.
        let process = u64::from(child.id());
        if Info::of(&place.client, PATIENCE).is_ok_and(|info| info.number("process") == process) {
            break;
        }
        let ended = child.try_wait().context(|| format!("cannot look at S{id}"))?;
        if ended.is_some() || begin.elapsed() > SLOW {
            let _ = child.kill();
            let _ = child.wait();
            return refuse(format!("S{id} did not start. It says:\n{}", last_lines(dir, id, 8)));
        }
        thread::sleep(LOOK);
    }
    if let Some(groups) = &state.groups {
        cut(state, id, groups)?;
    }
    Ok(())
}

fn spawn(dir: &Path, state: &State, id: u64, program: &Program) -> io::Result<Child> {
    let place = &state.servers[&id];
    let members: Vec<String> = state.members.iter().map(u64::to_string).collect();
    let members = if state.members.contains(&id) { members.join(",") } else { String::new() };
    let said = fs::File::options().create(true).append(true).open(log(dir, id))?;
    let mut command = Command::new(&program.path);
    command
        .args(&program.words)
        .args(["--id", &id.to_string(), "--cluster", &format!("{:x}", state.cluster)])
        .arg("--dir")
        .arg(folder(dir, id))
        .args(["--peers", &place.peer, "--clients", &place.client, "--members", &members]);
    for (other, Place { peer, client }) in &state.servers {
        command.args(["--address", &format!("{other}={peer}={client}")]);
    }
    if state.paper {
        command.arg("--paper");
    }
    if state.batches != Batches::default() {
        command.args(["--batches", state.batches.word()]);
    }
    // A group of its own: Ctrl-C in this terminal is not for it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.stdin(Stdio::null()).stdout(said.try_clone()?).stderr(said).spawn()
}

/// The last lines that a server has written.
pub(super) fn last_lines(dir: &Path, id: u64, most: usize) -> String {
    let text = fs::read(log(dir, id)).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    let lines = lines.iter().skip(lines.len().saturating_sub(most));
    lines.map(|line| ["  ", line, "\n"].concat()).collect()
}

/// Ends a server in order, or if it takes too long, at once.
pub(super) fn end(dir: &Path, id: u64) -> Outcome<()> {
    if !is_alive(dir, id) {
        return Ok(());
    }
    let pid = pid(dir, id)?;
    // One that was paused hears nothing before it goes on.
    let _ = signal(pid, Signal::Resume);
    end_in_order(dir, id, pid);
    let begin = Instant::now();
    while is_alive(dir, id) {
        if begin.elapsed() > SLOW {
            return kill(dir, id);
        }
        thread::sleep(LOOK);
    }
    Ok(())
}

#[cfg(unix)]
fn end_in_order(_dir: &Path, _id: u64, pid: u32) {
    // It may have ended in the meantime.
    let _ = signal(pid, Signal::End);
}

/// Without a signal, its port for clients must do.
#[cfg(not(unix))]
fn end_in_order(dir: &Path, id: u64, _pid: u32) {
    let place = State::load(dir).ok().flatten().and_then(|state| state.servers.get(&id).cloned());
    if let Some(place) = place {
        let _ = Talk::ask_once(&place.client, &["RAFT", "SHUTDOWN"], PATIENCE);
    }
}

/// Ends a server at once, and waits until it is gone.
pub(super) fn kill(dir: &Path, id: u64) -> Outcome<()> {
    let pid = pid(dir, id)?;
    signal(pid, Signal::Kill).context(|| format!("cannot kill S{id} (process {pid})"))?;
    let begin = Instant::now();
    while is_alive(dir, id) {
        if begin.elapsed() > SLOW {
            return refuse(format!("S{id} (process {pid}) does not end"));
        }
        thread::sleep(LOOK);
    }
    Ok(())
}

/// Cuts a server off from those that share no group with it.
pub(super) fn cut(state: &State, id: u64, groups: &[Vec<u64>]) -> Outcome<()> {
    let together =
        |other: &u64| groups.iter().any(|group| group.contains(&id) && group.contains(other));
    let cut = state.servers.keys().filter(|other| **other != id && !together(other));
    let cut: Vec<String> = cut.map(u64::to_string).collect();
    let words: Vec<&str> =
        ["RAFT", "CUT"].into_iter().chain(cut.iter().map(String::as_str)).collect();
    tell(state, id, &words)
}

/// Asks a server for something that it does at once.
pub(super) fn tell(state: &State, id: u64, words: &[&str]) -> Outcome<()> {
    match Talk::ask_once(&state.servers[&id].client, words, PATIENCE) {
        Ok(Reply::Simple(_)) => Ok(()),
        Ok(other) => refuse(format!("S{id} answers {other:?}")),
        Err(error) => refuse(format!("S{id} does not answer ({error}); is it paused?")),
    }
}

/// The leader of the newest term, if there is one now.
pub(super) fn leader(state: &State) -> Option<(u64, Info)> {
    let infos = state.servers.iter().filter_map(|(&id, place)| {
        Info::of(&place.client, PATIENCE).ok().filter(Info::leads).map(|info| (id, info))
    });
    infos.max_by_key(|(_, info)| info.number("term"))
}

/// Waits until there is a leader.
pub(super) fn await_leader(state: &State, patience: Duration) -> Option<(u64, Info)> {
    let begin = Instant::now();
    loop {
        match leader(state) {
            None if begin.elapsed() < patience => thread::sleep(LOOK),
            found => return found,
        }
    }
}

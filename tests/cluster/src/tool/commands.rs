//! What can be done to a cluster that is up.

use std::fs;
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::process::{Signal, signal};
use super::program;
use super::refusal::{Context as _, Outcome, refuse};
use super::running::{
    PATIENCE, alive, await_leader, cut, end, free_place, is_alive, kill, last_lines, leader, pid,
    start, tell,
};
use super::state::{Phase, State, folder};
use super::talk::{Info, Reply, Talk};

/// How long the cluster may take to change its members or its leader.
const CHANGE: Duration = Duration::from_secs(20);

/// How long the target of a transfer may take to be elected.
const TRANSFER: Duration = Duration::from_secs(3);

/// The cluster in this folder, which must be up.
pub(super) fn cluster(dir: &Path) -> Outcome<State> {
    match State::load(dir)? {
        Some(state) if state.phase == Phase::Up => Ok(state),
        Some(_) => refuse("the cluster is down; `cargo xtask cluster up` starts it"),
        None => refuse(format!(
            "there is no cluster in {}; `cargo xtask cluster up` starts one",
            dir.display()
        )),
    }
}

/// The number of a server, written `S2`.
pub(super) fn server(state: &State, text: &str) -> Outcome<u64> {
    let digits = text.strip_prefix(['S', 's']).unwrap_or(text);
    match digits.parse() {
        Ok(id) if state.servers.contains_key(&id) => Ok(id),
        _ => {
            let names: Vec<String> = state.servers.keys().map(|id| format!("S{id}")).collect();
            refuse(format!("there is no server {text}; this cluster has {}", names.join(", ")))
        }
    }
}

/// The same for a server whose process must be there.
fn living(dir: &Path, state: &State, text: &str) -> Outcome<u64> {
    let id = server(state, text)?;
    if is_alive(dir, id) {
        return Ok(id);
    }
    refuse(format!("S{id} is down; `cargo xtask cluster restart S{id}` starts it again"))
}

/// `status`: a line for each server.
pub(super) fn show(dir: &Path, state: &State) {
    let newest = leader(state);
    let committed = newest.as_ref().map(|(_, info)| info.number("commit_index"));
    println!(
        "{:<4} {:<22} {:<10} {:>5} {:>8} {:>6}",
        "", "clients", "role", "term", "commit", "lag"
    );
    for (&id, place) in &state.servers {
        let name = format!("S{id}");
        if !is_alive(dir, id) {
            println!("{name:<4} {:<22} down", place.client);
            continue;
        }
        let Ok(info) = Info::of(&place.client, PATIENCE) else {
            println!("{name:<4} {:<22} does not answer", place.client);
            continue;
        };
        let commit = info.number("commit_index");
        let lag = committed.map_or("?".to_owned(), |all| all.saturating_sub(commit).to_string());
        let role = if info.leads() && newest.as_ref().is_none_or(|(leader, _)| *leader != id) {
            "deposed".to_owned()
        } else {
            info.get("role").to_owned()
        };
        println!(
            "{name:<4} {:<22} {role:<10} {:>5} {commit:>8} {lag:>6}",
            place.client,
            info.get("term")
        );
    }
    if let Some(groups) = &state.groups {
        println!("Links are cut; only these are connected: {}", groups_in_words(groups));
    }
}

fn groups_in_words(groups: &[Vec<u64>]) -> String {
    let group =
        |group: &Vec<u64>| group.iter().map(|id| format!("S{id}")).collect::<Vec<_>>().join("/");
    groups.iter().map(group).collect::<Vec<_>>().join(" ")
}

/// `kill S2`: the process is gone at once.
pub(super) fn kill_server(dir: &Path, text: &str) -> Outcome<()> {
    let state = cluster(dir)?;
    let id = living(dir, &state, text)?;
    kill(dir, id)?;
    println!("S{id} is killed.");
    Ok(())
}

/// `pause S2` and `resume S2`: the process is suspended, and goes on.
pub(super) fn pause(dir: &Path, text: &str, paused: bool) -> Outcome<()> {
    let state = cluster(dir)?;
    let id = living(dir, &state, text)?;
    let (how, word) = if paused { (Signal::Pause, "paused") } else { (Signal::Resume, "resumed") };
    signal(pid(dir, id)?, how).context(|| format!("S{id} cannot be {word}"))?;
    println!("S{id} is {word}.");
    Ok(())
}

/// `restart S2`: a server that is down starts again, and one that is up ends in order first.
pub(super) fn restart(dir: &Path, text: &str) -> Outcome<()> {
    let state = cluster(dir)?;
    let id = server(&state, text)?;
    if !state.is_durable() {
        return refuse(format!(
            "S{id} would have kept nothing: made of module 4, a server that starts again has forgotten its log and \
             its votes, and the others rely on both. From module 5 on, servers keep them on disk"
        ));
    }
    end(dir, id)?;
    start(dir, &state, id, &program::built(&state.made_of, dir))?;
    println!("S{id} is up.");
    Ok(())
}

/// `cut S1/S2 S3`: only servers of the same group reach each other.
pub(super) fn cut_links(dir: &Path, groups: &[String]) -> Outcome<()> {
    let mut state = cluster(dir)?;
    if groups.is_empty() {
        return refuse("name groups of servers that still reach each other, like `cut S1/S2 S3`");
    }
    let group = |text: &String| text.split('/').map(|name| server(&state, name)).collect();
    let groups: Vec<Vec<u64>> = groups.iter().map(group).collect::<Outcome<_>>()?;
    for &id in state.servers.keys() {
        if is_alive(dir, id) {
            cut(&state, id, &groups)?;
        }
    }
    println!("Only these are connected: {}", groups_in_words(&groups));
    state.groups = Some(groups);
    state.save(dir)
}

/// `heal`: every server reaches every other.
pub(super) fn heal(dir: &Path) -> Outcome<()> {
    let mut state = cluster(dir)?;
    state.groups = None;
    state.save(dir)?;
    for &id in state.servers.keys() {
        if is_alive(dir, id) {
            tell(&state, id, &["RAFT", "CUT"])?;
        }
    }
    println!("All links are open.");
    Ok(())
}

/// Changes of the configuration and transfers need module 7.
fn needs_module_7(state: &State, command: &str) -> Outcome<()> {
    if ["7", "reference", "reference-open", "open"].contains(&state.made_of.as_str()) {
        return Ok(());
    }
    refuse(format!(
        "`{command}` needs module 7, and the servers of this cluster are made of `{}`",
        state.made_of
    ))
}

/// `add`: a new server starts, and becomes a member.
pub(super) fn add(dir: &Path) -> Outcome<()> {
    let mut state = cluster(dir)?;
    needs_module_7(&state, "add")?;
    let id = state.next;
    state.next += 1;
    let place = free_place(id)?;
    state.servers.insert(id, place.clone());
    state.save(dir)?;
    let number = id.to_string();
    for &other in state.servers.keys().filter(|&&other| other != id) {
        if is_alive(dir, other) {
            tell(&state, other, &["RAFT", "PEER", &number, &place.peer, &place.client])?;
        }
    }
    start(dir, &state, id, &program::built(&state.made_of, dir))?;
    println!("S{id} is up at {}, and catches up.", place.client);
    ask_leader(&state, &["RAFT", "ADD", &number])?;
    println!("S{id} is a member.");
    Ok(())
}

/// `remove S2`: the server is no longer a member, and ends.
pub(super) fn remove(dir: &Path, text: &str) -> Outcome<()> {
    let mut state = cluster(dir)?;
    needs_module_7(&state, "remove")?;
    let id = server(&state, text)?;
    if state.servers.len() == 1 {
        return refuse(format!(
            "S{id} is the only server; `cargo xtask cluster down` ends the cluster"
        ));
    }
    ask_leader(&state, &["RAFT", "REMOVE", &id.to_string()])?;
    end(dir, id)?;
    state.servers.remove(&id);
    state.save(dir)?;
    println!(
        "S{id} is no longer a member, and has ended. Its folder stays: {}",
        folder(dir, id).display()
    );
    Ok(())
}

/// `transfer S2`: the leader hands over.
pub(super) fn transfer(dir: &Path, text: &str) -> Outcome<()> {
    let state = cluster(dir)?;
    needs_module_7(&state, "transfer")?;
    let id = living(dir, &state, text)?;
    if leader(&state).is_some_and(|(leader, _)| leader == id) {
        println!("S{id} leads already.");
        return Ok(());
    }
    ask_leader(&state, &["RAFT", "TRANSFER", &id.to_string()])?;
    let begin = Instant::now();
    loop {
        match await_leader(&state, PATIENCE) {
            Some((leader, info)) if leader == id => {
                println!("S{id} leads term {}.", info.get("term"));
                return Ok(());
            }
            _ if begin.elapsed() < TRANSFER => thread::sleep(Duration::from_millis(20)),
            Some((leader, _)) => {
                return refuse(format!("S{id} was asked to lead, and S{leader} leads now"));
            }
            None => return refuse(format!("S{id} was asked to lead, and no server leads now")),
        }
    }
}

/// Asks the leader for something that takes a while. Asks again if the leader rejects it without having done anything.
fn ask_leader(state: &State, words: &[&str]) -> Outcome<()> {
    let begin = Instant::now();
    loop {
        let said = match await_leader(state, CHANGE) {
            None => return refuse("no server leads, so nothing can be changed now"),
            Some((id, _)) => Talk::ask_once(&state.servers[&id].client, words, CHANGE),
        };
        let why = match said {
            Ok(Reply::Simple(_)) => return Ok(()),
            Ok(Reply::Error(text)) if text.starts_with("UNKNOWN") => {
                return refuse(format!(
                    "the leader answers: {text}. `status` shows what has become of it"
                ));
            }
            Ok(Reply::Error(text)) => text,
            Ok(other) => format!("{other:?}"),
            Err(error) => error.to_string(),
        };
        if begin.elapsed() > CHANGE {
            return refuse(format!("the leader rejects it: {why}"));
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// `logs`: the last lines that the servers have written.
pub(super) fn logs(dir: &Path, text: Option<&str>) -> Outcome<()> {
    let Some(state) = State::load(dir)? else {
        return refuse(format!("there is no cluster in {}", dir.display()));
    };
    let ids = match text {
        Some(text) => vec![server(&state, text)?],
        None => state.servers.keys().copied().collect(),
    };
    let most = if text.is_some() { 100 } else { 12 };
    for id in ids {
        println!("S{id}:\n{}", last_lines(dir, id, most));
    }
    Ok(())
}

/// `down`: all servers end in order, even those that were left behind.
pub(super) fn down(dir: &Path) -> Outcome<()> {
    let state = State::load(dir)?;
    let running = alive(dir);
    if let Some(mut state) = state.clone() {
        state.phase = Phase::Ending;
        state.save(dir)?;
    }
    for &id in &running {
        end(dir, id)?;
    }
    let Some(mut state) = state else {
        println!(
            "There was no cluster in {}; {} servers have ended.",
            dir.display(),
            running.len()
        );
        return Ok(());
    };
    state.phase = Phase::Down;
    state.groups = None;
    state.save(dir)?;
    if state.is_durable() {
        println!("The cluster is down. The next `up` continues from {}.", dir.display());
    } else {
        forget(dir, &state).context(|| "cannot remove the servers' folders".to_owned())?;
        println!(
            "The cluster is down. It has kept nothing; the next `up` starts a new, empty one."
        );
    }
    Ok(())
}

fn forget(dir: &Path, state: &State) -> io::Result<()> {
    for &id in state.servers.keys() {
        let path = folder(dir, id);
        if path.exists() {
            fs::remove_dir_all(path)?;
        }
    }
    Ok(())
}

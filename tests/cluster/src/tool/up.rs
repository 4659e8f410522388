//! Starting a cluster.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use super::commands::show;
use super::program;
use super::refusal::{Context as _, Outcome, refuse};
use super::running::{alive, await_leader, end, free_place, start, used};
use super::state::{Phase, State, folder};
use crate::core::Batches;

/// What `up` was asked for.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// How many servers; by default three, or as many as the cluster has.
    pub(super) servers: Option<u64>,
    /// What they are made of.
    pub(super) made_of: String,
    /// Whether they have the paper's election timeout.
    pub(super) paper: bool,
}

/// How long a cluster may take to elect a leader before `up` says that there is none.
const ELECTION: Duration = Duration::from_secs(10);

/// Starts a cluster, or continues one.
pub(super) fn up(dir: &Path, wanted: &Wanted) -> Outcome<()> {
    program::check(&wanted.made_of)?;
    let before = State::load(dir)?;
    end_left_behind(dir, before.as_ref())?;
    let running = alive(dir);
    let mut state = match before {
        Some(state) => continued(dir, state, wanted, !running.is_empty())?,
        None => new_cluster(dir, wanted)?,
    };
    let program = program::build(&state.made_of, dir)?;
    if running.is_empty() {
        move_from_used_ports(&mut state)?;
    }
    state.phase = Phase::Starting;
    state.save(dir)?;
    let down: Vec<u64> = state.servers.keys().copied().filter(|id| !running.contains(id)).collect();
    for id in down {
        start(dir, &state, id, &program)?;
    }
    state.phase = Phase::Up;
    state.save(dir)?;
    let leader = await_leader(&state, ELECTION);
    show(dir, &state);
    match leader {
        Some((id, _)) => {
            let address = &state.servers[&id].client;
            let port = address.rsplit(':').next().unwrap_or_default();
            println!("\nS{id} leads. Talk to it: redis-cli -c -p {port} set x 1");
        }
        None => println!("\nNo leader yet; `cargo xtask cluster logs` shows what the servers say."),
    }
    Ok(())
}

/// Ends servers that an `up` or `down` has left behind that was itself ended.
fn end_left_behind(dir: &Path, state: Option<&State>) -> Outcome<()> {
    let is_whole = state.is_some_and(|state| matches!(state.phase, Phase::Up));
    for id in alive(dir) {
        let is_known = state.is_some_and(|state| state.servers.contains_key(&id));
        if !is_whole || !is_known {
            println!("S{id} was left behind by an earlier command, and is ended.");
            end(dir, id)?;
        }
    }
    Ok(())
}

/// The cluster that is in the folder, if it may go on.
fn continued(dir: &Path, state: State, wanted: &Wanted, is_running: bool) -> Outcome<State> {
    let is_up = state.phase == Phase::Up;
    if !state.is_durable() {
        if is_up || is_running {
            return refuse(format!(
                "this cluster is up, and its servers keep nothing: made of module 4, a server that starts again has \
                 forgotten its log and its votes, and would break what it has promised. `cargo xtask cluster down` \
                 ends it; the next `up` starts a new, empty cluster ({})",
                dir.display()
            ));
        }
        return new_cluster(dir, wanted);
    }
    if is_running && state.made_of != wanted.made_of {
        return refuse(format!(
            "a cluster made of `{}` is up; `cargo xtask cluster down` first",
            state.made_of
        ));
    }
    if let Some(servers) = wanted.servers.filter(|&servers| servers != state.servers.len() as u64) {
        return refuse(format!(
            "the cluster in {} has {} servers, not {servers}; `add` and `remove` change that one by one, and \
             `--dir` begins another cluster",
            dir.display(),
            state.servers.len()
        ));
    }
    let module = |name: &str| name.parse::<u32>().ok();
    let is_later =
        module(&wanted.made_of) >= module(&state.made_of) && module(&state.made_of).is_some();
    if state.made_of != wanted.made_of && !is_later {
        return refuse(format!(
            "the cluster in {} was made of `{}`, and servers made of `{}` may not read what it has written; name \
             `--module {}`, or another `--dir`",
            dir.display(),
            state.made_of,
            wanted.made_of,
            state.made_of
        ));
    }
    Ok(State { made_of: wanted.made_of.clone(), paper: wanted.paper, groups: None, ..state })
}

/// A new cluster, in an empty folder.
fn new_cluster(dir: &Path, wanted: &Wanted) -> Outcome<State> {
    let count = wanted.servers.unwrap_or(3);
    if !(1..=9).contains(&count) {
        return refuse(format!("a cluster has 1 to 9 servers, not {count}"));
    }
    let mut servers = BTreeMap::new();
    for id in 1..=9 {
        let path = folder(dir, id);
        if path.exists() {
            fs::remove_dir_all(&path).context(|| format!("cannot remove {}", path.display()))?;
        }
        if id <= count {
            servers.insert(id, free_place(id)?);
        }
    }
    let cluster = getrandom::u64().map_err(std::io::Error::other);
    Ok(State {
        cluster: cluster.context(|| "this system has no random numbers".to_owned())?,
        made_of: wanted.made_of.clone(),
        paper: wanted.paper,
        batches: Batches::default(),
        phase: Phase::Starting,
        members: (1..=count).collect(),
        servers,
        next: count + 1,
        groups: None,
    })
}

/// While no server runs, the addresses may change: no log holds one.
fn move_from_used_ports(state: &mut State) -> Outcome<()> {
    for (id, place) in &mut state.servers {
        if let Some(address) = used(place) {
            println!("Another program uses {address}, so S{id} gets other ports.");
            *place = free_place(*id)?;
        }
    }
    Ok(())
}

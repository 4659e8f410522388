//! `cluster`, `config` and `given`: how a scenario begins.

use std::collections::BTreeSet;

use protocol::{Index, ServerId};
use simulator::{InitialRole, InitialState};

use crate::scenario::runner::{Limits, NO_CLUSTER, ScenarioRunner};
use crate::scenario::words::{self, Fault, Words};

/// More servers than any scenario of the paper needs, and few enough to read their transcript.
const MOST_SERVERS: u64 = 9;

pub(super) fn cluster(runner: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    let word = words.required("the number of servers")?;
    let limits = format!("a cluster has 1 to {MOST_SERVERS} servers");
    let count = word.parse().map_err(|_| Fault::word(word, &limits))?;
    if !(1..=MOST_SERVERS).contains(&count) {
        return Err(Fault::word(word, limits));
    }
    let waiting = words.read("waiting", words::waiting)?.unwrap_or(0);
    let all = count + waiting;
    if all > MOST_SERVERS {
        return Err(Fault::word(&format!("waiting={waiting}"), limits));
    }
    words.end()?;
    if runner.count.replace(all).is_some() {
        return Err(Fault::Script("a scenario has one `cluster`, at its beginning".to_owned()));
    }
    for id in (count + 1..=all).map(ServerId) {
        runner.given.insert(id, InitialState { waits: true, ..InitialState::default() });
    }
    Ok(String::new())
}

/// Sets limits that differ from the usual ones: for all servers, or for some.
pub(super) fn config(runner: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    check_not_started(runner, words.command())?;
    let servers = words.next().map(words::servers).transpose()?;
    let snapshot = words.read("snapshot", words::limit)?;
    // A script that relies on snapshots relies on short logs too, unless it asks for a tail.
    let tail = words.read("tail", words::tail)?.or(snapshot.and(Some(0)));
    let chunk = words.read("chunk", words::limit)?;
    let batch = words.read("batch", words::limit)?;
    let sessions = words.read("sessions", words::limit)?;
    let conduct = words.read("conduct", words::conduct)?;
    words.end()?;
    let limits = Limits { snapshot, tail, chunk, batch, sessions };
    if servers.is_some() && sessions.is_some() {
        let why =
            "`sessions=` must be the same on all servers, or they would end different sessions";
        return Err(Fault::Script(why.to_owned()));
    }
    if servers.is_some() && conduct.is_some() {
        let why = "`conduct=` concerns all servers: leave out the servers of this `config`";
        return Err(Fault::Script(why.to_owned()));
    }
    runner.conduct = conduct.or(runner.conduct);
    let Some(servers) = servers else {
        limits.apply(&mut runner.config);
        return Ok(String::new());
    };
    for id in servers {
        runner.check_exists(id)?;
        runner.own_limits.insert(id, limits.clone());
    }
    Ok(String::new())
}

pub(super) fn given(runner: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    let id = words::server(words.required("the server")?)?;
    check_not_started(runner, words.command())?;
    runner.check_exists(id)?;
    let log = words.read("log", words::terms)?.unwrap_or_default();
    let last_term = log.last().copied().unwrap_or_default();
    let voted_for = words.read("vote", words::vote)?.flatten();
    let role = role(id, &mut words)?;
    // A candidate or leader has voted for itself.
    let own_vote = matches!(role, InitialRole::Candidate(_) | InitialRole::Leader).then_some(id);
    let given = InitialState {
        current_term: words.read("term", words::term)?.unwrap_or(last_term),
        voted_for: voted_for.or(own_vote),
        log: words::entries(Index(0), &log, words.read("members", words::members_at)?)?,
        commit_index: words.read("commit", words::index)?.unwrap_or_default(),
        role,
        waits: runner.given.get(&id).is_some_and(|given| given.waits),
    };
    words.end()?;
    if given.current_term < last_term {
        return Err(Fault::Script(format!(
            "{id} cannot be in term {} with an entry of term {last_term} in its log",
            given.current_term
        )));
    }
    runner.given.insert(id, given);
    Ok(String::new())
}

fn role(id: ServerId, words: &mut Words<'_>) -> Result<InitialRole, Fault> {
    let votes = words.read("votes", words::servers)?;
    match words.key("role").unwrap_or("follower") {
        "candidate" => Ok(InitialRole::Candidate(votes.unwrap_or_else(|| BTreeSet::from([id])))),
        "follower" | "leader" if votes.is_some() => {
            Err(Fault::Script("`votes=` is for a candidate".to_owned()))
        }
        "follower" => Ok(InitialRole::Follower(words.read("leader", words::server)?)),
        "leader" => Ok(InitialRole::Leader),
        role => Err(Fault::word(role, "it must be follower, candidate or leader")),
    }
}

/// Whatever concerns how the servers begin must come before they are started.
fn check_not_started(runner: &ScenarioRunner, command: &str) -> Result<(), Fault> {
    if runner.count.is_none() {
        return Err(Fault::Script(NO_CLUSTER.to_owned()));
    }
    if runner.world.is_some() {
        return Err(Fault::Script(format!(
            "`{command}` must come before the first command that lets something happen"
        )));
    }
    Ok(())
}

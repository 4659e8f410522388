//! `expect`: what must hold of the servers at this point of a script.

use protocol::{RoleName, ServerId};
use simulator::Scripted;

use super::transcript;
use super::words::{self, Fault, Words};
use crate::Failure;

const POSSIBLE: &str = "servers with what holds of them (`S1 S2 follower term=2 vote=S1 log=1/2 \
                        commit=1 applied=1 members=S1/S2 base=1`), or `leaders=S1` (or `leaders=none`)";

/// Runs `expect`.
pub(crate) fn expect(world: &Scripted, mut words: Words<'_>) -> Result<(), Fault> {
    if let Some(leaders) = words.key("leaders") {
        words.end(POSSIBLE)?;
        let expected = if leaders == "none" {
            Vec::new()
        } else {
            words::servers(leaders)?.into_iter().collect()
        };
        let mut happened = world.leaders();
        happened.sort_unstable();
        return compare("the leaders", &list(&expected), &list(&happened));
    }
    let mut servers = Vec::new();
    let mut role = None;
    let mut is_down = false;
    while let Some(word) = words.next() {
        match word {
            "follower" => role = Some(RoleName::Follower),
            "candidate" => role = Some(RoleName::Candidate),
            "leader" => role = Some(RoleName::Leader),
            "down" => is_down = true,
            _ if word.starts_with('S') => servers.push(words::server(word)?),
            _ => {
                let possible = "a server, or one of follower, candidate, leader, down, is possible";
                return Err(Fault::word(word, possible));
            }
        }
    }
    if servers.is_empty() {
        return Err(Fault::Script(format!("`expect` takes {POSSIBLE}")));
    }
    let term = words.read("term", words::term)?;
    let vote = words.read("vote", words::vote)?;
    let log = words.read("log", words::terms)?;
    let commit = words.read("commit", words::index)?;
    let applied = words.read("applied", words::index)?;
    let members = words.read("members", words::members)?;
    let base = words.read("base", words::index)?;
    words.end(POSSIBLE)?;
    for id in servers {
        if is_down {
            compare(&format!("{id} is"), &"down", &up_or_down(world, id)?)?;
            continue;
        }
        let node = world.cluster.node(id).ok_or_else(|| down(world, id))?;
        if let Some(role) = role {
            compare(&format!("{id}'s role"), &role, &node.role())?;
        }
        if let Some(term) = term {
            compare(&format!("{id}'s term"), &term, &node.current_term())?;
        }
        if let Some(vote) = vote {
            let name = |vote: Option<ServerId>| vote.map_or("none".to_owned(), |id| id.to_string());
            compare(&format!("{id}'s vote"), &name(vote), &name(node.voted_for()))?;
        }
        if let Some(log) = &log {
            let terms = |terms: &mut dyn Iterator<Item = protocol::Term>| {
                terms.map(|term| term.to_string()).collect::<Vec<_>>().join("/")
            };
            let happened = terms(&mut world.cluster.log(id).iter().map(|entry| entry.term));
            let expected = terms(&mut log.iter().copied());
            compare(&format!("the terms of {id}'s log"), &expected, &happened)?;
        }
        if let Some(commit) = commit {
            compare(&format!("{id}'s commit index"), &commit, &node.commit_index())?;
        }
        if let Some(applied) = applied {
            compare(&format!("{id}'s applied index"), &applied, &node.last_applied())?;
        }
        if let Some(members) = &members {
            let names = |members| transcript::members(members);
            compare(&format!("{id}'s configuration"), &names(members), &names(node.members()))?;
        }
        if let Some(base) = base {
            let what = format!("up to where {id}'s log is compacted");
            compare(&what, &base, &node.base().0)?;
        }
    }
    Ok(())
}

fn up_or_down(world: &Scripted, id: ServerId) -> Result<&'static str, Fault> {
    match world.cluster.node(id) {
        Some(_) => Ok("up"),
        None if world.cluster.servers().contains(&id) => Ok("down"),
        None => Err(down(world, id)),
    }
}

fn down(world: &Scripted, id: ServerId) -> Fault {
    if world.cluster.servers().contains(&id) {
        Fault::Script(format!("{id} has crashed and is down: nothing can be expected of it"))
    } else {
        let last = world.cluster.servers().len();
        Fault::Script(format!("there is no server {id}; this cluster has S1 to S{last}"))
    }
}

fn list(servers: &[ServerId]) -> String {
    if servers.is_empty() {
        return "none".to_owned();
    }
    servers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn compare<T: PartialEq + std::fmt::Display>(
    what: &str,
    expected: &T,
    happened: &T,
) -> Result<(), Fault> {
    if expected == happened {
        return Ok(());
    }
    let failure = Failure::new(format!("{what}: {expected}"), format!("{what}: {happened}"));
    Err(Fault::Subject(failure))
}

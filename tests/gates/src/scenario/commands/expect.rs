//! `expect`: what must hold of the servers at this point of a script. Also `show`, and `todo` in stubs.

use std::collections::BTreeSet;
use std::fmt::Display;

use protocol::{Index, Members, Node, RoleName, ServerId, Term};
use simulator::Scripted;

use crate::Failure;
use crate::scenario::runner::ScenarioRunner;
use crate::scenario::transcript;
use crate::scenario::words::{self, Fault, Words};

const ARGUMENTS: &str = "servers and what holds of them (`S1 S2 follower term=2 vote=S1 log=1/2 commit=1 \
                         applied=1 members=S1/S2 base=1`), or `leaders=S1` (or `leaders=none`)";

/// What must hold of each of some servers. What is `None` may be anything.
#[derive(Default)]
struct Expectation {
    is_down: bool,
    role: Option<RoleName>,
    term: Option<Term>,
    /// The candidate's name, or `none`.
    vote: Option<String>,
    log: Option<Vec<Term>>,
    commit: Option<Index>,
    applied: Option<Index>,
    members: Option<Members>,
    base: Option<Index>,
}

pub(super) fn expect(runner: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    let world = runner.world()?;
    if let Some(leaders) = words.key("leaders") {
        words.end_of(ARGUMENTS)?;
        expect_leaders(world, leaders)?;
        return Ok(String::new());
    }
    let (servers, expectation) = Expectation::read(words)?;
    servers.into_iter().try_for_each(|id| expectation.check(world, id))?;
    Ok(String::new())
}

fn expect_leaders(world: &Scripted, leaders: &str) -> Result<(), Fault> {
    let expected = words::members(leaders)?.into_iter().collect::<Vec<_>>();
    let mut happened = world.leaders();
    happened.sort_unstable();
    compare("the leaders", &list(&expected), &list(&happened))
}

impl Expectation {
    fn read(mut words: Words<'_>) -> Result<(Vec<ServerId>, Self), Fault> {
        let mut servers = Vec::new();
        let mut expectation = Expectation::default();
        while let Some(word) = words.next() {
            match word {
                "follower" => expectation.role = Some(RoleName::Follower),
                "candidate" => expectation.role = Some(RoleName::Candidate),
                "leader" => expectation.role = Some(RoleName::Leader),
                "down" => expectation.is_down = true,
                _ if word.starts_with('S') => servers.push(words::server(word)?),
                _ => {
                    let expected = "it must be a server, follower, candidate, leader or down";
                    return Err(Fault::word(word, expected));
                }
            }
        }
        if servers.is_empty() {
            return Err(Fault::Script(format!("`expect` takes {ARGUMENTS}")));
        }
        expectation.term = words.read("term", words::term)?;
        expectation.vote = words.read("vote", words::vote)?.map(vote_name);
        expectation.log = words.read("log", words::terms)?;
        expectation.commit = words.read("commit", words::index)?;
        expectation.applied = words.read("applied", words::index)?;
        expectation.members = words.read("members", words::members)?;
        expectation.base = words.read("base", words::index)?;
        words.end_of(ARGUMENTS)?;
        Ok((servers, expectation))
    }

    fn check(&self, world: &Scripted, id: ServerId) -> Result<(), Fault> {
        if self.is_down {
            return compare(&format!("{id} is"), &"down", &up_or_down(world, id)?);
        }
        let node = world.cluster.node(id).ok_or_else(|| down(world, id))?;
        self.check_election(node, id)?;
        self.check_log(world, node, id)
    }

    fn check_election(&self, node: &dyn Node, id: ServerId) -> Result<(), Fault> {
        if let Some(role) = self.role {
            compare(&format!("{id}'s role"), &role, &node.role())?;
        }
        if let Some(term) = self.term {
            compare(&format!("{id}'s term"), &term, &node.current_term())?;
        }
        if let Some(vote) = &self.vote {
            compare(&format!("{id}'s vote"), vote, &vote_name(node.voted_for()))?;
        }
        Ok(())
    }

    fn check_log(&self, world: &Scripted, node: &dyn Node, id: ServerId) -> Result<(), Fault> {
        if let Some(log) = &self.log {
            let happened: Vec<Term> =
                world.cluster.log(id).iter().map(|entry| entry.term).collect();
            compare(&format!("the terms of {id}'s log"), &terms(log), &terms(&happened))?;
        }
        if let Some(commit) = self.commit {
            compare(&format!("{id}'s commit index"), &commit, &node.commit_index())?;
        }
        if let Some(applied) = self.applied {
            compare(&format!("{id}'s applied index"), &applied, &node.last_applied())?;
        }
        if let Some(members) = &self.members {
            let (expected, happened) =
                (transcript::members(members), transcript::members(node.members()));
            compare(&format!("{id}'s configuration"), &expected, &happened)?;
        }
        if let Some(base) = self.base {
            let what = format!("the index up to which {id}'s log is compacted");
            compare(&what, &base, &node.base().0)?;
        }
        Ok(())
    }
}

fn vote_name(vote: Option<ServerId>) -> String {
    vote.map_or("none".to_owned(), |id| id.to_string())
}

fn terms(terms: &[Term]) -> String {
    terms.iter().map(ToString::to_string).collect::<Vec<_>>().join("/")
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

fn compare<T: PartialEq + Display>(what: &str, expected: &T, happened: &T) -> Result<(), Fault> {
    if expected == happened {
        return Ok(());
    }
    let failure = Failure::new(format!("{what}: {expected}"), format!("{what}: {happened}"));
    Err(Fault::Subject(failure))
}

/// Lets the end of the block show these servers, or all, even if nothing has changed. With `base`, it also
/// shows how far their logs are compacted.
pub(super) fn show(runner: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    let mut servers = BTreeSet::new();
    let mut base = false;
    while let Some(word) = words.next() {
        if word == "base" {
            base = true;
        } else {
            servers.insert(words::server(word)?);
        }
    }
    words.end()?;
    servers.iter().try_for_each(|&id| runner.check_exists(id))?;
    let world = runner.world()?;
    if servers.is_empty() {
        servers.clone_from(world.cluster.servers());
    }
    runner.shown.retain(|id, _| !servers.contains(id));
    if base {
        runner.show_base.extend(servers);
    }
    Ok(String::new())
}

/// An exercise that is not written yet.
pub(super) fn todo(_: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    let exercise = words.required("the exercise")?;
    Err(Fault::Subject(Failure::todo(exercise.trim_start_matches("exercise "))))
}

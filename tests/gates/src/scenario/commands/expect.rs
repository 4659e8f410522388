//! `expect`: what must hold of the servers at this point of a script. Also `show`, and `todo` in stubs.

use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};

use protocol::{FollowerProgress, Index, Members, Node, RoleName, ServerId, Term};
use simulator::Scripted;

use crate::Failure;
use crate::scenario::lens::Lens;
use crate::scenario::runner::ScenarioRunner;
use crate::scenario::transcript;
use crate::scenario::words::{self, Fault, Words};

const ARGUMENTS: &str = "servers and what holds of them (`S1 S2 follower term=2 vote=S1 log=1/2 commit=1 \
                         applied=1 members=S1/S2 base=1 leader=S1 next=S2@4 match=S2@3 agree`), \
                         `leaders=S1` (or `leaders=none`, or `leaders=any`), or `agree`";

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
    /// The name of the leader that it knows, or `none`.
    known_leader: Option<String>,
    /// What a leader knows of these servers (Figure 2's `nextIndex`).
    next_index: Option<(Members, Index)>,
    /// The same for `matchIndex`.
    match_index: Option<(Members, Index)>,
    /// The servers have the same log and the same commit index.
    agree: bool,
}

pub(super) fn expect(runner: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    let lens = runner.lens;
    let world = runner.world()?;
    if let Some(leaders) = words.key("leaders") {
        words.end_of(ARGUMENTS)?;
        expect_leaders(world, leaders)?;
        return Ok(String::new());
    }
    let (mut servers, expectation) = Expectation::read(words)?;
    if servers.is_empty() {
        servers =
            world.cluster.servers().iter().copied().filter(|&id| world.cluster.is_up(id)).collect();
    }
    servers.iter().try_for_each(|&id| expectation.check(world, id, lens))?;
    if expectation.agree {
        expect_agreement(world, &servers, lens)?;
    }
    Ok(String::new())
}

/// These servers, which are up, have the same entries and the same commit index.
fn expect_agreement(world: &Scripted, servers: &[ServerId], lens: Lens) -> Result<(), Fault> {
    let Some((&first, others)) = servers.split_first() else { return Ok(()) };
    let log = |id| lens.log(world.cluster.log(id));
    let commit = |id| {
        let node = world.cluster.node(id)?;
        Some(lens.committed(node.role(), world.cluster.log(id), node.commit_index()))
    };
    for &id in others {
        if log(id) == log(first) && commit(id) == commit(first) {
            continue;
        }
        let expected = format!("{first} and {id} have the same log and the same commit index");
        let shown = |id| transcript::server(&world.cluster, id, lens);
        let mut happened = format!("{}\n{}", shown(first), shown(id));
        let pairs = log(first).into_iter().zip(log(id)).zip(1..);
        let other_command = pairs.clone().find(|((a, b), _)| a.term == b.term && a != b);
        if let Some((_, index)) = other_command {
            let _ = write!(happened, "\nthe entries at index {index} have different commands");
        }
        return Err(Fault::Subject(Failure::new(expected, happened)));
    }
    Ok(())
}

fn expect_leaders(world: &Scripted, leaders: &str) -> Result<(), Fault> {
    if leaders == "any" {
        let some = !world.leaders().is_empty();
        return compare("some server leads", &"yes", &if some { "yes" } else { "no" });
    }
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
                "agree" => expectation.agree = true,
                _ if word.starts_with('S') => servers.push(words::server(word)?),
                _ => {
                    let expected =
                        "it must be a server, follower, candidate, leader, down or agree";
                    return Err(Fault::word(word, expected));
                }
            }
        }
        if servers.is_empty() && !expectation.agree {
            return Err(Fault::Script(format!("`expect` takes {ARGUMENTS}")));
        }
        expectation.term = words.read("term", words::term)?;
        expectation.vote = words.read("vote", words::vote)?.map(vote_name);
        expectation.log = words.read("log", words::terms)?;
        expectation.commit = words.read("commit", words::index)?;
        expectation.applied = words.read("applied", words::index)?;
        expectation.members = words.read("members", words::members)?;
        expectation.base = words.read("base", words::index)?;
        expectation.known_leader = words.read("leader", words::vote)?.map(vote_name);
        expectation.next_index = words.read("next", words::index_of)?;
        expectation.match_index = words.read("match", words::index_of)?;
        words.end_of(ARGUMENTS)?;
        Ok((servers, expectation))
    }

    fn check(&self, world: &Scripted, id: ServerId, lens: Lens) -> Result<(), Fault> {
        if self.is_down {
            return compare(&format!("{id} is"), &"down", &up_or_down(world, id)?);
        }
        let node = world.cluster.node(id).ok_or_else(|| down(world, id))?;
        self.check_election(node, id)?;
        self.check_log(world, node, id, lens)?;
        self.check_internals(node, id)
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

    /// What a server shows only if it has chosen to.
    fn check_internals(&self, node: &dyn Node, id: ServerId) -> Result<(), Fault> {
        let progress: [ProgressRow<'_>; 2] = [
            ("next index", &self.next_index, |progress| progress.next_index),
            ("match index", &self.match_index, |progress| progress.match_index),
        ];
        if self.known_leader.is_none() && progress.iter().all(|(_, expected, _)| expected.is_none())
        {
            return Ok(());
        }
        let internals = node.internals().ok_or_else(|| {
            Fault::Script(format!(
                "{id} does not show this: its `Node::internals` returns `None`, so a script cannot expect \
                 `leader=`, `next=` or `match=` of it"
            ))
        })?;
        if let Some(leader) = &self.known_leader {
            let what = format!("the leader that {id} knows");
            compare(&what, leader, &vote_name(internals.known_leader))?;
        }
        for (name, expected, read) in progress {
            let Some((servers, expected)) = expected else { continue };
            for other in servers {
                let happened = internals.progress.get(other).map(read);
                let shown =
                    |index: Option<Index>| index.map_or("none".to_owned(), |i| i.to_string());
                let what = format!("{id}'s {name} for {other}");
                compare(&what, &shown(Some(*expected)), &shown(happened))?;
            }
        }
        Ok(())
    }

    fn check_log(
        &self,
        world: &Scripted,
        node: &dyn Node,
        id: ServerId,
        lens: Lens,
    ) -> Result<(), Fault> {
        let entries = world.cluster.log(id);
        if let Some(log) = &self.log {
            let happened: Vec<Term> = lens.log(entries).iter().map(|entry| entry.term).collect();
            compare(&format!("the terms of {id}'s log"), &terms(log), &terms(&happened))?;
        }
        if let Some(commit) = self.commit {
            let happened = lens.committed(node.role(), entries, node.commit_index());
            compare(&format!("{id}'s commit index"), &commit, &happened)?;
        }
        if let Some(applied) = self.applied {
            let happened = lens.committed(node.role(), entries, node.last_applied());
            compare(&format!("{id}'s applied index"), &applied, &happened)?;
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

/// What `nextIndex` or `matchIndex` must be for each of some servers, and how to read it.
type ProgressRow<'a> = (&'static str, &'a Option<(Members, Index)>, fn(&FollowerProgress) -> Index);

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

/// Makes the end of the block show these servers, or all of them, even if nothing has changed. With `base`, it also
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

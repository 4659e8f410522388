//! Exercise 2.8: the learner's own scenario. It must pass on the learner's own servers, show what the
//! exercise asks for, and fail on servers of which one row is spoilt.

use std::collections::{BTreeMap, BTreeSet};

use gates::own::OwnScenario;
use gates::scenario::Run;
use gates::simulator::{TraceEvent, TraceRecord};
use gates::{Check, Context, Verdict};

use super::sabotage;
use super::subject::protocol::{Event, RoleName, ServerId, Term, Timer};
use super::{servers_with, table};

const PASSES: &str = "§5.2. A scenario says what must hold of every right server, and yours is one once \
     exercises 2.1 to 2.7 are done. If it fails here, either the scenario or the server is wrong: \
     hold both against the paper.";
const START: &str = "§5.2: servers \"begin as followers\", and it is the election timeout that begins \
     an election. Everything later builds on this.";
const SPLIT: &str = "§5.2: \"if many followers become candidates at the same time, votes could be split \
     so that no candidate obtains a majority. When this happens, each candidate will time out and start \
     a new election\".";

/// The checks, for the subject in this folder.
pub(super) fn checks(manifest_dir: &str) -> Vec<Check> {
    OwnScenario::new("2.8", manifest_dir, PASSES, servers_with, table(8))
        .shows("Your own scenario begins with a bare start and a first timeout", START, begins)
        .shows("Your own scenario has a split vote that ends with a leader", SPLIT, ends)
        .notices(&sabotage::ALL)
        .checks()
}

fn begins(context: &mut Context, run: &Run) -> Verdict {
    let story = Story::of(&run.trace);
    let servers = story.servers.len();
    let happened = if servers == 0 { "none".to_owned() } else { format!("{servers} servers") };
    context.holds(servers >= 3, "a cluster of three servers or more", happened)?;
    let happened = match story.first {
        Some(First::Timeout(_, Term(1))) => return Ok(()),
        Some(First::Timeout(server, term)) => format!(
            "{server} becomes a candidate of term {term} by it: the servers were not bare at the start \
             (drop `given`)"
        ),
        Some(First::Other(what)) => format!("before any timeout, {what}"),
        None => "nobody times out".to_owned(),
    };
    Err(context.failure(
        "first of all, a server of term 0 times out, and becomes a candidate of term 1",
        happened,
    ))
}

fn ends(context: &mut Context, run: &Run) -> Verdict {
    let story = Story::of(&run.trace);
    let expected = "a term with two candidates or more and no leader; and at the end one leader of a \
                    later term, in which everybody is, and whom everybody else follows";
    let Some(split) = story.split() else {
        let terms: Vec<String> = story.candidates.iter().map(|term| story.tell(term)).collect();
        let happened = match terms.as_slice() {
            [] => "nobody is a candidate".to_owned(),
            terms => format!("no vote is split: {}", terms.join("; ")),
        };
        return Err(context.failure(expected, happened).note(
            "Let the timers of two servers run out before either has heard of the other: two \
             `timeout`s, one after the other, before any `deliver`.",
        ));
    };
    if let Err(happened) = story.agreement(split) {
        let happened = format!("the vote of term {split} is split; at the end {happened}");
        return Err(context.failure(expected, happened));
    }
    context.show(run.transcript.as_str());
    Ok(())
}

/// What a run was about.
#[derive(Default)]
struct Story {
    servers: BTreeSet<ServerId>,
    first: Option<First>,
    /// The candidates of each term.
    candidates: BTreeMap<Term, BTreeSet<ServerId>>,
    /// The server that was elected in each term.
    leaders: BTreeMap<Term, ServerId>,
    /// What each server was at the end.
    last: BTreeMap<ServerId, (RoleName, Term)>,
}

/// What happened first, after all servers had been started.
enum First {
    /// The election timer of this server ran out, and it began this term.
    Timeout(ServerId, Term),
    Other(String),
}

impl Story {
    fn of(trace: &[TraceRecord]) -> Story {
        let mut story = Story::default();
        let mut timed_out = None;
        for TraceRecord { what, .. } in trace {
            match what {
                TraceEvent::Event { server, event: Event::Start } => {
                    story.servers.insert(*server);
                    story.last.insert(*server, (RoleName::Follower, Term(0)));
                }
                TraceEvent::Event { server, event: Event::Timeout(Timer::Election) } => {
                    timed_out = Some(*server);
                }
                TraceEvent::Event { server, event } => {
                    timed_out = None;
                    let told = gates::simulator::EventSummary::from(event);
                    story
                        .first
                        .get_or_insert_with(|| First::Other(format!("{server} hears: {told}")));
                }
                TraceEvent::Changed { server, role, current_term, .. } => {
                    if timed_out == Some(*server) {
                        story.first.get_or_insert(First::Timeout(*server, *current_term));
                    }
                    story.changed(*server, *role, *current_term);
                }
                _ => {}
            }
        }
        story
    }

    fn changed(&mut self, server: ServerId, role: RoleName, term: Term) {
        self.last.insert(server, (role, term));
        match role {
            RoleName::Candidate => {
                self.candidates.entry(term).or_default().insert(server);
            }
            RoleName::Leader => {
                self.leaders.insert(term, server);
            }
            RoleName::Follower => {}
        }
    }

    /// The first term in which the vote was split.
    fn split(&self) -> Option<Term> {
        let split = |&(term, candidates): &(&Term, &BTreeSet<ServerId>)| {
            candidates.len() > 1 && !self.leaders.contains_key(term)
        };
        self.candidates.iter().find(split).map(|(&term, _)| term)
    }

    /// Whether all agree on a leader of a term after `split`; if not, what they are.
    fn agreement(&self, split: Term) -> Result<(), String> {
        let leads = |&(&id, &(role, term)): &(&ServerId, &(RoleName, Term))| {
            (role == RoleName::Leader && term > split).then_some((id, term))
        };
        let leader = self.last.iter().find_map(|entry| leads(&entry));
        let agrees = |(&id, &(role, term)): (&ServerId, &(RoleName, Term))| {
            leader.is_some_and(|(leader, of)| {
                term == of && (id == leader || role == RoleName::Follower)
            })
        };
        if self.last.iter().all(agrees) {
            return Ok(());
        }
        let tell = |(id, (role, term)): (&ServerId, &(RoleName, Term))| {
            format!("{id} is a {role} in term {term}")
        };
        Err(self.last.iter().map(tell).collect::<Vec<_>>().join(", "))
    }

    fn tell(&self, (term, candidates): (&Term, &BTreeSet<ServerId>)) -> String {
        let names: Vec<String> = candidates.iter().map(ToString::to_string).collect();
        let leader = self.leaders.get(term).map_or("nobody".to_owned(), ToString::to_string);
        format!("in term {term}, with {} as candidates, {leader} was elected", names.join(" and "))
    }
}

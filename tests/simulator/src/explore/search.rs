//! The search, breadth-first.

use std::collections::VecDeque;
use std::fmt;

use protocol::Members;

use super::bounds::{Bounds, Left};
use super::branch::{Branch, Scratch, Wrong};
use super::digest::DigestSet;
use super::liveness::{able_sets, try_out};
use super::step::Step;
use super::violation::{Finding, Violation};
use crate::{ScriptError, Scripted};

/// The search reports its progress whenever it has found this many more states.
const REPORT: usize = 512;

/// The progress of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The number of different states.
    pub states: usize,
    /// The number of events that were handled.
    pub steps: u64,
    /// The number of events on the way to the states that are reached now.
    pub depth: usize,
    /// The number of states that still have to be looked at.
    pub waiting: usize,
}

/// The result of a search.
#[derive(Debug)]
pub struct Exploration {
    /// How far it came.
    pub progress: Progress,
    /// How many times it was tried whether a leader can be elected.
    pub tried_out: u64,
    /// Whether it has visited every state within its bounds, up to the violation if there is one.
    pub complete: bool,
    /// Whether servers were copied. Otherwise runs were repeated.
    pub copied: bool,
    /// What was found.
    pub violation: Option<Violation>,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Progress { states, steps, depth, waiting } = self;
        write!(f, "{states} states, {steps} events, depth {depth}, {waiting} waiting")
    }
}

/// Explores every order of events from `world` on, within bounds. `again` makes the same world once more, with the
/// trace of its run: to explain a violation, and for every step if a server cannot be copied. `report` is called now
/// and then with the progress.
///
/// # Errors
/// If `again` fails, or makes another world.
pub fn explore(
    world: &Scripted,
    again: &dyn Fn() -> Result<Scripted, ScriptError>,
    bounds: &Bounds,
    report: &mut dyn FnMut(&Progress),
) -> Result<Exploration, ScriptError> {
    let mut search = Search {
        again,
        bounds,
        copies: world.can_fork(),
        ways: vec![Way { from: 0, step: Step::Client }],
        known: DigestSet::default(),
        waiting: VecDeque::new(),
        tried: DigestSet::default(),
        progress: Progress { states: 1, steps: 0, depth: 0, waiting: 0 },
        tried_out: 0,
        is_cut: false,
        scratch: Scratch::default(),
    };
    let (complete, found) = search.run(world, report)?;
    let violation = found.map(|found| search.explained(found)).transpose()?;
    Ok(Exploration {
        progress: search.progress,
        tried_out: search.tried_out,
        complete,
        copied: search.copies,
        violation,
    })
}

/// How a state was reached first.
#[derive(Clone, Copy, Debug)]
struct Way {
    /// The number of the state before.
    from: u32,
    step: Step,
}

/// A state that is still to be looked at.
struct Waiting {
    number: u32,
    depth: usize,
    branch: Branch,
    /// `None` if servers cannot be copied: then the run is repeated.
    world: Option<Box<Scripted>>,
}

/// What was found, and where: in a state, at a step from it, or by trying out what follows.
struct Found {
    state: u32,
    step: Option<Step>,
    finding: Finding,
    up: Option<Members>,
}

struct Search<'a> {
    again: &'a dyn Fn() -> Result<Scripted, ScriptError>,
    bounds: &'a Bounds,
    copies: bool,
    /// For each state, by its number, how it was reached.
    ways: Vec<Way>,
    /// The fingerprints of all states.
    known: DigestSet,
    waiting: VecDeque<Waiting>,
    /// The servers' states that were tried out.
    tried: DigestSet,
    progress: Progress,
    tried_out: u64,
    /// Whether there were more states than the bounds allow.
    is_cut: bool,
    scratch: Scratch,
}

impl Search<'_> {
    /// Searches, and returns whether that was complete, and what was found.
    fn run(
        &mut self,
        world: &Scripted,
        report: &mut dyn FnMut(&Progress),
    ) -> Result<(bool, Option<Found>), ScriptError> {
        let branch = Branch::first(world, self.bounds, &mut self.scratch);
        self.known.insert(branch.fingerprint(world, self.bounds, &mut self.scratch));
        if let Some(found) = self.try_out(0, &branch, world)? {
            return Ok((true, Some(found)));
        }
        let first = self.copies.then(|| Box::new(copy(world)));
        self.waiting.push_back(Waiting { number: 0, depth: 0, branch, world: first });
        while let Some(next) = self.waiting.pop_front() {
            if let Some(found) = self.look_at(next, report)? {
                return Ok((true, Some(found)));
            }
            if self.is_cut {
                return Ok((false, None));
            }
        }
        Ok((true, None))
    }

    /// Takes every step from a state.
    fn look_at(
        &mut self,
        mut from: Waiting,
        report: &mut dyn FnMut(&Progress),
    ) -> Result<Option<Found>, ScriptError> {
        self.progress.depth = from.depth + 1;
        let first = match from.world.take() {
            Some(world) => world,
            None => Box::new(self.repeated(from.number)?),
        };
        let steps = from.branch.steps(&first, self.bounds, &mut self.scratch);
        let sent = first.in_flight.len();
        let mut first = Some(first);
        let mut reached = Vec::with_capacity(steps.len());
        for (place, &step) in steps.iter().enumerate() {
            let is_last = place + 1 == steps.len();
            let mut world = match &first {
                // The last step needs no copy.
                Some(world) if self.copies && !is_last => Box::new(world.fork()),
                _ => match first.take() {
                    Some(world) => world,
                    None => Box::new(self.repeated(from.number)?),
                },
            };
            self.progress.steps += 1;
            let after = from.branch.after(step, &mut world, self.bounds, &mut self.scratch);
            let branch = match after {
                Ok(branch) => branch,
                Err(Wrong::Error(error)) => return Err(error),
                Err(Wrong::Found(finding)) => {
                    return Ok(Some(Found {
                        state: from.number,
                        step: Some(step),
                        finding,
                        up: None,
                    }));
                }
            };
            let idle = self.bounds.quick
                && matches!(step, Step::Deliver(_))
                && branch.is_idle_since(&from.branch, &world, sent);
            if idle {
                reached.clear();
            }
            reached.push((step, branch, world));
            if idle {
                break;
            }
        }
        for (step, branch, world) in reached {
            if let Some(found) = self.arrive(&from, step, branch, world, report)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Notes a state that was reached, if it is new.
    fn arrive(
        &mut self,
        from: &Waiting,
        step: Step,
        branch: Branch,
        world: Box<Scripted>,
        report: &mut dyn FnMut(&Progress),
    ) -> Result<Option<Found>, ScriptError> {
        let fingerprint = branch.fingerprint(&world, self.bounds, &mut self.scratch);
        if self.known.contains(&fingerprint) {
            return Ok(None);
        }
        if self.progress.states >= self.bounds.states {
            self.is_cut = true;
            return Ok(None);
        }
        self.known.insert(fingerprint);
        let number = u32::try_from(self.ways.len()).unwrap_or(u32::MAX);
        self.ways.push(Way { from: from.number, step });
        self.progress.states += 1;
        if self.progress.states.is_multiple_of(REPORT) {
            self.progress.waiting = self.waiting.len();
            report(&self.progress);
        }
        if let Some(found) = self.try_out(number, &branch, &world)? {
            return Ok(Some(found));
        }
        let world = self.copies.then_some(world);
        self.waiting.push_back(Waiting { number, depth: from.depth + 1, branch, world });
        self.progress.waiting = self.waiting.len();
        Ok(None)
    }

    /// Tries whether a leader can be elected, once for all states in which the servers are the same.
    fn try_out(
        &mut self,
        state: u32,
        branch: &Branch,
        world: &Scripted,
    ) -> Result<Option<Found>, ScriptError> {
        let Some(live) = self.bounds.live else { return Ok(None) };
        if !self.tried.insert(branch.of_servers()) {
            return Ok(None);
        }
        for up in able_sets(world) {
            let mut trial = if self.copies { world.fork() } else { self.repeated(state)? };
            self.tried_out += 1;
            if let Some(finding) = try_out(&mut trial, &up, live, &mut Vec::new()) {
                return Ok(Some(Found { state, step: None, finding, up: Some(up) }));
            }
        }
        Ok(None)
    }

    /// The world of a state, by a run from the beginning.
    fn repeated(&self, state: u32) -> Result<Scripted, ScriptError> {
        let mut world = (self.again)()?;
        world.cluster.durable = false;
        world.cluster.trace = None;
        let mut left = Left::all(self.bounds);
        for step in self.way_to(state) {
            step.take(&mut world, &mut left, self.bounds)?;
        }
        Ok(world)
    }

    fn way_to(&self, state: u32) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut at = state;
        while at != 0 {
            let Way { from, step } = self.ways[at as usize];
            steps.push(step);
            at = from;
        }
        steps.reverse();
        steps
    }

    /// Goes the way to what was found again, with a trace.
    fn explained(&self, found: Found) -> Result<Violation, ScriptError> {
        let mut world = (self.again)()?;
        let steps = self.way_to(found.state).into_iter().chain(found.step);
        let mut left = Left::all(self.bounds);
        let mut actions = Vec::new();
        let mut finding = found.finding;
        for step in steps {
            actions.push(step.action(&world, &left, self.bounds));
            match step.take(&mut world, &mut left, self.bounds) {
                Ok(_) => {}
                // With disks that a crash may hit, a property may fail earlier.
                Err(ScriptError::Stop(stop)) => {
                    finding = Finding::Stop(stop);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        let mut ending = Vec::new();
        if let (Some(up), Some(live)) = (found.up, self.bounds.live) {
            finding = try_out(&mut world, &up, live, &mut ending).unwrap_or(finding);
        }
        Ok(Violation { finding, actions, ending, world })
    }
}

/// A copy for a search. What disks hold after a crash is not checked here: scenarios and storms test that.
fn copy(world: &Scripted) -> Scripted {
    let mut copy = world.fork();
    copy.cluster.durable = false;
    copy
}

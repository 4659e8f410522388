//! `check`: runs the checks, from where the learner stands to the first that is red.
//!
//! What was found is a value; `check/report.rs` tells it in words, `check/json.rs` to programs.

mod all;
mod compile;
mod json;
mod report;
mod watch;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail, ensure};

use crate::course::{Course, Exercise, Id, Module, Target};
use crate::files;
use crate::gate::{self, Built, CompileError, Gate, Options, Report, Select};
use crate::locate::{self, Todo};
use crate::progress::{Progress, State};
use watch::Watched;

/// What `check` was asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) target: Option<Target<'a>>,
    pub(crate) all: bool,
    pub(crate) seed: Option<u64>,
    pub(crate) json: bool,
}

/// How the checks of one exercise ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    passed: usize,
    total: usize,
    /// Those that are red because of an exercise that was skipped, and which.
    waiting: usize,
    waits_for: BTreeSet<Id>,
    /// What is to be shown: the first check that is red on its own account.
    red: Option<Report>,
}

impl Tally {
    fn is_green(&self) -> bool {
        self.total > 0 && self.passed == self.total
    }

    fn add(&mut self, report: &Report, progress: &Progress) {
        self.total += 1;
        if report.passed() {
            self.passed += 1;
            return;
        }
        let skipped = report.todo().filter(|id| *id != report.exercise && progress.is_skipped(*id));
        if let Some(id) = skipped {
            self.waiting += 1;
            self.waits_for.insert(id);
            return;
        }
        // What is written wrongly tells more than what is not written.
        let is_todo = |report: &Report| report.todo().is_some();
        if self.red.as_ref().is_none_or(|shown| is_todo(shown) && !is_todo(report)) {
            self.red = Some(report.clone());
        }
    }
}

/// Runs the checks of a module.
type Checks<'a> = dyn Fn(Select) -> Result<Vec<Report>> + 'a;

/// Where a walk through a module ended.
#[derive(Debug)]
pub(crate) enum Stop<'a> {
    /// The code does not compile.
    Broken(Vec<CompileError>),
    /// The exercise stands as it was handed out.
    NotStarted(&'a Exercise, Todo),
    /// What is written is right as far as it goes, and a part is not written.
    Unfinished(&'a Exercise, Todo),
    /// A check is red that needs another exercise first.
    Needs(&'a Exercise, Id),
    /// A check is red; it was green before, if `regressed`.
    Red { exercise: &'a Exercise, todo: Todo, regressed: bool },
    /// The one exercise that was asked about is green, or waits for what was skipped.
    Green(&'a Exercise),
    /// Every exercise of the module that is not skipped is green.
    Done,
}

/// What a walk through a module has found.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    module: &'a Module,
    tallies: BTreeMap<Id, Tally>,
    /// The exercises that became green, in their order.
    fresh: Vec<Id>,
    /// The exercises that can only be judged when a skipped one is written.
    waiting: Vec<Id>,
    /// The exercises that are not begun, and may be left for later.
    put_off: Vec<&'a Exercise>,
    /// What the learner gets to see when the module is done.
    shows: Vec<String>,
    /// What the learner's predicates of module 0 say of the servers of this module, once it is done.
    watched: Option<Watched>,
    stop: Stop<'a>,
    seed: Option<u64>,
}

/// `cargo xtask check`. Says whether all is green.
pub(crate) fn run(course: &Course, request: Request<'_>) -> Result<bool> {
    if request.all {
        // What `check --all` finds out does not depend on what the file says; only hints and skips do.
        let progress = Progress::load(&course.root).or_else(|_| {
            crate::files::keep(&course.root, "progress", &[".progress".into()])?;
            anyhow::Ok(Progress::none(&course.root))
        })?;
        return all::run(course, progress, request);
    }
    let mut progress = Progress::load(&course.root)?;
    let target = match request.target {
        Some(target) => target,
        None => match progress.next(&course.modules) {
            Some((module, _)) => Target::Module(module),
            None => return all::run(course, progress, request),
        },
    };
    let walk = match target {
        Target::Module(module) => walk(course, &mut progress, module, request.seed),
        Target::Exercise(module, exercise) => {
            one(course, &mut progress, module, exercise, request.seed)
        }
    };
    progress.save()?;
    let walk = walk?;
    if request.json {
        json::print(course, &progress, &walk)?;
    } else {
        report::print(course, &progress, &walk)?;
    }
    let is_green = matches!(walk.stop, Stop::Green(_) | Stop::Done);
    Ok(is_green && !matches!(walk.watched, Some(Watched::Differs(_))))
}

/// Goes through a module from the first exercise that is not done to the first red check.
fn walk<'a>(
    course: &'a Course,
    progress: &mut Progress,
    module: &'a Module,
    seed: Option<u64>,
) -> Result<Walk<'a>> {
    let mut walk = Walk::new(module, seed);
    let gate = match gate::build(&course.root, &module.package)? {
        Built::Ready(gate) => gate,
        Built::Broken(errors) => {
            walk.stop = Stop::Broken(errors);
            return Ok(walk);
        }
    };
    walk.stop = walk.go_on(course, progress, &|select| run_gate(&gate, select, seed))?;
    if matches!(walk.stop, Stop::Done) {
        walk.watched = watch::watch(course, progress, module, &gate)?;
    }
    Ok(walk)
}

fn run_gate(gate: &Gate, select: Select, seed: Option<u64>) -> Result<Vec<Report>> {
    gate.run(select, Options { seed, ..Options::default() })
}

/// Looks at one exercise, whatever stands before it.
fn one<'a>(
    course: &'a Course,
    progress: &mut Progress,
    module: &'a Module,
    exercise: &'a Exercise,
    seed: Option<u64>,
) -> Result<Walk<'a>> {
    let mut walk = Walk::new(module, seed);
    walk.stop = match gate::build(&course.root, &module.package)? {
        Built::Broken(errors) => Stop::Broken(errors),
        Built::Ready(gate) => {
            let checks = |select| run_gate(&gate, select, seed);
            match walk.run(course, progress, &checks, Select::UpTo(exercise.id))? {
                Some(stop) => stop,
                None if !walk.tallies.contains_key(&exercise.id) => {
                    bail!(no_checks(module, exercise))
                }
                None => walk.judge(course, exercise)?.unwrap_or(Stop::Green(exercise)),
            }
        }
    };
    Ok(walk)
}

/// What is said when a module does not judge one of its own exercises.
fn no_checks(module: &Module, exercise: &Exercise) -> String {
    format!(
        "there is no check for exercise {id}, {title}: {dir}/exercises.toml asks for it, and nothing in \
         {dir} judges it. This is a fault of the lab and not of your code. Please tell those who keep it; \
         meanwhile `cargo xtask skip {id}` goes on without it.",
        id = exercise.id,
        title = exercise.title,
        dir = files::shown(&module.suite()),
    )
}

impl<'a> Walk<'a> {
    fn new(module: &'a Module, seed: Option<u64>) -> Self {
        Walk {
            module,
            tallies: BTreeMap::new(),
            fresh: Vec::new(),
            waiting: Vec::new(),
            put_off: Vec::new(),
            shows: Vec::new(),
            watched: None,
            stop: Stop::Done,
            seed,
        }
    }

    /// Goes on from the first exercise that is not done, and says where and why it ends.
    fn go_on(
        &mut self,
        course: &Course,
        progress: &mut Progress,
        checks: &Checks<'_>,
    ) -> Result<Stop<'a>> {
        let module = self.module;
        let mut select = progress.next_in(module).map_or(Select::All, |next| Select::UpTo(next.id));
        loop {
            if let Some(stop) = self.run(course, progress, checks, select)? {
                return Ok(stop);
            }
            let open = |e: &&Exercise| {
                progress.state(e.id) == State::Open
                    && !self.waiting.contains(&e.id)
                    && !self.put_off.iter().any(|other| other.id == e.id)
            };
            let Some(next) = module.core().find(open) else { return Ok(Stop::Done) };
            if !self.tallies.contains_key(&next.id) {
                // Once more, and nothing more would come of it.
                ensure!(select != Select::One(next.id), no_checks(module, next));
                select = Select::One(next.id);
                continue;
            }
            match self.judge(course, next)? {
                Some(Stop::NotStarted(..)) if progress.may_wait(&course.modules, next) => {
                    self.put_off.push(next);
                }
                Some(stop) => return Ok(stop),
                None => self.waiting.push(next.id),
            }
        }
    }

    /// Runs checks and notes what is green now. Stops at an exercise that was green and is red.
    fn run(
        &mut self,
        course: &Course,
        progress: &mut Progress,
        checks: &Checks<'_>,
        select: Select,
    ) -> Result<Option<Stop<'a>>> {
        let reports = checks(select)?;
        for report in &reports {
            self.tallies.entry(report.exercise).or_default().add(report, progress);
        }
        self.shows.extend(reports.into_iter().filter_map(|report| report.show));
        let mut regressed = None;
        for exercise in &self.module.exercises {
            let Some(tally) = self.tallies.get(&exercise.id) else { continue };
            if tally.is_green() {
                if progress.mark_done(exercise.id) {
                    self.fresh.push(exercise.id);
                }
            } else if progress.is_done(exercise.id) && tally.red.is_some() {
                progress.mark_open(exercise.id);
                regressed.get_or_insert(exercise);
            }
        }
        let Some(exercise) = regressed else { return Ok(None) };
        let todo = locate::todo(course, self.module, exercise)?;
        Ok(Some(Stop::Red { exercise, todo, regressed: true }))
    }

    /// Why the walk ends at this exercise; nothing if it is green, or waits for one that was skipped.
    fn judge(&self, course: &Course, exercise: &'a Exercise) -> Result<Option<Stop<'a>>> {
        let tally = self.tally(exercise.id);
        if tally.is_green() {
            return Ok(None);
        }
        let todo = locate::todo(course, self.module, exercise)?;
        if todo.is_untouched() {
            return Ok(Some(Stop::NotStarted(exercise, todo)));
        }
        Ok(match tally.red.as_ref().map(Report::todo) {
            // Everything that is red waits for a skipped exercise.
            None => None,
            Some(Some(id)) if id == exercise.id => Some(Stop::Unfinished(exercise, todo)),
            Some(Some(id)) => Some(Stop::Needs(exercise, id)),
            _ => Some(Stop::Red { exercise, todo, regressed: false }),
        })
    }

    fn tally(&self, id: Id) -> Tally {
        self.tallies.get(&id).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;

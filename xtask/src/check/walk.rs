//! A walk through the course: from the first module to the first red check.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use course::{Exercise, ExerciseId, Module, Report};

use super::due::{is_begun, is_choice, up_to_the_next};
use super::judge::{Findings, Judge, Judged};
use super::tally::Tally;
use super::watch::{self, Watched};
use crate::build::CompileError;
use crate::files;
use crate::locate::{self, Todo};
use crate::progress::Progress;
use crate::tree::{Course, Target};
use crate::use_module::{self, Source};

/// Where a walk ended.
#[derive(Debug)]
pub(super) enum Stop<'a> {
    /// The code does not compile.
    Broken(Vec<CompileError>),
    /// The exercise is as it was handed out.
    NotStarted(&'a Exercise, Todo),
    /// What is written passes, and a part is not written.
    Unfinished(&'a Exercise, Todo),
    /// A check is red that needs another exercise first.
    Needs(&'a Exercise, ExerciseId),
    /// A check is red; it was green before, if `regressed`.
    Red { exercise: &'a Exercise, todo: Todo, regressed: bool },
    /// The exercise that was asked for is green, or waits for a skipped one.
    Green(&'a Exercise),
    /// Every exercise of the module that is not skipped is green.
    Done,
}

/// An earlier module that was judged again, and in which nothing keeps the learner from going on.
#[derive(Debug)]
pub(super) struct StillGreen<'a> {
    pub(super) module: &'a Module,
    pub(super) checks: usize,
    /// How many of the checks are not green: those of optional exercises, and of what was skipped or may wait.
    pub(super) red: usize,
}

/// An exercise that is red and does not end the walk.
#[derive(Debug)]
pub(super) struct AlsoRed<'a> {
    pub(super) exercise: &'a Exercise,
    pub(super) tally: Tally,
}

/// What a walk found.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    /// The module in which it ended.
    pub(super) module: &'a Module,
    pub(super) tallies: BTreeMap<ExerciseId, Tally>,
    /// Every report that the tallies add up.
    pub(super) judged: Vec<Report>,
    /// The exercises that became green, in order.
    pub(super) fresh: Vec<ExerciseId>,
    /// The exercises that can only be judged once a skipped one is written.
    pub(super) waiting: Vec<ExerciseId>,
    /// The exercises that are not begun and may be postponed.
    pub(super) postponed: Vec<&'a Exercise>,
    pub(super) also_red: Vec<AlsoRed<'a>>,
    /// The first red exercise of a module that the target builds on, which was never green. It may be why what
    /// follows is red, so the modules between the two are not judged.
    pub(super) below: Option<AlsoRed<'a>>,
    /// What the learner's predicates of module 0 say about this module's servers, once it is done.
    pub(super) watched: Option<Watched>,
    pub(super) stop: Stop<'a>,
    pub(super) seed: Option<u64>,
    /// Whether everything up to the learner's place in the course was judged.
    pub(super) is_frontier: bool,
}

/// How far a walk goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range<'a> {
    pub(super) target: Target<'a>,
    /// Whether the target is the learner's place in the course: then every module before it is judged, and
    /// otherwise only those that the target builds on.
    pub(super) is_frontier: bool,
    /// Whether everything that is written of the target's module is judged, even beyond the exercise that comes next:
    /// what was green and became red together with an earlier exercise.
    pub(super) takes_all_begun: bool,
}

/// Judges what is at or below a target and has changed since it was judged, lowest module first, and then the
/// target. Ends at the first module with a check that was green and is red. Calls `still_green` for each module before
/// that was judged again, as soon as its verdict is there.
pub(super) fn walk<'a>(
    course: &'a Course,
    progress: &mut Progress,
    judge: &mut Judge<'_>,
    range: Range<'a>,
    still_green: &mut dyn FnMut(StillGreen<'_>),
) -> Result<Walk<'a>> {
    let (Target::Module(module) | Target::Exercise(module, _)) = range.target;
    let mut walk = Walk::new(module, judge.seed(), range.is_frontier);
    for earlier in earlier(course, range)? {
        if let Some(stop) = walk.look_back(course, progress, judge, earlier, still_green)? {
            walk.module = earlier;
            walk.stop = stop;
            return Ok(walk);
        }
        if walk.below.is_some() {
            break;
        }
    }
    walk.stop = match range.target {
        Target::Module(_) => walk.go_on(course, progress, judge, range.takes_all_begun)?,
        Target::Exercise(_, exercise) => walk.one(course, progress, judge, exercise)?,
    };
    walk.mention_red_choices();
    walk.put_a_new_choice_first(course, judge)?;
    if matches!(walk.stop, Stop::Done)
        && let Some(gate) = judge.gate(module)?
    {
        walk.watched = watch::watch(course, progress, module, gate)?;
    }
    Ok(walk)
}

/// The modules to look back at, the lowest first.
fn earlier<'a>(course: &'a Course, range: Range<'a>) -> Result<Vec<&'a Module>> {
    let (Target::Module(module) | Target::Exercise(module, _)) = range.target;
    let before = course.modules.iter().take_while(|other| other.dir != module.dir);
    if range.is_frontier {
        return Ok(before.collect());
    }
    let mut built_on = Vec::new();
    for other in before.filter(|other| !other.alone && !module.alone) {
        // From the reference on, nothing of the learner's is below.
        if use_module::source(&course.root, other)? == Source::Solution {
            built_on.clear();
        } else {
            built_on.push(other);
        }
    }
    Ok(built_on)
}

impl<'a> Walk<'a> {
    fn new(module: &'a Module, seed: Option<u64>, is_frontier: bool) -> Self {
        Walk {
            module,
            tallies: BTreeMap::new(),
            judged: Vec::new(),
            fresh: Vec::new(),
            waiting: Vec::new(),
            postponed: Vec::new(),
            also_red: Vec::new(),
            below: None,
            watched: None,
            stop: Stop::Done,
            seed,
            is_frontier,
        }
    }

    /// Judges what is written of a module before the target. Returns why the walk ends there, if it does.
    fn look_back(
        &mut self,
        course: &'a Course,
        progress: &mut Progress,
        judge: &mut Judge<'_>,
        module: &'a Module,
        still_green: &mut dyn FnMut(StillGreen<'_>),
    ) -> Result<Option<Stop<'a>>> {
        let mut exercises = BTreeSet::new();
        for exercise in &module.exercises {
            if progress.is_done(exercise.id) || is_begun(course, module, exercise)? {
                exercises.insert(exercise.id);
            }
        }
        if exercises.is_empty() {
            return Ok(None);
        }
        let judged = match judge.judge(module, &exercises)? {
            Findings::Broken(errors) => return Ok(Some(Stop::Broken(errors))),
            Findings::Judged(judged) => judged,
        };
        let (is_new, checks) = (judged.is_new, judged.reports.len());
        let red = judged.reports.iter().filter(|report| !report.passed()).count();
        if let Some(stop) = self.note(course, progress, module, judged)? {
            return Ok(Some(stop));
        }
        for exercise in module.exercises.iter().filter(|e| exercises.contains(&e.id)) {
            let tally = self.tally(exercise.id);
            let is_wrong = tally.shown().is_some_and(|report| report.unwritten().is_none());
            if is_wrong && progress.is_open(exercise.id) && !is_choice(exercise) {
                self.below.get_or_insert(AlsoRed { exercise, tally });
            } else if !tally.is_green() {
                self.also_red.push(AlsoRed { exercise, tally });
            }
        }
        if is_new && self.below.is_none() {
            still_green(StillGreen { module, checks, red });
        }
        Ok(None)
    }

    /// Continues from the first exercise that is not done. Returns where and why it ends.
    fn go_on(
        &mut self,
        course: &'a Course,
        progress: &mut Progress,
        judge: &mut Judge<'_>,
        takes_all_begun: bool,
    ) -> Result<Stop<'a>> {
        let module = self.module;
        let mut exercises = up_to_the_next(course, progress, module)?;
        if takes_all_begun {
            for exercise in &module.exercises {
                if is_begun(course, module, exercise)? {
                    exercises.insert(exercise.id);
                }
            }
        }
        loop {
            let judged = match judge.judge(module, &exercises)? {
                Findings::Broken(errors) => return Ok(Stop::Broken(errors)),
                Findings::Judged(judged) => judged,
            };
            if let Some(stop) = self.note(course, progress, module, judged)? {
                return Ok(stop);
            }
            let open = |e: &&Exercise| {
                progress.is_open(e.id)
                    && !self.waiting.contains(&e.id)
                    && !self.postponed.iter().any(|other| other.id == e.id)
            };
            let Some(next) = module.core().find(open) else { break };
            if !self.tallies.contains_key(&next.id) {
                // A second attempt would find nothing new.
                if exercises == BTreeSet::from([next.id]) {
                    bail!(no_checks(module, next));
                }
                exercises = BTreeSet::from([next.id]);
                continue;
            }
            match self.judge_one(course, next)? {
                Some(Stop::NotStarted(..)) if progress.may_wait(&course.modules, next) => {
                    self.postponed.push(next);
                }
                Some(stop) => return Ok(stop),
                None => self.waiting.push(next.id),
            }
        }
        Ok(Stop::Done)
    }

    /// Judges one exercise, whatever the state of those before it.
    fn one(
        &mut self,
        course: &'a Course,
        progress: &mut Progress,
        judge: &mut Judge<'_>,
        exercise: &'a Exercise,
    ) -> Result<Stop<'a>> {
        let module = self.module;
        let mut exercises = BTreeSet::from([exercise.id]);
        for earlier in module.exercises.iter().filter(|earlier| earlier.id < exercise.id) {
            // A bonus that nobody has begun is no reason for anything.
            if !is_choice(earlier) || is_begun(course, module, earlier)? {
                exercises.insert(earlier.id);
            }
        }
        let judged = match judge.judge(module, &exercises)? {
            Findings::Broken(errors) => return Ok(Stop::Broken(errors)),
            Findings::Judged(judged) => judged,
        };
        if let Some(stop) = self.note(course, progress, module, judged)? {
            return Ok(stop);
        }
        if !self.tallies.contains_key(&exercise.id) {
            bail!(no_checks(module, exercise));
        }
        Ok(self.judge_one(course, exercise)?.unwrap_or(Stop::Green(exercise)))
    }

    /// Notes what is green and what is not. Returns the reason to stop if an exercise was green and is red now,
    /// or if a check has ended the run.
    fn note(
        &mut self,
        course: &Course,
        progress: &mut Progress,
        module: &'a Module,
        judged: Judged,
    ) -> Result<Option<Stop<'a>>> {
        // An exercise may be judged again together with the one that comes next; its checks count once.
        let known = std::mem::take(&mut self.judged);
        let is_known = |report: &Report| {
            known.iter().any(|it| it.exercise == report.exercise && it.check == report.check)
        };
        let new: Vec<Report> =
            judged.reports.into_iter().filter(|report| !is_known(report)).collect();
        for report in &new {
            self.tallies.entry(report.exercise).or_default().add(report, progress);
        }
        for (exercise, _) in &judged.untried {
            self.tallies.entry(*exercise).or_default().add_untried();
        }
        self.judged = known;
        self.judged.extend(new);
        let mut regressed = None;
        let mut endless = None;
        for exercise in &module.exercises {
            let Some(tally) = self.tallies.get(&exercise.id) else { continue };
            if tally.is_green() {
                if progress.mark_done(exercise.id) {
                    self.fresh.push(exercise.id);
                }
            } else if !tally.red.is_empty() {
                if progress.is_done(exercise.id) {
                    progress.mark_open(exercise.id);
                    regressed.get_or_insert(exercise);
                }
                endless.get_or_insert(exercise);
            }
        }
        let is_cut_short = !judged.untried.is_empty();
        let Some(exercise) = regressed.or(endless.filter(|_| is_cut_short)) else {
            return Ok(None);
        };
        let todo = locate::todo(course, module, exercise)?;
        Ok(Some(Stop::Red { exercise, todo, regressed: regressed.is_some() }))
    }

    /// Why the walk ends at this exercise; `None` if it is green, or waits for a skipped one.
    fn judge_one(&self, course: &Course, exercise: &'a Exercise) -> Result<Option<Stop<'a>>> {
        let tally = self.tally(exercise.id);
        if tally.is_green() {
            return Ok(None);
        }
        let todo = locate::todo(course, self.module, exercise)?;
        if todo.is_untouched() {
            return Ok(Some(Stop::NotStarted(exercise, todo)));
        }
        Ok(match tally.shown().map(Report::unwritten) {
            // Every red check waits for a skipped exercise.
            None => None,
            Some(Some(id)) if id == exercise.id => Some(Stop::Unfinished(exercise, todo)),
            Some(Some(id)) => Some(Stop::Needs(exercise, id)),
            _ => Some(Stop::Red { exercise, todo, regressed: false }),
        })
    }

    /// Notes the optional exercises of the target's module that are red, unless the walk has ended at one.
    fn mention_red_choices(&mut self) {
        let ended_at = self.ended_at();
        for exercise in self.module.exercises.iter().filter(|exercise| is_choice(exercise)) {
            let tally = self.tally(exercise.id);
            let is_postponed = self.postponed.iter().any(|other| other.id == exercise.id);
            if !tally.red.is_empty() && ended_at != Some(exercise.id) && !is_postponed {
                self.also_red.push(AlsoRed { exercise, tally });
            }
        }
    }

    /// The exercise that the walk has ended at.
    fn ended_at(&self) -> Option<ExerciseId> {
        match &self.stop {
            Stop::NotStarted(exercise, _)
            | Stop::Unfinished(exercise, _)
            | Stop::Needs(exercise, _)
            | Stop::Red { exercise, .. }
            | Stop::Green(exercise) => Some(exercise.id),
            Stop::Broken(_) | Stop::Done => None,
        }
    }

    /// An optional exercise that was just written and is red is what the learner is working on, even if the next
    /// exercise of the course is another. It is shown once for each text of its file; after that, the walk only
    /// mentions it.
    fn put_a_new_choice_first(&mut self, course: &'a Course, judge: &Judge<'_>) -> Result<()> {
        if !matches!(self.stop, Stop::NotStarted(..)) {
            return Ok(());
        }
        for at in 0..self.also_red.len() {
            let exercise = self.also_red[at].exercise;
            let Some((module, _)) = course.exercise(exercise.id) else { continue };
            let is_wrong = self.also_red[at].tally.shown().is_some_and(|r| r.unwritten().is_none());
            if is_wrong && judge.is_first_time(exercise.id, &course.text(module, exercise)) {
                let todo = locate::todo(course, module, exercise)?;
                self.also_red.remove(at);
                self.module = module;
                self.stop = Stop::Red { exercise, todo, regressed: false };
                return Ok(());
            }
        }
        Ok(())
    }

    /// The checks of the module that are red because the code is wrong, the most basic of each exercise first.
    pub(super) fn wrong(&self) -> Vec<&Report> {
        let tallies = self.module.exercises.iter().filter_map(|e| self.tallies.get(&e.id));
        tallies.flat_map(|tally| &tally.red).filter(|report| report.unwritten().is_none()).collect()
    }

    pub(super) fn tally(&self, id: ExerciseId) -> Tally {
        self.tallies.get(&id).cloned().unwrap_or_default()
    }
}

/// The message if a module does not judge one of its own exercises.
fn no_checks(module: &Module, exercise: &Exercise) -> String {
    format!(
        "there is no check for exercise {id}, {title}: {dir}/exercises.toml asks for it, but nothing in \
         {dir} judges it. This is a bug in the lab, not in your code. Please report it ({report}). Meanwhile, \
         `cargo xtask skip {id}` continues without it.",
        id = exercise.id,
        title = exercise.title,
        dir = files::shown(&module.suite()),
        report = course::where_to_report(),
    )
}

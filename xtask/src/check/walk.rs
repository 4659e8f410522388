//! A walk through a module: from the first exercise that is not done to the first red check.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use course::{Exercise, ExerciseId, Module, Report, Select};

use super::tally::Tally;
use super::watch::{self, Watched};
use crate::build::{self, Built, CompileError};
use crate::files;
use crate::gate::{Gate, Options};
use crate::locate::{self, Todo};
use crate::progress::Progress;
use crate::tree::Course;

/// Runs the checks of a module.
type Checks<'a> = dyn Fn(Select) -> Result<Vec<Report>> + 'a;

/// Where a walk through a module ended.
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

/// What a walk through a module found.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    pub(super) module: &'a Module,
    pub(super) tallies: BTreeMap<ExerciseId, Tally>,
    /// The exercises that became green, in order.
    pub(super) fresh: Vec<ExerciseId>,
    /// The exercises that can only be judged once a skipped one is written.
    pub(super) waiting: Vec<ExerciseId>,
    /// The exercises that are not begun and may be postponed.
    pub(super) postponed: Vec<&'a Exercise>,
    /// Transcripts to show when the module is done.
    pub(super) shows: Vec<String>,
    /// What the learner's predicates of module 0 say about this module's servers, once it is done.
    pub(super) watched: Option<Watched>,
    pub(super) stop: Stop<'a>,
    pub(super) seed: Option<u64>,
}

/// Goes through a module, from the first exercise that is not done to the first red check.
pub(super) fn walk<'a>(
    course: &'a Course,
    progress: &mut Progress,
    module: &'a Module,
    seed: Option<u64>,
) -> Result<Walk<'a>> {
    let mut walk = Walk::new(module, seed);
    let gate = match build::gate(&course.root, &module.package)? {
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

/// Judges one exercise, whatever the state of those before it.
pub(super) fn one<'a>(
    course: &'a Course,
    progress: &mut Progress,
    module: &'a Module,
    exercise: &'a Exercise,
    seed: Option<u64>,
) -> Result<Walk<'a>> {
    let mut walk = Walk::new(module, seed);
    walk.stop = match build::gate(&course.root, &module.package)? {
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

impl<'a> Walk<'a> {
    fn new(module: &'a Module, seed: Option<u64>) -> Self {
        Walk {
            module,
            tallies: BTreeMap::new(),
            fresh: Vec::new(),
            waiting: Vec::new(),
            postponed: Vec::new(),
            shows: Vec::new(),
            watched: None,
            stop: Stop::Done,
            seed,
        }
    }

    /// Continues from the first exercise that is not done. Returns where and why it ends.
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
                progress.is_open(e.id)
                    && !self.waiting.contains(&e.id)
                    && !self.postponed.iter().any(|other| other.id == e.id)
            };
            let Some(next) = module.core().find(open) else { return Ok(Stop::Done) };
            if !self.tallies.contains_key(&next.id) {
                // A second attempt would find nothing new.
                ensure!(select != Select::Only(next.id), no_checks(module, next));
                select = Select::Only(next.id);
                continue;
            }
            match self.judge(course, next)? {
                Some(Stop::NotStarted(..)) if progress.may_wait(&course.modules, next) => {
                    self.postponed.push(next);
                }
                Some(stop) => return Ok(stop),
                None => self.waiting.push(next.id),
            }
        }
    }

    /// Runs checks and notes what is green. Stops at an exercise that was green and is now red.
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

    /// Why the walk ends at this exercise; `None` if it is green, or waits for a skipped one.
    fn judge(&self, course: &Course, exercise: &'a Exercise) -> Result<Option<Stop<'a>>> {
        let tally = self.tally(exercise.id);
        if tally.is_green() {
            return Ok(None);
        }
        let todo = locate::todo(course, self.module, exercise)?;
        if todo.is_untouched() {
            return Ok(Some(Stop::NotStarted(exercise, todo)));
        }
        Ok(match tally.red.as_ref().map(Report::unwritten) {
            // Every red check waits for a skipped exercise.
            None => None,
            Some(Some(id)) if id == exercise.id => Some(Stop::Unfinished(exercise, todo)),
            Some(Some(id)) => Some(Stop::Needs(exercise, id)),
            _ => Some(Stop::Red { exercise, todo, regressed: false }),
        })
    }

    pub(super) fn tally(&self, id: ExerciseId) -> Tally {
        self.tallies.get(&id).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    #[test]
    fn an_exercise_without_checks_is_reported_and_ends_the_walk() {
        let exercise = |id: &str, title: &str| {
            format!(
                "[[exercise]]\nid = \"{id}\"\ntitle = \"{title}\"\nsection = \"\"\nfile = \"\"\n\
                 points = 1\nminutes = 1\nhints = []\n"
            )
        };
        let head = "module = \"01-a\"\npackage = \"a\"\ntitle = \"\"\nsection = \"\"\n";
        let text = format!("{head}{}{}", exercise("1.1", "Judged"), exercise("1.2", "Forgotten"));
        let module: Module = toml_edit::de::from_str(&text).unwrap();
        let course = Course { root: PathBuf::from("."), modules: vec![module] };
        let mut progress = Progress::none(Path::new("."));
        let mut walk = Walk::new(&course.modules[0], None);
        let text = r#"{"version":1,"module":"","exercise":"1.1","check":"a","claim":"A","points":1,
            "outcome":"passed","todo":null,"seed":1,"millis":0,"text":"","show":null}"#;
        let passed: Report = serde_json::from_str(text).unwrap();
        let checks = |select| match select {
            Select::Only(id) => {
                assert_eq!(id.to_string(), "1.2", "a judged exercise is judged again");
                Ok(Vec::new())
            }
            _ => Ok(vec![passed.clone()]),
        };
        let error = walk.go_on(&course, &mut progress, &checks).unwrap_err().to_string();
        assert!(progress.is_done("1.1".parse().unwrap()));
        for words in
            ["no check for exercise 1.2, Forgotten", "bug in the lab", "tests/01-a", "skip"]
        {
            assert!(error.contains(words), "no `{words}` in: {error}");
        }
    }
}

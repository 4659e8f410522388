//! What `check` found, as JSON. Version 1: fields may be added, but not removed.

use anyhow::Result;
use course::{Exercise, ExerciseId, Outcome, Report};
use serde::Serialize;

use super::compile;
use super::tally::Tally;
use super::walk::{Stop, Walk};
use super::watch::Watched;
use crate::build::CompileError;
use crate::files;
use crate::locate::Todo;
use crate::progress::{Progress, State};
use crate::tree::Course;

/// The whole answer.
#[derive(Serialize)]
pub(super) struct Answer<'a> {
    pub(super) version: u32,
    /// `green`, or why not: `not_started`, `unfinished`, `needs`, `red`, `broken`.
    pub(super) outcome: &'static str,
    /// The exercise that the outcome is about.
    pub(super) exercise: Option<ExerciseId>,
    /// Where the learner writes.
    pub(super) place: Option<Place>,
    /// The check to look at first: the most basic one of the exercise that is red.
    pub(super) check: Option<&'a Report>,
    /// Every check that is red, the most basic of each exercise first.
    pub(super) red: Vec<Red<'a>>,
    pub(super) errors: Vec<Error>,
    /// Every exercise that was judged.
    pub(super) exercises: Vec<Entry>,
    pub(super) seed: Option<u64>,
    /// The predicate of module 0 that disagrees with the lab about this module's servers.
    pub(super) watched: Option<&'a Report>,
    /// The files that judge the exercises and are not as they were handed out.
    pub(super) changed_judge: &'a [String],
}

/// A check that is red, and why.
#[derive(Serialize)]
pub(super) struct Red<'a> {
    exercise: ExerciseId,
    /// The exercise whose rule was broken, if it is another one.
    blames: Option<ExerciseId>,
    check: &'a str,
    claim: &'a str,
    points: u32,
    /// `failed`; `todo` if it ran into code that is not written; `stopped` if it took too long, used too
    /// much memory, overflowed its stack, or ended its process.
    outcome: Outcome,
    text: &'a str,
}

impl<'a> Red<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        Red {
            exercise: report.exercise,
            blames: report.blames,
            check: &report.check,
            claim: &report.claim,
            points: report.points,
            outcome: report.outcome,
            text: &report.text,
        }
    }
}

#[derive(Serialize)]
pub(super) struct Place {
    file: String,
    line: usize,
}

#[derive(Serialize)]
pub(super) struct Error {
    file: String,
    line: usize,
    code: Option<String>,
    rendered: String,
}

#[derive(Serialize)]
pub(super) struct Entry {
    id: ExerciseId,
    title: String,
    points: u32,
    bonus: bool,
    passed: usize,
    total: usize,
    /// How many checks did not run, because one of them did not end.
    untried: usize,
    waits_for: Vec<ExerciseId>,
    state: State,
}

/// An exercise and how its checks ended.
pub(super) fn entry(exercise: &Exercise, tally: &Tally, progress: &Progress) -> Entry {
    Entry {
        id: exercise.id,
        title: exercise.title.clone(),
        points: exercise.points,
        bonus: exercise.bonus,
        passed: tally.passed,
        total: tally.total,
        untried: tally.untried,
        waits_for: tally.waits_for.iter().copied().collect(),
        state: progress.state(exercise.id),
    }
}

/// Errors of the compiler.
pub(super) fn errors(errors: &[CompileError]) -> Vec<Error> {
    let error = |error: &CompileError| Error {
        file: error.file.clone(),
        line: error.line,
        code: error.code.clone(),
        rendered: error.rendered.clone(),
    };
    errors.iter().map(error).collect()
}

/// Prints what a walk through a module found.
pub(super) fn print(
    course: &Course,
    progress: &Progress,
    walk: &Walk<'_>,
    changed_judge: &[String],
) -> Result<()> {
    let place =
        |todo: &Todo| Some(Place { file: files::shown(&todo.place.file), line: todo.place.line });
    let mut broken = Vec::new();
    let (outcome, exercise, place) = match &walk.stop {
        Stop::Broken(list) => {
            broken = errors(list);
            ("broken", compile::blame(course, walk.module, list)?.exercise, None)
        }
        Stop::NotStarted(exercise, todo) => ("not_started", Some(exercise.id), place(todo)),
        Stop::Unfinished(exercise, todo) => ("unfinished", Some(exercise.id), place(todo)),
        Stop::Needs(exercise, _) => ("needs", Some(exercise.id), None),
        Stop::Red { exercise, todo, .. } => ("red", Some(exercise.id), place(todo)),
        Stop::Green(exercise) => ("green", Some(exercise.id), None),
        Stop::Done => ("green", None, None),
    };
    let check = exercise.and_then(|id| walk.tallies.get(&id)).and_then(Tally::shown);
    let every = course.modules.iter().flat_map(|module| &module.exercises);
    let judged =
        |exercise: &Exercise| Some(entry(exercise, walk.tallies.get(&exercise.id)?, progress));
    let answer = Answer {
        version: 1,
        outcome,
        exercise,
        place,
        check,
        red: walk.tallies.values().flat_map(|tally| &tally.red).map(Red::of).collect(),
        errors: broken,
        exercises: every.filter_map(judged).collect(),
        seed: walk.seed,
        watched: match &walk.watched {
            Some(Watched::Differs(report)) => Some(report),
            _ => None,
        },
        changed_judge,
    };
    say!("{}", serde_json::to_string(&answer)?);
    Ok(())
}

//! `check --all`: runs every check of every module, whatever is known, and records what is done.

use anyhow::Result;
use course::{Exercise, ExerciseId, Module, Report};

use super::judge::{Findings, Judge};
use super::tally::Tally;
use super::{compile, json};
use crate::build::CompileError;
use crate::progress::{Progress, State};
use crate::term;
use crate::tree::Course;

/// What was found in one module.
struct Found<'a> {
    module: &'a Module,
    /// Each exercise with its checks; empty if the module does not compile.
    tallies: Vec<(&'a Exercise, Tally)>,
    errors: Vec<CompileError>,
}

/// Judges everything. Returns whether all core exercises are green.
pub(super) fn run(
    course: &Course,
    mut progress: Progress,
    judge: &mut Judge<'_>,
    json: bool,
) -> Result<bool> {
    let mut all = Vec::new();
    for module in &course.modules {
        let found = look(&progress, judge, module)?;
        for exercise in &module.exercises {
            let tally = found.tallies.iter().find(|(other, _)| other.id == exercise.id);
            if tally.is_some_and(|(_, tally)| tally.is_green()) {
                progress.mark_done(exercise.id);
            } else if progress.is_done(exercise.id) {
                progress.mark_open(exercise.id);
            }
        }
        if !json {
            print_module(course, &progress, &found)?;
        }
        all.push(found);
    }
    progress.save()?;
    let is_green = course.modules.iter().flat_map(Module::core).all(|e| progress.is_done(e.id));
    let red = first_red(&all, &progress);
    if json {
        print_json(&all, &progress, red, is_green, judge)?;
    } else if is_green {
        say!("{} {}", term::green("✔"), term::bold("Every check is green."));
    } else if let Some((id, report)) = red.filter(|(_, report)| report.unwritten().is_none()) {
        say!("The first red check is of exercise {id}:\n\n{}", report.text.trim_end());
    } else {
        say!("`cargo xtask check` says what comes next.");
    }
    Ok(is_green)
}

fn look<'a>(progress: &Progress, judge: &mut Judge<'_>, module: &'a Module) -> Result<Found<'a>> {
    let mut found = Found { module, tallies: Vec::new(), errors: Vec::new() };
    let every = module.exercises.iter().map(|exercise| exercise.id).collect();
    match judge.judge(module, &every)? {
        Findings::Broken(errors) => found.errors = errors,
        Findings::Judged(judged) => {
            for exercise in &module.exercises {
                let mut tally = Tally::default();
                for report in judged.reports.iter().filter(|r| r.exercise == exercise.id) {
                    tally.add(report, progress);
                }
                for _ in judged.untried.iter().filter(|(id, _)| *id == exercise.id) {
                    tally.add_untried();
                }
                found.tallies.push((exercise, tally));
            }
        }
    }
    Ok(found)
}

fn first_red<'a>(all: &'a [Found<'_>], progress: &Progress) -> Option<(ExerciseId, &'a Report)> {
    let open = all
        .iter()
        .flat_map(|found| &found.tallies)
        .filter(|(exercise, _)| progress.state(exercise.id) == State::Open && !exercise.bonus);
    let red = open.filter_map(|(exercise, tally)| Some((exercise, tally.shown()?)));
    let (exercise, report) = red.min_by_key(|(exercise, _)| (exercise.due(), exercise.id))?;
    Some((exercise.id, report))
}

fn print_module(course: &Course, progress: &Progress, found: &Found<'_>) -> Result<()> {
    let module = found.module;
    say!("{}", term::bold(&format!("{}: {}", module.name(), module.title)));
    for (exercise, tally) in &found.tallies {
        let line = format!("{} {}: {}", exercise.id, exercise.title, tally.counts());
        let line = match progress.state(exercise.id) {
            State::Done => format!("{} {line}", term::green("✔")),
            State::Skipped => format!("{} {line} (skipped)", term::yellow("◌")),
            State::Open if exercise.bonus => format!("  {line} (bonus)"),
            State::Open if progress.may_wait(&course.modules, exercise) => {
                format!("  {line} (may wait until module {})", exercise.due())
            }
            State::Open => format!("{} {line}", term::red("✗")),
        };
        say!("  {line}");
    }
    if !found.errors.is_empty() {
        let blame = compile::blame(course, module, &found.errors)?;
        say!("  {}\n", term::red(&blame.headline));
        for error in &found.errors {
            say!("{}\n", error.rendered.trim_end());
        }
        for advice in blame.advice {
            tell!("{advice}");
        }
    }
    say!();
    Ok(())
}

fn print_json(
    all: &[Found<'_>],
    progress: &Progress,
    red: Option<(ExerciseId, &Report)>,
    is_green: bool,
    judge: &Judge<'_>,
) -> Result<()> {
    let errors: Vec<_> = all.iter().flat_map(|found| json::errors(&found.errors)).collect();
    let outcome = match (is_green, errors.is_empty()) {
        (true, _) => "green",
        (false, false) => "broken",
        (false, true) => "red",
    };
    let tallies = all.iter().flat_map(|found| &found.tallies);
    let answer = json::Answer {
        version: 1,
        outcome,
        exercise: red.map(|(id, _)| id),
        place: None,
        check: red.map(|(_, report)| report),
        red: tallies.clone().flat_map(|(_, tally)| &tally.red).map(json::Red::of).collect(),
        errors,
        exercises: tallies.map(|(e, tally)| json::entry(e, tally, progress)).collect(),
        seed: judge.seed(),
        watched: None,
        changed_judge: judge.changed_judge(),
    };
    say!("{}", serde_json::to_string(&answer)?);
    Ok(())
}

//! `status`: the modules and exercises, what is done, and what comes next.

use anyhow::Result;
use course::{Exercise, ExerciseId, Module};
use serde::Serialize;

use crate::progress::{Progress, State};
use crate::term;
use crate::tree::Course;
use crate::use_module::{self, Source};
use crate::{files, locate};

/// `cargo xtask status --json`, version 1: fields may be added, but not removed.
#[derive(Serialize)]
struct Answer<'a> {
    version: u32,
    modules: Vec<ModuleAnswer<'a>>,
    /// The exercise that comes next; `None` if all are done or skipped.
    next: Option<ExerciseId>,
}

#[derive(Serialize)]
struct ModuleAnswer<'a> {
    number: u32,
    name: &'a str,
    title: &'a str,
    section: &'a str,
    /// What later modules build on.
    uses: Source,
    exercises: Vec<ExerciseAnswer<'a>>,
}

#[derive(Serialize)]
struct ExerciseAnswer<'a> {
    id: ExerciseId,
    title: &'a str,
    section: &'a str,
    file: String,
    line: usize,
    points: u32,
    minutes: u32,
    bonus: bool,
    /// The module before which it must be done, if it may be postponed.
    until: Option<u32>,
    state: State,
    hints_seen: usize,
}

/// `cargo xtask status`. Shows the exercises of modules that are begun and of the next one, or with `all`
/// those of every module.
pub(crate) fn run(course: &Course, all: bool, json: bool) -> Result<()> {
    let progress = Progress::load(&course.root)?;
    if json {
        say!("{}", serde_json::to_string(&answer(course, &progress)?)?);
        return Ok(());
    }
    let head = format!("Raft Learning Lab: {}", how_far(course, &progress));
    say!("{}\n", term::bold(&head));
    let next = progress.next(&course.modules);
    for module in &course.modules {
        let states = || module.core().map(|exercise| progress.state(exercise.id));
        let is_begun = states().any(|state| state != State::Open);
        let is_done = states().all(|state| state == State::Done);
        let is_next = next.is_some_and(|(other, _)| other.dir == module.dir);
        let is_open = all || is_next || is_begun && !is_done;
        print_module(course, &progress, module, is_done, is_open)?;
        if is_open {
            print_exercises(course, &progress, module, next.map(|(_, exercise)| exercise.id));
        }
    }
    say!();
    match next {
        Some((module, exercise)) => {
            let place = locate::todo(course, module, exercise)?.place;
            say!("Next: {} {}\n      {place}", exercise.id, exercise.title);
            if module.questions.iter().any(|question| progress.answered(&question.id).is_none()) {
                say!("      cargo xtask quiz      asks what you expect before you write it");
            }
            say!("      cargo xtask check     judges it and continues from there");
            say!("      cargo xtask hint      helps, a little more each time");
        }
        None if course.modules.iter().flat_map(Module::core).all(|e| progress.is_done(e.id)) => {
            say!("Everything is done. Well done!");
        }
        None => say!("Only the exercises that you skipped are left."),
    }
    if !all {
        say!("{}", term::dim("`cargo xtask status --all` shows every exercise."));
    }
    Ok(())
}

/// `3 of 44 exercises done`, and how many of the stretch, once the learner has reached it.
fn how_far(course: &Course, progress: &Progress) -> String {
    let count = |stretch: bool| {
        let modules = course.modules.iter().filter(move |module| module.stretch == stretch);
        let all: Vec<&Exercise> = modules.flat_map(Module::core).collect();
        (all.iter().filter(|exercise| progress.is_done(exercise.id)).count(), all.len())
    };
    let (done, all) = count(false);
    let (more, stretch) = count(true);
    let so_far = format!("{done} of {all} exercises done");
    if stretch > 0 && (more > 0 || done == all) {
        format!("{so_far}, and {more} of {stretch} of the stretch")
    } else {
        so_far
    }
}

fn print_module(
    course: &Course,
    progress: &Progress,
    module: &Module,
    is_done: bool,
    is_open: bool,
) -> Result<()> {
    let done = module.core().filter(|e| progress.is_done(e.id)).count();
    let mut remarks = Vec::new();
    if course.is_finish(module) {
        remarks.push("the finish line");
    }
    if module.stretch {
        remarks.push("a stretch");
    }
    if use_module::source(&course.root, module)? == Source::Solution {
        remarks.push("later modules build on the reference");
    }
    let sign = if is_done { term::green("✔") } else { " ".to_owned() };
    let head = format!("Module {}  {:<33}", module.number(), module.title);
    let head = if is_open { term::bold(&head) } else { head };
    let line =
        format!("{sign} {head} {done:>2} of {:<2}  {}", module.core().count(), remarks.join("; "));
    say!("{}", line.trim_end());
    Ok(())
}

fn print_exercises(
    course: &Course,
    progress: &Progress,
    module: &Module,
    next: Option<ExerciseId>,
) {
    for exercise in &module.exercises {
        let remark = match exercise.until {
            _ if exercise.bonus => ", bonus".to_owned(),
            Some(until) if progress.may_wait(&course.modules, exercise) => {
                format!(", may wait until module {until}")
            }
            _ => String::new(),
        };
        let line = format!("{:4} {}", exercise.id.to_string(), exercise.title);
        let minutes = term::dim(&format!("({} min{remark})", exercise.minutes));
        say!(
            "    {} {minutes}",
            match progress.state(exercise.id) {
                State::Done => format!("{} {line}", term::green("✔")),
                State::Skipped => format!("{} {line}, skipped", term::yellow("◌")),
                State::Open if next == Some(exercise.id) => term::bold(&format!("▶ {line}")),
                State::Open => format!("  {line}"),
            }
        );
    }
}

fn answer<'a>(course: &'a Course, progress: &Progress) -> Result<Answer<'a>> {
    let mut modules = Vec::new();
    for module in &course.modules {
        let exercises: Result<_> =
            module.exercises.iter().map(|e| describe(course, progress, module, e)).collect();
        modules.push(ModuleAnswer {
            number: module.number(),
            name: &module.dir,
            title: &module.title,
            section: &module.section,
            uses: use_module::source(&course.root, module)?,
            exercises: exercises?,
        });
    }
    let next = progress.next(&course.modules).map(|(_, exercise)| exercise.id);
    Ok(Answer { version: 1, modules, next })
}

fn describe<'a>(
    course: &Course,
    progress: &Progress,
    module: &Module,
    exercise: &'a Exercise,
) -> Result<ExerciseAnswer<'a>> {
    let place = locate::todo(course, module, exercise)?.place;
    Ok(ExerciseAnswer {
        id: exercise.id,
        title: &exercise.title,
        section: &exercise.section,
        file: files::shown(&place.file),
        line: place.line,
        points: exercise.points,
        minutes: exercise.minutes,
        bonus: exercise.bonus,
        until: exercise.until,
        state: progress.state(exercise.id),
        hints_seen: progress.hints_seen(exercise.id),
    })
}

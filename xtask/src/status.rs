//! `status`: the map of modules and exercises, what is done, and what comes next.

use anyhow::Result;
use serde::Serialize;

use crate::course::{Course, Exercise, Id, Module};
use crate::locate;
use crate::progress::{Progress, State};
use crate::term;
use crate::use_module::{self, Source};

/// `cargo xtask status --json`, version 1: fields may be added, none taken away.
#[derive(Serialize)]
struct Answer<'a> {
    version: u32,
    modules: Vec<ModuleAnswer<'a>>,
    /// The exercise that comes next; nothing if all are done or skipped.
    next: Option<Id>,
}

#[derive(Serialize)]
struct ModuleAnswer<'a> {
    number: u8,
    name: &'a str,
    title: &'a str,
    section: &'a str,
    /// What later modules stand on.
    uses: Source,
    exercises: Vec<ExerciseAnswer<'a>>,
}

#[derive(Serialize)]
struct ExerciseAnswer<'a> {
    id: Id,
    title: &'a str,
    section: &'a str,
    file: String,
    line: usize,
    points: u32,
    minutes: u32,
    bonus: bool,
    /// The module that it may be left until.
    until: Option<u8>,
    state: State,
    hints_seen: usize,
}

/// `cargo xtask status`.
pub(crate) fn run(course: &Course, json: bool) -> Result<()> {
    let progress = Progress::load(&course.root)?;
    if json {
        say!("{}", serde_json::to_string(&answer(course, &progress)?)?);
        return Ok(());
    }
    let core = || course.modules.iter().flat_map(Module::core);
    let done = core().filter(|e| progress.is_done(e.id)).count();
    say!(
        "{}",
        term::bold(&format!("Raft Learning Lab: {done} of {} exercises done", core().count()))
    );
    let next = progress.next(&course.modules);
    for module in &course.modules {
        print_module(course, &progress, module, next.map(|(_, exercise)| exercise.id))?;
    }
    say!();
    match next {
        Some((module, exercise)) => {
            let place = locate::todo(course, module, exercise)?.place;
            say!("Next: {} {}, {place}", exercise.id, exercise.title);
            if module.questions.iter().any(|question| progress.answered(&question.id).is_none()) {
                say!("      cargo xtask quiz      asks what you expect, before you write it");
            }
            say!("      cargo xtask check     judges it, and goes on from there");
            say!("      cargo xtask hint      helps, a little more each time");
        }
        None if done == core().count() => say!("All is done. Well done!"),
        None => say!("Nothing is left but what you have skipped."),
    }
    Ok(())
}

fn print_module(
    course: &Course,
    progress: &Progress,
    module: &Module,
    next: Option<Id>,
) -> Result<()> {
    let done = module.core().filter(|e| progress.is_done(e.id)).count();
    let head = format!("Module {}: {} ({})", module.number(), module.title, module.section);
    let standing = match use_module::source(&course.root, module)? {
        Source::Mine => "",
        Source::Solution => "; later modules stand on the reference of it",
    };
    say!("\n{}  {done} of {}{standing}", term::bold(&head), module.core().count());
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
            "  {} {minutes}",
            match progress.state(exercise.id) {
                State::Done => term::green(&format!("✔ {line}")),
                State::Skipped => term::yellow(&format!("◌ {line}, skipped")),
                State::Open if next == Some(exercise.id) => term::bold(&format!("▶ {line}")),
                State::Open => format!("  {line}"),
            }
        );
    }
    Ok(())
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
        file: crate::files::shown(&place.file),
        line: place.line,
        points: exercise.points,
        minutes: exercise.minutes,
        bonus: exercise.bonus,
        until: exercise.until,
        state: progress.state(exercise.id),
        hints_seen: progress.hints_seen(exercise.id),
    })
}

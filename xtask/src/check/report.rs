//! What `check` found, for the learner.

use std::collections::BTreeMap;

use anyhow::Result;
use course::{Exercise, ExerciseId, Module, Report};

use super::walk::{AlsoRed, StillGreen, Stop, Walk};
use super::{after, compile, end, listed};
use crate::locate::Todo;
use crate::progress::Progress;
use crate::term;
use crate::tree::Course;

/// Prints what a walk through a module found.
pub(super) fn print(course: &Course, progress: &Progress, walk: &Walk<'_>) -> Result<()> {
    if let Some(AlsoRed { exercise, tally }) = &walk.below {
        let (id, title) = (exercise.id, &exercise.title);
        tell!(
            "Module {} is not green, and this builds on it: {id} {title}, {}. What is red below may \
             come from there. `cargo xtask check {id}` says more.\n",
            id.module,
            tally.counts()
        );
    }
    for exercise in course.modules.iter().flat_map(|module| &module.exercises) {
        let tally = walk.tally(exercise.id);
        if walk.fresh.contains(&exercise.id) {
            let line = format!("{} {}: {}", exercise.id, exercise.title, tally.all_green());
            say!("{} {line}", term::green("✔"));
        } else if walk.waiting.contains(&exercise.id) {
            let line = format!("{} {}: {}", exercise.id, exercise.title, tally.counts());
            say!("{} {line}", term::yellow("◌"));
        }
    }
    if !walk.fresh.is_empty() || !walk.waiting.is_empty() {
        say!();
    }
    after::print(course, walk);
    listed::forget(&course.root);
    match &walk.stop {
        Stop::Broken(errors) => {
            let blame = compile::blame(course, walk.module, errors)?;
            tell!("{}\n", term::red(&blame.headline));
            for error in errors {
                say!("{}", error.rendered.trim_end());
                say!();
            }
            for advice in blame.advice {
                tell!("{advice}");
            }
        }
        Stop::NotStarted(exercise, todo) => {
            not_started(course, progress, walk.module, exercise, todo);
        }
        Stop::Unfinished(exercise, todo) => {
            let tally = walk.tally(exercise.id);
            let head = format!("{} {}: {}.", exercise.id, exercise.title, tally.counts());
            tell!("{}{}\n", term::bold(&head), still_to_write(todo));
            next_steps(exercise, todo);
        }
        Stop::Needs(exercise, id) => {
            tell!(
                "{} {} needs exercise {id}, which is not written yet. `cargo xtask check {id}` says \
                 where to write it.",
                exercise.id,
                exercise.title
            );
        }
        Stop::Red { exercise, todo, regressed } => {
            let stuck = red(walk, exercise, todo, *regressed);
            listed::keep(&course.root, &walk.wrong(), Some(stuck));
        }
        Stop::Green(exercise) => end::of_exercise(course, progress, walk, exercise),
        Stop::Done => end::of_module(course, progress, walk)?,
    }
    also_red(progress, walk);
    Ok(())
}

/// An earlier module was judged again, and nothing in it keeps the learner from going on.
pub(super) fn print_still_green(StillGreen { module, checks, red }: StillGreen<'_>) {
    let name = module.name();
    if red == 0 {
        let text = format!("{name} was judged again and is green: {checks} checks.");
        say!("{} {text}", term::green("✔"));
    } else {
        let green = checks - red;
        say!("{} {name} was judged again: {green} of {checks} checks green.", term::yellow("◌"));
    }
}

/// Says that what judges the learner is not what was handed out.
pub(super) fn print_changed_judge(changed: &[String]) {
    let Some((first, others)) = changed.split_first() else { return };
    let more = match others.len() {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    tell!("Note: the judge is not as it was handed out: {first}{more}. Its verdicts may differ.");
}

/// The red exercises that do not keep the learner from going on.
fn also_red(progress: &Progress, walk: &Walk<'_>) {
    if !walk.also_red.is_empty() {
        say!();
    }
    for AlsoRed { exercise, tally } in &walk.also_red {
        let what = match (exercise.bonus, progress.is_skipped(exercise.id)) {
            (true, _) => "bonus",
            (_, true) => "skipped",
            _ => "may wait",
        };
        let (id, title) = (exercise.id, &exercise.title);
        tell!(
            "{} {id} {title} ({what}): {}. `cargo xtask check {id}` says more.",
            term::yellow("◌"),
            tally.counts()
        );
    }
}

fn not_started(
    course: &Course,
    progress: &Progress,
    module: &Module,
    exercise: &Exercise,
    todo: &Todo,
) {
    let is_first = module.core().next().is_some_and(|first| first.id == exercise.id);
    if is_first {
        let head = format!("{}: {} ({})", module.name(), module.title, module.section);
        say!("{}\n", term::bold(&head));
    }
    let mut is_done = module.exercises.iter().map(|e| progress.is_done(e.id));
    let place = match (is_first, is_done.any(|done| done)) {
        (true, _) => "comes first",
        (false, true) => "comes next",
        (false, false) => "is not started",
    };
    let noun = module.exercise_noun();
    let head = format!("{noun} {}, {}, {place}.", exercise.id, exercise.title);
    tell!("{} It takes about {} minutes.\n", term::bold(&head), exercise.minutes);
    if let Some(until) = exercise.until {
        tell!("You could postpone this until now. Module {until} covers it.\n");
    }
    if is_first && module.is_open_path() {
        let chapter = "docs/chapters/open.md says what the lab takes for granted, and how to begin";
        say!("{}", term::fitted_after("  first    ", chapter));
    }
    let design = format!("docs/design/{}.md", module.dir);
    if is_first && course.root.join(&design).is_file() {
        let ask = format!("{design}: what would you keep? Write it into your notes first");
        say!("{}", term::fitted_after("  design   ", &ask));
    }
    if is_first
        && !module.questions.is_empty()
        && end::open_questions(progress, module) == module.questions.len()
    {
        let number = module.number();
        let ask = format!(
            "docs/chapters/{}.md asks before it tells; cargo xtask quiz {number} asks the same",
            module.dir
        );
        say!("{}", term::fitted_after("  predict  ", &ask));
    }
    next_steps(exercise, todo);
    if term::is_in_watch() {
        say!("  then     save the file");
    } else {
        say!("  then     cargo xtask check");
    }
}

/// Returns the exercise that a hint would be for.
fn red(walk: &Walk<'_>, exercise: &Exercise, todo: &Todo, regressed: bool) -> ExerciseId {
    let tally = walk.tally(exercise.id);
    if regressed {
        let head = format!(
            "{} {}, {}, was green before and is red now: a later change broke it.",
            walk.module.exercise_noun(),
            exercise.id,
            exercise.title
        );
        tell!("{}\n", term::bold(&head));
    }
    if let Some(report) = tally.shown() {
        match report.unwritten() {
            Some(id) => say!("A check ran into exercise {id}, which is not written.\n"),
            None => say!("{}\n", report.text.trim_end()),
        }
    }
    // The check's own text says where to look.
    let head = format!("{} {}: {}.", exercise.id, exercise.title, tally.counts());
    tell!("{}{}\n", term::bold(&head), still_to_write(todo));
    list_red(walk, exercise);
    // The check that is shown, if it lets servers run; otherwise the first of the list that does.
    if let Some(report) = walk.wrong().into_iter().find(|report| report.has_run) {
        let is_shown = tally.shown().is_some_and(|shown| shown.check == report.check);
        let of = if is_shown { String::new() } else { format!("   ({})", report.claim) };
        say!("{}", term::fitted_after("  see it   ", &format!("cargo xtask replay{of}")));
    }
    let blamed = tally.shown().and_then(|report| report.blames);
    let stuck = blamed.unwrap_or(exercise.id);
    say!("  stuck?   cargo xtask hint {stuck}");
    stuck
}

/// Up to this many red checks are listed by name. Of more, only those of the exercise that is shown are.
const LISTED: usize = 15;

/// Up to this many are listed in `watch`.
const LISTED_IN_WATCH: usize = 4;

/// Lists the red checks by name, if there are more than the one that is shown, and says how many did not run.
fn list_red(walk: &Walk<'_>, shown: &Exercise) {
    let wrong = walk.wrong();
    if wrong.len() > LISTED {
        let own = wrong.iter().take_while(|report| report.exercise <= shown.id).count();
        list(&wrong[..own]);
        say!("{}", term::fitted_after("     ", &of_later_exercises(&wrong[own..])));
        say!();
    } else if wrong.len() > 1 || (wrong.len() == 1 && term::is_in_watch()) {
        // In `watch`, the beginning of a long text has scrolled off the screen; the list names its claim again.
        list(&wrong);
        say!();
    }
    let untried: usize = walk.tallies.values().map(|tally| tally.untried).sum();
    if untried > 0 {
        let checks = if untried == 1 { "One check was" } else { &format!("{untried} checks were") };
        tell!("{checks} not tried: the first check that does not end ends the run.\n");
    }
}

/// How many checks of which exercises are red, too.
fn of_later_exercises(red: &[&Report]) -> String {
    let mut counts: BTreeMap<ExerciseId, usize> = BTreeMap::new();
    for report in red {
        *counts.entry(report.exercise).or_default() += 1;
    }
    let each: Vec<String> = counts.iter().map(|(id, count)| format!("{count} of {id}")).collect();
    format!(
        "and {} of later exercises: {}. `cargo xtask explain` lists all.",
        red.len(),
        each.join(", ")
    )
}

/// Lists red checks, with the numbers that `explain` takes. `watch` has little room, and a key that shows one after the
/// other: there, only the first ones are listed.
pub(super) fn list(red: &[&Report]) {
    if term::is_in_watch() {
        tell!("Red, the most basic first (e shows the next one):");
    } else {
        tell!("Red, the most basic first (`cargo xtask explain NUMBER` shows one):");
    }
    let groups: Vec<&[&Report]> = red.chunk_by(|one, next| have_one_cause(one, next)).collect();
    let shown = if term::is_in_watch() { LISTED_IN_WATCH } else { groups.len() };
    let mut number = 1;
    for group in groups.iter().take(shown) {
        let report = group[0];
        let look_at = report.blames.map_or_else(String::new, |id| format!(" (look at {id})"));
        let head = format!("  {number:>2} {} {}  ", term::red("✗"), report.exercise);
        say!("{}", term::fitted_after(&head, &format!("{}{look_at}", report.claim)));
        match group.len() - 1 {
            0 => {}
            1 => say!("     and one more, for the same reason"),
            more => say!("     and {more} more, for the same reason"),
        }
        number += group.len();
    }
    let left: usize = groups.iter().skip(shown).map(|group| group.len()).sum();
    if left > 0 {
        say!("     and {left} more");
    }
}

/// Whether two checks of an exercise failed in the same way, as all do for which a scenario cannot be read.
fn have_one_cause(one: &Report, other: &Report) -> bool {
    let cause = |report: &Report| report.text.split_once("\n\n").map(|(_, cause)| cause.to_owned());
    one.exercise == other.exercise && cause(one).is_some() && cause(one) == cause(other)
}

/// The parts that are not written, if there are any.
fn still_to_write(todo: &Todo) -> String {
    let names: Vec<String> =
        todo.unwritten.iter().filter(|n| !n.is_empty()).map(|name| format!("`{name}`")).collect();
    if names.is_empty() { String::new() } else { format!(" Still to write: {}.", names.join(", ")) }
}

/// Where to write, what to read, and how to get help.
fn next_steps(exercise: &Exercise, todo: &Todo) {
    say!("  write    {}", todo.place);
    say!("{}", term::fitted_after("  read     ", &exercise.section));
    say!("  stuck?   cargo xtask hint {}", exercise.id);
}

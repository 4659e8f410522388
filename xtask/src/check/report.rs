//! What a check has found, in words for the learner.

use anyhow::Result;

use super::{Stop, Tally, Walk, Watched, compile};
use crate::course::{Course, Exercise, Module};
use crate::locate::Todo;
use crate::progress::Progress;
use crate::term;
use crate::use_module::{self, Source};

/// Prints what a walk through a module has found.
pub(super) fn print(course: &Course, progress: &Progress, walk: &Walk<'_>) -> Result<()> {
    for exercise in &walk.module.exercises {
        let tally = walk.tally(exercise.id);
        if walk.fresh.contains(&exercise.id) {
            let line = format!("{} {}: {}", exercise.id, exercise.title, all_green(&tally));
            say!("{} {line}", term::green("✔"));
        } else if walk.waiting.contains(&exercise.id) {
            let line = format!("{} {}: {}", exercise.id, exercise.title, counts(&tally));
            say!("{} {line}", term::yellow("◌"));
        }
    }
    if !walk.fresh.is_empty() || !walk.waiting.is_empty() {
        say!();
    }
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
        Stop::NotStarted(exercise, todo) => not_started(progress, walk.module, exercise, todo),
        Stop::Unfinished(exercise, todo) => {
            let tally = walk.tally(exercise.id);
            let head = format!("{} {}: {}.", exercise.id, exercise.title, counts(&tally));
            tell!("{}{}\n", term::bold(&head), still_to_write(todo));
            next_steps(exercise, todo);
        }
        Stop::Needs(exercise, id) => {
            tell!(
                "{} {} needs exercise {id}, which is not written yet: `cargo xtask check {id}` says \
                 where.",
                exercise.id,
                exercise.title
            );
        }
        Stop::Red { exercise, todo, regressed } => red(walk, exercise, todo, *regressed),
        Stop::Green(exercise) => green(course, progress, walk, exercise),
        Stop::Done => done(course, progress, walk)?,
    }
    Ok(())
}

fn not_started(progress: &Progress, module: &Module, exercise: &Exercise, todo: &Todo) {
    let is_first = module.core().next().is_some_and(|first| first.id == exercise.id);
    if is_first {
        let head = format!("Module {}: {} ({})", module.number(), module.title, module.section);
        say!("{}\n", term::bold(&head));
    }
    let mut is_done = module.exercises.iter().map(|e| progress.is_done(e.id));
    let place = match (is_first, is_done.any(|done| done)) {
        (true, _) => "comes first",
        (false, true) => "comes next",
        (false, false) => "is not started",
    };
    let head = format!("Exercise {}, {}, {place}.", exercise.id, exercise.title);
    tell!("{} It takes about {} minutes.\n", term::bold(&head), exercise.minutes);
    if let Some(until) = exercise.until {
        tell!("You could leave it until now: module {until} is about what it says.\n");
    }
    next_steps(exercise, todo);
    say!("  then     cargo xtask check");
}

fn red(walk: &Walk<'_>, exercise: &Exercise, todo: &Todo, regressed: bool) {
    let tally = walk.tally(exercise.id);
    if regressed {
        let head = format!(
            "Exercise {}, {}, was green before and has become red: a later change broke it.",
            exercise.id, exercise.title
        );
        tell!("{}\n", term::bold(&head));
    }
    if let Some(report) = &tally.red {
        match report.todo() {
            Some(id) => say!("A check has run into exercise {id}, which is not written.\n"),
            None => say!("{}\n", report.text.trim_end()),
        }
    }
    // Where to look stands in the check's own account.
    let head = format!("{} {}: {}.", exercise.id, exercise.title, counts(&tally));
    tell!("{}{}\n", term::bold(&head), still_to_write(todo));
    say!("  stuck?   cargo xtask hint {}", exercise.id);
}

/// The parts that are not written, if any are.
fn still_to_write(todo: &Todo) -> String {
    let names: Vec<String> =
        todo.unwritten.iter().filter(|n| !n.is_empty()).map(|name| format!("`{name}`")).collect();
    if names.is_empty() { String::new() } else { format!(" Still to write: {}.", names.join(", ")) }
}

/// The line or two on what to do.
fn next_steps(exercise: &Exercise, todo: &Todo) {
    say!("  write    {}", todo.place);
    say!("  read     {}", exercise.section);
    say!("  stuck?   cargo xtask hint {}", exercise.id);
}

fn green(course: &Course, progress: &Progress, walk: &Walk<'_>, exercise: &Exercise) {
    let tally = walk.tally(exercise.id);
    if tally.is_green() {
        say!("Exercise {} is done: {}.", exercise.id, all_green(&tally));
    } else {
        say!("{} {}: {}.", exercise.id, exercise.title, counts(&tally));
    }
    if let Some((_, next)) = progress.next(&course.modules) {
        say!("Next: {} {}, by `cargo xtask check`.", next.id, next.title);
    }
}

fn done(course: &Course, progress: &Progress, walk: &Walk<'_>) -> Result<()> {
    let module = walk.module;
    let is_put_off = |e: &Exercise| walk.put_off.iter().any(|other| other.id == e.id);
    let open = module.core().filter(|e| !progress.is_done(e.id) && !is_put_off(e));
    let skipped: Vec<String> = open.map(|e| e.id.to_string()).collect();
    if skipped.is_empty() {
        let so_far = if walk.put_off.is_empty() { "" } else { " as far as it must be now" };
        let (number, title) = (module.number(), &module.title);
        let head = format!("Module {number}, {title}, is done{so_far}. Well done!");
        // What is longest comes first: what to do next shall be in sight at the end.
        for show in &walk.shows {
            say!("{}\n", show.trim_end());
        }
        say!("{} {}\n", term::green("✔"), term::bold(&head));
    } else {
        let head = format!("You have come to the end of module {}.", module.number());
        say!("{} Not done: {}.\n", term::bold(&head), skipped.join(", "));
    }
    if let Some(first) = walk.put_off.first() {
        let ids: Vec<String> = walk.put_off.iter().map(|e| e.id.to_string()).collect();
        tell!(
            "{} may wait: `cargo xtask check` comes back to them before module {}. Who likes can begin \
             now, by `cargo xtask check {}`.",
            ids.join(" and "),
            first.due(),
            first.id
        );
    }
    if let Some(watched) = &walk.watched {
        tell_watched(watched);
    }
    for bonus in module.exercises.iter().filter(|e| e.bonus && !progress.is_done(e.id)) {
        say!("Bonus: {} {}, by `cargo xtask check {}`.", bonus.id, bonus.title, bonus.id);
    }
    let later = course.modules.iter().skip_while(|m| m.dir != module.dir).nth(1);
    if skipped.is_empty()
        && later.is_some()
        && !course.is_handout()
        && use_module::source(&course.root, module)? == Source::Solution
    {
        tell!(
            "Later modules stand on the reference of this one; `cargo xtask use {} mine` puts them \
             on yours.",
            module.package
        );
    }
    if course.is_finish(module) && is_through(course, progress) {
        finish_line(course, progress);
    }
    match progress.next(&course.modules) {
        Some((next_module, next)) => tell!(
            "Next: module {}, {}, exercise {} {}; `cargo xtask check` says where.",
            next_module.number(),
            next_module.title,
            next.id,
            next.title
        ),
        None => {
            tell!("That was the last exercise. `cargo xtask check --all` runs every check again.");
        }
    }
    Ok(())
}

/// Whether nothing is open up to the finish line.
fn is_through(course: &Course, progress: &Progress) -> bool {
    progress.next(&course.modules).is_none_or(|(next, _)| next.stretch)
}

/// What is said to who has come to the end of the course proper.
fn finish_line(course: &Course, progress: &Progress) {
    let head = "This was the finish line. Congratulations: you have built Raft.";
    say!("{}", term::bold(head));
    tell!(
        "Your servers elect leaders, keep one log, answer clients, and come back from crashes with \
         everything that they have promised."
    );
    let left = course.modules.iter().filter(|module| !module.stretch).flat_map(Module::core);
    let left: Vec<String> =
        left.filter(|e| !progress.is_done(e.id)).map(|e| e.id.to_string()).collect();
    if !left.is_empty() {
        tell!("You have left out {}; it is never too late.", left.join(", "));
    }
    say!("\nWhat you can do now:\n");
    say!("  cargo xtask check --all      every check of every module, once more");
    say!("  cargo xtask fuzz             storms without end; who finds one that ends badly?");
    say!("  docs/resources/README.md     what others have built, proved and written");
    for module in course.modules.iter().filter(|module| module.stretch) {
        let line = format!("module {}, a stretch", module.number());
        say!("  {line:<28} {} ({})", module.title, module.section);
    }
    say!();
}

/// What the learner's predicates of module 0 have said of this module's servers.
fn tell_watched(watched: &Watched) {
    match watched {
        Watched::Holds { predicates, executions } => tell!(
            "What you wrote in module 0 has looked on: {} in {executions} executions of these servers.",
            match predicates {
                1 => "your predicate holds".to_owned(),
                count => format!("all {count} of your predicates hold"),
            }
        ),
        Watched::Broken(dir) => {
            tell!("What you wrote in module 0 could not look on: {dir} does not compile.");
        }
        Watched::Differs(report) => {
            let head = "What you wrote in module 0 has looked on, and does not agree with the lab.";
            tell!("{}\n", term::bold(head));
            say!("{}\n", report.text.trim_end());
        }
    }
}

fn all_green(tally: &Tally) -> String {
    match tally.total {
        1 => "its check is green".to_owned(),
        total => format!("all {total} checks green"),
    }
}

/// `4 of 7 checks green`, and how many wait for what.
pub(super) fn counts(tally: &Tally) -> String {
    let green = format!("{} of {} checks green", tally.passed, tally.total);
    if tally.waiting == 0 {
        return green;
    }
    let ids: Vec<String> = tally.waits_for.iter().map(ToString::to_string).collect();
    let wait = if tally.waiting == 1 { "waits" } else { "wait" };
    let were = if ids.len() == 1 { "was" } else { "were" };
    format!("{green}, {} {wait} for {}, which {were} skipped", tally.waiting, ids.join(" and "))
}

//! What `check` prints where a walk ends well: an exercise is green, a module is done, nothing is left.

use anyhow::Result;
use course::{Exercise, Module, OPEN_DIR};

use super::after;
use super::walk::Walk;
use super::watch::Watched;
use crate::progress::{Answered, Progress};
use crate::term;
use crate::tree::Course;
use crate::use_module::{self, Source};

/// The exercise that was asked for is green, or waits for a skipped one.
pub(super) fn of_exercise(
    course: &Course,
    progress: &Progress,
    walk: &Walk<'_>,
    exercise: &Exercise,
) {
    let tally = walk.tally(exercise.id);
    if tally.is_green() {
        let noun = walk.module.exercise_noun();
        say!("{noun} {} is done: {}.", exercise.id, tally.all_green());
    } else {
        say!("{} {}: {}.", exercise.id, exercise.title, tally.counts());
    }
    let module = walk.module;
    let name =
        if module.is_open_path() { OPEN_DIR.to_owned() } else { module.number().to_string() };
    if tally.is_green() && module.core().last().is_some_and(|last| last.id == exercise.id) {
        tell!(
            "It is the last one of {}. `cargo xtask check {name}` judges all of it, and shows how it ends.",
            module.called()
        );
    }
    if let Some((_, next)) = progress.next(&course.modules) {
        say!("Next: {} {} (`cargo xtask check`).", next.id, next.title);
    }
}

/// Whether no exercise is open.
fn is_over(course: &Course, progress: &Progress) -> bool {
    progress.next(&course.modules).is_none()
}

/// Nothing is open, and nothing has become green just now.
fn nothing_left(course: &Course, progress: &Progress) {
    let core = course.modules.iter().flat_map(Module::core);
    let left: Vec<String> =
        core.filter(|e| !progress.is_done(e.id)).map(|e| e.id.to_string()).collect();
    if left.is_empty() {
        let head = "Every exercise is done, and green as it is now.";
        say!("{} {}", term::green("✔"), term::bold(head));
    } else {
        tell!("All that is not skipped is green as it is now. Skipped: {}.", left.join(", "));
    }
    say!("`cargo xtask check --all` runs every check again.");
}

/// Every exercise of the module that is not skipped is green.
pub(super) fn of_module(course: &Course, progress: &Progress, walk: &Walk<'_>) -> Result<()> {
    if walk.is_frontier && walk.fresh.is_empty() && is_over(course, progress) {
        nothing_left(course, progress);
        return Ok(());
    }
    let module = walk.module;
    let is_postponed = |e: &Exercise| walk.postponed.iter().any(|other| other.id == e.id);
    let open = module.core().filter(|e| !progress.is_done(e.id) && !is_postponed(e));
    let skipped: Vec<String> = open.map(|e| e.id.to_string()).collect();
    if skipped.is_empty() {
        well_done(course, walk);
    } else {
        let head = format!("You have reached the end of {}.", module.called());
        say!("{} Not done: {}.\n", term::bold(&head), skipped.join(", "));
    }
    postponed(walk);
    if let Some(watched) = &walk.watched {
        tell_watched(watched);
    }
    for bonus in module.exercises.iter().filter(|e| e.bonus && !progress.is_done(e.id)) {
        say!("Bonus: {} {} (`cargo xtask check {}`).", bonus.id, bonus.title, bonus.id);
    }
    if skipped.is_empty() {
        tell_whose_code_is_used(course, module)?;
    }
    if course.is_finish(module) && is_through(course, progress) {
        finish_line(course, progress);
    }
    what_next(course, progress, module);
    Ok(())
}

fn well_done(course: &Course, walk: &Walk<'_>) {
    let module = walk.module;
    let so_far = if walk.postponed.is_empty() { "" } else { " as far as it must be by now" };
    let head = format!("{}, {}, is done{so_far}. Well done!", module.name(), module.title);
    // The longest text comes first, so that the end of the output says what to do next.
    after::show(walk);
    say!("{} {}\n", term::green("✔"), term::bold(&head));
    if course.has_servers(module) {
        tell!(
            "Move your servers by hand, message by message, on a page: `cargo xtask play --module {} --open`.",
            module.package
        );
    }
}

fn postponed(walk: &Walk<'_>) {
    let Some(first) = walk.postponed.first() else { return };
    let ids: Vec<String> = walk.postponed.iter().map(|e| e.id.to_string()).collect();
    tell!(
        "{} may wait: `cargo xtask check` returns to them before module {}. To start now, run \
         `cargo xtask check {}`.",
        ids.join(" and "),
        first.due(),
        first.id
    );
}

/// If later modules build on the reference although the learner's own module is done.
fn tell_whose_code_is_used(course: &Course, module: &Module) -> Result<()> {
    let has_later = course.modules.iter().skip_while(|m| m.dir != module.dir).nth(1).is_some();
    if has_later
        && course.has_reference_of(module)
        && use_module::source(&course.root, module)? == Source::Solution
    {
        tell!(
            "Later modules build on the reference of this one; `cargo xtask use {} mine` switches them to \
             yours.",
            module.package
        );
    }
    Ok(())
}

fn what_next(course: &Course, progress: &Progress, module: &Module) {
    let questions = open_questions(progress, module);
    if questions > 0 {
        tell!(
            "{questions} of the {} questions on this module are open: `cargo xtask quiz {}`.",
            module.questions.len(),
            module.number()
        );
    }
    match progress.next(&course.modules) {
        Some((next_module, next)) => tell!(
            "Next: {}, {}, exercise {} {}. `cargo xtask check` says where to write it.",
            next_module.called(),
            next_module.title,
            next.id,
            next.title
        ),
        None => {
            tell!("That was the last exercise. `cargo xtask check --all` runs every check again.");
        }
    }
}

/// How many questions on a module have no right answer yet.
pub(super) fn open_questions(progress: &Progress, module: &Module) -> usize {
    let is_open =
        |id: &str| progress.answered(id).is_none_or(|answered| answered == Answered::Wrong);
    module.questions.iter().filter(|question| is_open(&question.id)).count()
}

/// Whether no exercise before the finish line is open.
fn is_through(course: &Course, progress: &Progress) -> bool {
    progress.next(&course.modules).is_none_or(|(next, _)| next.stretch)
}

/// The message at the end of the course, before the stretch.
fn finish_line(course: &Course, progress: &Progress) {
    let head = "This was the finish line. Congratulations: you have built Raft.";
    say!("{}", term::bold(head));
    tell!(
        "Your servers elect leaders, agree on one log, answer clients, return from crashes with everything \
         that they have promised, and keep their logs short."
    );
    let left = course.modules.iter().filter(|module| !module.stretch).flat_map(Module::core);
    let left: Vec<String> =
        left.filter(|e| !progress.is_done(e.id)).map(|e| e.id.to_string()).collect();
    if !left.is_empty() {
        tell!("You have left out {}; it is never too late to go back.", left.join(", "));
    }
    say!("\nWhat you can do now:\n");
    say!("  cargo xtask check --all      run every check of every module again");
    say!("  cargo xtask fuzz             run more storms; can you find one that ends badly?");
    say!("  docs/resources/README.md     see what others have built, proved and written");
    for module in course.modules.iter().filter(|module| module.stretch) {
        let line = format!("module {}, a stretch", module.number());
        say!("  {line:<28} {} ({})", module.title, module.section);
    }
    say!();
}

/// What the learner's predicates of module 0 say about this module's servers.
fn tell_watched(watched: &Watched) {
    match watched {
        Watched::Holds { predicates, executions } => tell!(
            "Your predicates of module 0 checked these servers: {} in {executions} executions.",
            match predicates {
                1 => "one is done, and it holds".to_owned(),
                count => format!("all {count} hold"),
            }
        ),
        Watched::Broken(dir) => {
            tell!("Your predicates of module 0 could not check this run: {dir} does not compile.");
        }
        Watched::Differs(report) => {
            let head = "Your predicates of module 0 checked this run and disagree with the lab.";
            tell!("{}\n", term::bold(head));
            say!("{}\n", report.text.trim_end());
        }
    }
}

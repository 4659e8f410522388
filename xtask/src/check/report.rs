//! What `check` found, for the learner.

use std::collections::BTreeMap;

use anyhow::Result;
use course::{Exercise, ExerciseId, Module, OPEN_DIR, Report};

use super::tally::Tally;
use super::walk::{AlsoRed, StillGreen, Stop, Walk};
use super::watch::Watched;
use super::{after, compile, listed};
use crate::locate::Todo;
use crate::progress::{Answered, Progress};
use crate::term;
use crate::tree::Course;
use crate::use_module::{self, Source};

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
            let line = format!("{} {}: {}", exercise.id, exercise.title, all_green(&tally));
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
            listed::keep(&course.root, &walk.wrong());
            red(walk, exercise, todo, *regressed);
        }
        Stop::Green(exercise) => green(course, progress, walk, exercise),
        Stop::Done if walk.is_frontier && walk.fresh.is_empty() && is_over(course, progress) => {
            nothing_left(course, progress);
        }
        Stop::Done => done(course, progress, walk)?,
    }
    also_red(progress, walk);
    Ok(())
}

/// An earlier module was judged again, and is green.
pub(super) fn print_still_green(StillGreen { module, checks }: StillGreen<'_>) {
    let text = format!("{} was judged again and is green: {checks} checks.", module.name());
    say!("{} {text}", term::green("✔"));
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
        && open_questions(progress, module) == module.questions.len()
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

fn red(walk: &Walk<'_>, exercise: &Exercise, todo: &Todo, regressed: bool) {
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
    say!("  stuck?   cargo xtask hint {}", blamed.unwrap_or(exercise.id));
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
    } else if wrong.len() > 1 {
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
    let shown = if term::is_in_watch() { LISTED_IN_WATCH } else { red.len() };
    for (number, report) in (1..).zip(red.iter().take(shown)) {
        let look_at = report.blames.map_or_else(String::new, |id| format!(" (look at {id})"));
        let head = format!("  {number:>2} {} {}  ", term::red("✗"), report.exercise);
        say!("{}", term::fitted_after(&head, &format!("{}{look_at}", report.claim)));
    }
    if red.len() > shown {
        say!("     and {} more", red.len() - shown);
    }
}

/// How many questions on a module have no right answer yet.
fn open_questions(progress: &Progress, module: &Module) -> usize {
    let is_open =
        |id: &str| progress.answered(id).is_none_or(|answered| answered == Answered::Wrong);
    module.questions.iter().filter(|question| is_open(&question.id)).count()
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

fn green(course: &Course, progress: &Progress, walk: &Walk<'_>, exercise: &Exercise) {
    let tally = walk.tally(exercise.id);
    if tally.is_green() {
        let noun = walk.module.exercise_noun();
        say!("{noun} {} is done: {}.", exercise.id, all_green(&tally));
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

fn done(course: &Course, progress: &Progress, walk: &Walk<'_>) -> Result<()> {
    let module = walk.module;
    let is_postponed = |e: &Exercise| walk.postponed.iter().any(|other| other.id == e.id);
    let open = module.core().filter(|e| !progress.is_done(e.id) && !is_postponed(e));
    let skipped: Vec<String> = open.map(|e| e.id.to_string()).collect();
    if skipped.is_empty() {
        let so_far = if walk.postponed.is_empty() { "" } else { " as far as it must be by now" };
        let (name, title) = (module.name(), &module.title);
        let head = format!("{name}, {title}, is done{so_far}. Well done!");
        // The longest text comes first, so that the end of the output says what to do next.
        for show in &walk.shows {
            say!("{}\n", show.trim_end());
        }
        say!("{} {}\n", term::green("✔"), term::bold(&head));
        if course.has_servers(module) {
            tell!(
                "Move your servers by hand, message by message, on a page: `cargo xtask play --module {} --open`.",
                module.package
            );
        }
    } else {
        let head = format!("You have reached the end of {}.", module.called());
        say!("{} Not done: {}.\n", term::bold(&head), skipped.join(", "));
    }
    if let Some(first) = walk.postponed.first() {
        let ids: Vec<String> = walk.postponed.iter().map(|e| e.id.to_string()).collect();
        tell!(
            "{} may wait: `cargo xtask check` returns to them before module {}. To start now, run \
             `cargo xtask check {}`.",
            ids.join(" and "),
            first.due(),
            first.id
        );
    }
    if let Some(watched) = &walk.watched {
        tell_watched(watched);
    }
    for bonus in module.exercises.iter().filter(|e| e.bonus && !progress.is_done(e.id)) {
        say!("Bonus: {} {} (`cargo xtask check {}`).", bonus.id, bonus.title, bonus.id);
    }
    let later = course.modules.iter().skip_while(|m| m.dir != module.dir).nth(1);
    if skipped.is_empty()
        && later.is_some()
        && course.has_reference_of(module)
        && use_module::source(&course.root, module)? == Source::Solution
    {
        tell!(
            "Later modules build on the reference of this one; `cargo xtask use {} mine` switches them to \
             yours.",
            module.package
        );
    }
    if course.is_finish(module) && is_through(course, progress) {
        finish_line(course, progress);
    }
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
    Ok(())
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

fn all_green(tally: &Tally) -> String {
    match tally.total {
        1 => "its check is green".to_owned(),
        total => format!("all {total} checks green"),
    }
}

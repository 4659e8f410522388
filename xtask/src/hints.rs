//! `hint` and `skip`: help for a learner who is stuck.

use anyhow::{Context as _, Result, bail};
use course::{Exercise, ExerciseId, Hints, Module, Report, text};
use serde::Serialize;

use crate::check;
use crate::locate;
use crate::progress::Progress;
use crate::term;
use crate::tree::{Course, Target, exercises_of};
use crate::use_module::{self, Source};
use crate::verdict::{Fingerprints, Store};

/// `cargo xtask hint --json`, version 1: fields may be added, but not removed.
#[derive(Serialize)]
struct Answer<'a> {
    version: u32,
    /// `None` if every exercise is done or skipped.
    exercise: Option<ExerciseId>,
    /// The functions that the hints are for; none if they are for the whole exercise.
    functions: &'a [String],
    /// The hints seen so far, and one more.
    hints: &'a [String],
    /// How many hints there are.
    count: usize,
    /// The exercise's other functions. `cargo xtask hint EXERCISE FUNCTION` has hints for each.
    others: Vec<&'a str>,
}

/// `cargo xtask hint`: prints the hints seen so far and one more, for one function.
pub(crate) fn hint(
    course: &Course,
    target: Option<Target<'_>>,
    function: Option<&str>,
    json: bool,
) -> Result<()> {
    let mut progress = Progress::load(&course.root)?;
    let found = match target {
        Some(Target::Exercise(module, exercise)) => Some((module, exercise)),
        Some(Target::Module(module)) => next_of(course, &progress, module),
        None => stuck_at(course, &progress).or_else(|| progress.next(&course.modules)),
    };
    let Some((module, exercise)) = found else {
        return nothing_to_hint_at(target, json);
    };
    let hints = match function {
        Some(name) => named(exercise, name)?,
        None => chosen(course, &progress, module, exercise)?,
    };
    let seen = progress.hints_seen(exercise.id, hints.functions.first().map(String::as_str));
    let count = hints.levels.len();
    let level = (seen + 1).min(count);
    progress.set_hints_seen(exercise.id, hints.functions.first().map(String::as_str), level);
    let other = |name: &&String| !hints.functions.is_empty() && !hints.functions.contains(name);
    let others: Vec<&str> = exercise.functions.iter().filter(other).map(String::as_str).collect();
    if json {
        let answer = Answer {
            version: 1,
            exercise: Some(exercise.id),
            functions: &hints.functions,
            hints: &hints.levels[..level],
            count,
            others,
        };
        say!("{}", serde_json::to_string(&answer)?);
        return progress.save();
    }
    print(exercise, hints, level);
    if seen >= count {
        tell!(
            "There are no more hints. Read {} again, or continue with `cargo xtask skip {}` and come \
             back later.",
            exercise.section,
            exercise.id
        );
    } else if level < count {
        let name = function.map_or_else(String::new, |name| format!(" {name}"));
        say!("{}", term::dim(&format!("`cargo xtask hint {}{name}` says more.", exercise.id)));
    }
    if let Some(other) = others.first() {
        let names: Vec<String> = others.iter().map(|name| format!("`{name}`")).collect();
        let text = format!(
            "There are hints for {} too: `cargo xtask hint {} {other}`.",
            names.join(", "),
            exercise.id
        );
        tell!("{}", term::dim(&text));
    }
    progress.save()
}

/// The exercise of a module that comes next. If that of the course is in this module, it is that one, even if another is
/// open that may wait.
fn next_of<'a>(
    course: &'a Course,
    progress: &Progress,
    module: &'a Module,
) -> Option<(&'a Module, &'a Exercise)> {
    let next = progress.next(&course.modules).filter(|(other, _)| other.dir == module.dir);
    next.or_else(|| progress.next_in(module).map(|next| (module, next)))
}

/// The exercise whose red check the learner has just read, unless it is done or skipped by now.
fn stuck_at<'a>(course: &'a Course, progress: &Progress) -> Option<(&'a Module, &'a Exercise)> {
    let id = check::listed::stuck_at(&course.root)?;
    course.exercise(id).filter(|_| progress.is_open(id))
}

fn print(exercise: &Exercise, hints: &Hints, level: usize) {
    let names: Vec<String> = hints.functions.iter().map(|name| format!("`{name}`")).collect();
    let about = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
    say!("{}", term::bold(&format!("{} {}{about}", exercise.id, exercise.title)));
    let count = hints.levels.len();
    for (number, hint) in (1..).zip(&hints.levels).take(level) {
        say!("\n{}", text::wrap(&format!("Hint {number} of {count}: {hint}"), term::text_width()));
    }
    say!();
}

/// The message if no exercise of the course, or of the module, is open.
fn nothing_to_hint_at(target: Option<Target<'_>>, json: bool) -> Result<()> {
    if json {
        let (functions, hints) = (&[], &[]);
        let answer =
            Answer { version: 1, exercise: None, functions, hints, count: 0, others: Vec::new() };
        say!("{}", serde_json::to_string(&answer)?);
        return Ok(());
    }
    match target {
        Some(Target::Module(module)) => tell!(
            "Every exercise of {} is done, skipped or a bonus; {}. `cargo xtask hint {}` prints \
             hints for one.",
            module.called(),
            exercises_of(module),
            module.exercises[0].id
        ),
        _ => {
            tell!(
                "Every exercise is done or skipped. `cargo xtask hint 1.2` prints hints for one."
            );
        }
    }
    Ok(())
}

/// The hints for a function that the learner names.
fn named<'a>(exercise: &'a Exercise, name: &str) -> Result<&'a Hints> {
    if exercise.functions.iter().any(|function| function == name) {
        let own = exercise.hints.iter().find(|hints| hints.functions.iter().any(|f| f == name));
        return own.or(exercise.hints.first()).with_context(|| no_hints(exercise));
    }
    bail!(
        "exercise {} does not ask for `{name}`; it asks for {}",
        exercise.id,
        exercise.functions.join(", ")
    )
}

fn no_hints(exercise: &Exercise) -> String {
    format!("there are no hints for exercise {}", exercise.id)
}

/// The hints that help most: for the function that the first red check points to, if `check` has judged the text as it
/// now stands; otherwise for the first function that is not written; otherwise for the first with a hint to come.
fn chosen<'a>(
    course: &Course,
    progress: &Progress,
    module: &Module,
    exercise: &'a Exercise,
) -> Result<&'a Hints> {
    let for_function =
        |name: &String| exercise.hints.iter().find(|hints| hints.functions.contains(name));
    let is_split = exercise.hints.len() > 1;
    if is_split
        && let Some(hints) = suspect(course, module, exercise).and_then(|name| for_function(&name))
    {
        return Ok(hints);
    }
    let unwritten =
        if is_split { locate::todo(course, module, exercise)?.unwritten } else { vec![] };
    if let Some(hints) = unwritten.iter().find_map(for_function) {
        return Ok(hints);
    }
    let has_more = |hints: &&Hints| {
        let name = hints.functions.first().map(String::as_str);
        progress.hints_seen(exercise.id, name) < hints.levels.len()
    };
    let with_more = exercise.hints.iter().find(has_more);
    with_more.or(exercise.hints.first()).with_context(|| no_hints(exercise))
}

/// The function that `suspect_in` finds, if what the learner has now was judged. No check runs for it: a hint must come
/// at once.
fn suspect(course: &Course, module: &Module, exercise: &Exercise) -> Option<String> {
    let fingerprint = Fingerprints::new(course).ok()?.of(course, module, None).ok()?;
    let known = Store::of(&course.root).load(module, fingerprint);
    suspect_in(&known.reports, exercise.id)
}

/// The function of an exercise that the most basic red check points to.
fn suspect_in(reports: &[Report], id: ExerciseId) -> Option<String> {
    let is_about = |report: &&Report| {
        !report.passed()
            && report.unwritten().is_none()
            && report.blames.unwrap_or(report.exercise) == id
    };
    reports.iter().find(is_about)?.function.clone()
}

/// `cargo xtask skip`: continues without an exercise.
pub(crate) fn skip(course: &Course, target: Target<'_>) -> Result<()> {
    let mut progress = Progress::load(&course.root)?;
    let (module, exercise) = match target {
        Target::Exercise(module, exercise) => (module, exercise),
        Target::Module(module) => {
            let next = next_of(course, &progress, module);
            let next = next.map_or(&module.exercises[0], |(_, next)| next);
            bail!(
                "one exercise is skipped at a time; {}. For example: `cargo xtask skip {}`",
                exercises_of(module),
                next.id
            );
        }
    };
    let id = exercise.id;
    if progress.is_done(id) {
        say!("Exercise {id} is done; there is nothing to skip.");
        return Ok(());
    }
    progress.mark_skipped(id);
    progress.save()?;
    say!("Exercise {id}, {}, is skipped. Your file is unchanged.", exercise.title);
    say!("Checks that need it wait for it.");
    if exercise.bonus {
        // Nothing else needs a bonus.
    } else if module.alone {
        say!("No later module builds on {}.", module.dir);
    } else if !course.has_reference_of(module) {
        tell!(
            "This tree has no reference to replace it: later modules build on your {}, and whatever needs \
             {id} cannot be judged until it is written.",
            module.dir
        );
    } else {
        use_module::switch(course, module, Source::Solution)?;
        tell!(
            "Later modules now build on the reference of {}; `cargo xtask use {} mine` switches them to \
             yours.",
            module.dir,
            module.package
        );
    }
    tell!("`cargo xtask check {id}` judges it whenever you come back to it.");
    match progress.next(&course.modules) {
        Some((_, next)) => say!("Next: {} {}.", next.id, next.title),
        None => say!("There is no other exercise left."),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(exercise: &str, outcome: &str, blames: &str, function: &str) -> Report {
        let todo = if outcome == "todo" { "\"1.4\"" } else { "null" };
        let text = format!(
            r#"{{"version":1,"module":"","exercise":"{exercise}","blames":{blames},"function":"{function}",
                "check":"a","claim":"A","points":1,"outcome":"{outcome}","todo":{todo},"seed":1,"millis":0,
                "text":"","show":null}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_hint_is_for_the_function_that_the_first_red_check_points_to() {
        let found = |reports: &[Report]| suspect_in(reports, "1.4".parse().unwrap());
        let reports = [
            report("1.4", "passed", "null", "new"),
            report("1.4", "todo", "null", "peers"),
            report("1.4", "failed", "\"1.2\"", "entry"),
            report("1.5", "failed", "null", "observe_term"),
            report("1.4", "failed", "null", "is_majority"),
        ];
        assert_eq!(found(&reports).as_deref(), Some("is_majority"));
        assert_eq!(found(&reports[..4]), None);
        let blamed = [report("1.5", "failed", "\"1.4\"", "new")];
        assert_eq!(found(&blamed).as_deref(), Some("new"));
    }
}

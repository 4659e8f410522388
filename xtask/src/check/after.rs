//! What is shown once an exercise is green: what the learner may have got wrong, and who did.

use anyhow::{Context as _, Result, ensure};
use course::{Exercise, ExerciseId, text};

use super::walk::{Stop, Walk};
use crate::progress::Progress;
use crate::term;
use crate::tree::{Course, exercises_of};

/// Prints it for the last exercise that has just become green, and says where to read about the others.
pub(super) fn print(course: &Course, walk: &Walk<'_>) {
    let all = course.modules.iter().flat_map(|module| &module.exercises);
    let mut fresh: Vec<&Exercise> =
        all.filter(|e| walk.fresh.contains(&e.id) && !e.after.is_empty()).collect();
    // At the end of a module, it comes after everything else.
    if !matches!(walk.stop, Stop::Done) {
        show(walk);
    }
    let Some(last) = fresh.pop() else { return };
    list(last);
    let ids: Vec<String> = fresh.iter().map(|exercise| exercise.id.to_string()).collect();
    let text = match &ids[..] {
        [] => String::new(),
        [id] => format!("`cargo xtask explain {id}` shows the same for {id}, which is done too."),
        ids => format!(
            "`cargo xtask explain EXERCISE` shows the same for {}, which are done too.",
            ids.join(", ")
        ),
    };
    if !text.is_empty() {
        tell!("{}", term::dim(&text));
    }
    say!();
}

/// What the checks of exercises that have just become green have to show; of a module that was done before, what all of
/// them have.
pub(super) fn show(walk: &Walk<'_>) {
    let is_again = walk.fresh.is_empty() && matches!(walk.stop, Stop::Done);
    let is_of_module = |id: ExerciseId| walk.module.exercises.iter().any(|other| other.id == id);
    let is_due = |id: ExerciseId| {
        if is_again { is_of_module(id) } else { walk.fresh.contains(&id) }
    };
    let mut last = None;
    for report in walk.judged.iter().filter(|report| is_due(report.exercise)) {
        // Two checks of an exercise may have the same to show.
        let Some(text) = report.show.as_ref().filter(|text| last != Some(*text)) else { continue };
        say!("{}", term::bold(&format!("{}: {}", report.exercise, report.claim)));
        say!("{}\n", text.trim_end());
        last = Some(text);
    }
}

fn list(exercise: &Exercise) {
    say!("What you may have got wrong in {}:", exercise.id);
    for line in &exercise.after {
        say!("{}", text::wrap_after("  - ", line, term::text_width()));
    }
}

/// `cargo xtask explain EXERCISE`: prints it again, but never before the exercise is green.
pub(super) fn explain(course: &Course, progress: &Progress, id: ExerciseId) -> Result<()> {
    let found = course.exercise(id);
    let (_, exercise) = found.with_context(|| {
        let module = course.modules.iter().find(|module| module.number() == id.module);
        let known = module.map_or_else(String::new, |module| format!("; {}", exercises_of(module)));
        format!("there is no exercise {id}{known}")
    })?;
    ensure!(
        progress.is_done(id),
        "exercise {id} is not done. What others got wrong in it is shown once it is green; until then, \
         `cargo xtask hint {id}` helps"
    );
    say!("{}\n", term::bold(&format!("{id} {}", exercise.title)));
    if exercise.after.is_empty() {
        say!("Nothing is known of what others got wrong here.");
    } else {
        list(exercise);
    }
    Ok(())
}

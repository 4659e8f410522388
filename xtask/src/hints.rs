//! `hint` and `skip`: help for a learner who is stuck.

use anyhow::{Result, bail};
use course::{Exercise, ExerciseId, text};
use serde::Serialize;

use crate::progress::Progress;
use crate::term;
use crate::tree::{Course, Target, exercises_of};
use crate::use_module::{self, Source};

/// `cargo xtask hint --json`, version 1: fields may be added, but not removed.
#[derive(Serialize)]
struct Answer<'a> {
    version: u32,
    /// `None` if every exercise is done or skipped.
    exercise: Option<ExerciseId>,
    /// The hints seen so far, and one more.
    hints: &'a [String],
    /// How many hints the exercise has.
    count: usize,
}

/// `cargo xtask hint`: prints the hints seen so far and one more.
pub(crate) fn hint(course: &Course, target: Option<Target<'_>>, json: bool) -> Result<()> {
    let mut progress = Progress::load(&course.root)?;
    let exercise = match target {
        Some(Target::Exercise(_, exercise)) => Some(exercise),
        Some(Target::Module(module)) => progress.next_in(module),
        None => progress.next(&course.modules).map(|(_, exercise)| exercise),
    };
    if json {
        let answer = match exercise {
            Some(exercise) => {
                let level = next_level(&progress, exercise);
                progress.set_hints_seen(exercise.id, level);
                let (id, hints) = (Some(exercise.id), &exercise.hints[..level]);
                Answer { version: 1, exercise: id, hints, count: exercise.hints.len() }
            }
            None => Answer { version: 1, exercise: None, hints: &[], count: 0 },
        };
        say!("{}", serde_json::to_string(&answer)?);
        return progress.save();
    }
    let Some(exercise) = exercise else {
        match target {
            Some(Target::Module(module)) => tell!(
                "Every exercise of module {} is done, skipped or a bonus; {}. `cargo xtask hint {}` prints \
                 hints for one.",
                module.number(),
                exercises_of(module),
                module.exercises[0].id
            ),
            _ => tell!(
                "Every exercise is done or skipped. `cargo xtask hint 1.2` prints hints for one."
            ),
        }
        return Ok(());
    };
    let count = exercise.hints.len();
    let seen = progress.hints_seen(exercise.id).min(count);
    let level = next_level(&progress, exercise);
    say!("{}", term::bold(&format!("{} {}", exercise.id, exercise.title)));
    for (number, hint) in (1..).zip(&exercise.hints).take(level) {
        say!("\n{}", text::wrap(&format!("Hint {number} of {count}: {hint}"), term::text_width()));
    }
    say!();
    if seen == count {
        tell!(
            "There are no more hints. Read {} again, or continue with `cargo xtask skip {}` and come \
             back later.",
            exercise.section,
            exercise.id
        );
    } else if level < count {
        say!("{}", term::dim(&format!("`cargo xtask hint {}` says more.", exercise.id)));
    }
    progress.set_hints_seen(exercise.id, level);
    progress.save()
}

/// How many hints are seen once one more is.
fn next_level(progress: &Progress, exercise: &Exercise) -> usize {
    (progress.hints_seen(exercise.id) + 1).min(exercise.hints.len())
}

/// `cargo xtask skip`: continues without an exercise.
pub(crate) fn skip(course: &Course, target: Target<'_>) -> Result<()> {
    let mut progress = Progress::load(&course.root)?;
    let (module, exercise) = match target {
        Target::Exercise(module, exercise) => (module, exercise),
        Target::Module(module) => {
            let next = progress.next_in(module).unwrap_or(&module.exercises[0]);
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
    } else if course.is_handout() {
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

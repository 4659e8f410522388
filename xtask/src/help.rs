//! `hint` and `skip`: for who is stuck.

use anyhow::Result;

use crate::course::{Course, Exercise, Module};
use crate::progress::Progress;
use crate::term;
use crate::use_module::{self, Source};

/// `cargo xtask hint`: the hints seen so far, and one more.
pub(crate) fn hint(course: &Course, exercise: Option<&Exercise>) -> Result<()> {
    let mut progress = Progress::load(&course.root)?;
    let next = || progress.next(&course.modules).map(|(_, exercise)| exercise);
    let Some(exercise) = exercise.or_else(next) else {
        tell!("Every exercise is done or skipped. `cargo xtask hint 1.3` gives hints on one.");
        return Ok(());
    };
    let count = exercise.hints.len();
    let seen = progress.hints_seen(exercise.id).min(count);
    let level = (seen + 1).min(count);
    say!("{}", term::bold(&format!("{} {}", exercise.id, exercise.title)));
    for (number, hint) in (1..).zip(&exercise.hints).take(level) {
        say!("\n{}", term::wrap(&format!("Hint {number} of {count}: {hint}"), term::text_width()));
    }
    say!();
    if seen == count {
        tell!(
            "There are no more hints. Read {} once more, or go on with `cargo xtask skip {}` and come \
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

/// `cargo xtask skip`: goes on without an exercise.
pub(crate) fn skip(course: &Course, module: &Module, exercise: &Exercise) -> Result<()> {
    let mut progress = Progress::load(&course.root)?;
    let id = exercise.id;
    if progress.is_done(id) {
        say!("Exercise {id} is done; there is nothing to skip.");
        return Ok(());
    }
    progress.mark_skipped(id);
    progress.save()?;
    say!("Exercise {id}, {}, is skipped. Your file stays as it is.", exercise.title);
    say!("Checks that need it will say that they wait for it.");
    if exercise.bonus {
        // What is left out of a bonus breaks nothing.
    } else if module.alone {
        say!("No later module stands upon {}.", module.dir);
    } else if course.is_handout() {
        tell!(
            "This tree has no reference to stand in for it: later modules stand on your {}, and what \
             needs {id} there cannot be judged before it is written.",
            module.dir
        );
    } else {
        use_module::switch(course, module, Source::Solution)?;
        tell!(
            "Later modules stand on the reference of {} from now on; `cargo xtask use {} mine` puts \
             them on yours.",
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

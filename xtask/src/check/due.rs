//! Which exercises of a module are judged before the learner asks for one.

use std::collections::BTreeSet;

use anyhow::Result;
use course::{Exercise, ExerciseId, Module};

use crate::locate;
use crate::progress::Progress;
use crate::tree::Course;

/// What is judged first in the learner's module: what was green, everything up to the exercise that comes next,
/// and what is written of the exercises that the course can be completed without.
pub(super) fn up_to_the_next(
    course: &Course,
    progress: &Progress,
    module: &Module,
) -> Result<BTreeSet<ExerciseId>> {
    let next = progress.next_in(module).map(|next| next.id);
    let mut exercises = BTreeSet::new();
    for exercise in &module.exercises {
        let is_due = !exercise.bonus && next.is_none_or(|next| exercise.id <= next);
        let is_begun_choice = is_choice(exercise) && is_begun(course, module, exercise)?;
        if is_due || progress.is_done(exercise.id) || is_begun_choice {
            exercises.insert(exercise.id);
        }
    }
    Ok(exercises)
}

/// Whether an exercise may be left out or postponed.
pub(super) fn is_choice(exercise: &Exercise) -> bool {
    exercise.bonus || exercise.until.is_some()
}

/// Whether the text of an exercise is not as it was handed out.
/// Of a server of the learner's own design, nobody can tell which milestones it is written for.
pub(super) fn is_begun(course: &Course, module: &Module, exercise: &Exercise) -> Result<bool> {
    if module.is_open_path() {
        return Ok(false);
    }
    let todo = locate::todo(course, module, exercise)?;
    Ok(todo.parts > 0 && !todo.is_untouched())
}

//! `cargo xtask explore`: a script that ends with an exploration, on the servers of a suite.
//!
//! It runs in the gate's own process: the process that has started the gate decides how long it may
//! take.

use std::path::PathBuf;
use std::time::Instant;

use crate::check::Suite;
use crate::paint::Paint;
use crate::report::Judgement;
use crate::{Check, Context, ExerciseId, Report, child, scenario};

/// What is explored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exploration {
    /// The servers have the rules of all exercises up to this one.
    exercise: ExerciseId,
    /// A file that the script is named after.
    path: PathBuf,
    /// The command that does the same again.
    again: String,
    script: String,
}

impl Exploration {
    /// Reads `2.7 PATH` on one line, the command on the next, and then the script.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (first, script) = text.split_once('\n')?;
        let (exercise, path) = first.split_once(' ')?;
        let (again, script) = script.split_once('\n')?;
        let exercise = exercise.parse().ok()?;
        let (again, script) = (again.to_owned(), script.to_owned());
        Some(Exploration { exercise, path: path.into(), again, script })
    }

    /// The exploration as the only check of a suite. `None` if no check of it runs scenarios.
    pub(crate) fn suite(self, mut suite: Suite) -> Option<Suite> {
        let servers = suite.servers()?;
        let Exploration { exercise, path, again, script } = self;
        let claim = "In every order of events within these bounds, nothing is wrong";
        let why = "Figure 3 holds after every event, in whatever order events come";
        let check = Check::new(&exercise.to_string(), claim, why, move |context| {
            let explored =
                scenario::explored(&path, &script, exercise, servers(exercise), context)?;
            context.show(explored.join("\n"));
            Ok(())
        });
        suite.checks = vec![check.again(again)];
        Some(suite)
    }
}

/// Judges the only check of a suite in this process. `progress` is called with its progress.
pub(crate) fn judge(suite: &Suite, seed: u64, paint: Paint, progress: fn(&str)) -> Option<Report> {
    let check = suite.checks.first()?;
    let started = Instant::now();
    let context = Context::new(seed).reporting(progress);
    let mut over = child::with_stack(move || child::perform(suite, check, context))?;
    if let Some(failure) = &mut over.failure {
        failure.notes.retain(|note| !is_long(note));
    }
    Some(Judgement { suite, check, seed, started }.report(over, "", paint))
}

/// The blocks before the exploration are those of the scenario, which the learner can look up.
fn is_long(note: &str) -> bool {
    note.starts_with("What the blocks before this one have shown:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exploration_has_an_exercise_a_path_and_a_script() {
        let parsed =
            Exploration::parse("2.7 tests/a b.scenario\ncargo xtask explore 2\ncluster 3\n---\n")
                .unwrap();
        assert_eq!(parsed.exercise.to_string(), "2.7");
        assert_eq!(parsed.path, PathBuf::from("tests/a b.scenario"));
        assert_eq!(parsed.again, "cargo xtask explore 2");
        assert_eq!(parsed.script, "cluster 3\n---\n");
        assert_eq!(Exploration::parse("2.7 new.scenario\ncluster 3"), None);
    }
}

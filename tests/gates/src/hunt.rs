//! Bug hunts: one row of the learner's own finished module is wrong, and the learner writes a scenario that exposes
//! it, without knowing what it is.
//!
//! Each learner hunts one of several bugs, chosen by `RAFT_LAB_HUNT` and known by its number. The runner sets the
//! variable to the learner's own number, which it has drawn. The learner reads what was wrong once the scenario has
//! exposed it. Nothing here hides it from someone who reads the suite.
//!
//! ```text
//! BugHunt::new("2.9", manifest_dir, servers_with, table(9)).bugs(&hunt::BUGS)
//! ```

use std::path::{Path, PathBuf};
use std::sync::Arc;

use simulator::NodeFactory;

use crate::own;
use crate::scenario::{self, Run};
use crate::{Check, Context, ExerciseId, Failure, Verdict};

/// Which bug is hunted: a number of the learner's, which decides the bug in each module, or `all`. The latter is for
/// authors: the reference's scenario exposes all of them.
const CHOICE: &str = "RAFT_LAB_HUNT";

/// The learner's table with one wrong row.
#[derive(Debug)]
pub struct HuntedBug<Rules: 'static> {
    /// The table.
    pub rules: &'static Rules,
    /// What such a server does, and the consequences: shown once it is exposed.
    pub was: &'static str,
}

/// A hunt for one of several bugs.
pub struct BugHunt<Rules: 'static> {
    script: Arc<Script<Rules>>,
}

/// The learner's script, and the servers on which it runs.
struct Script<Rules: 'static> {
    exercise: ExerciseId,
    file: PathBuf,
    servers_with: fn(&'static Rules) -> NodeFactory,
    rules: &'static Rules,
}

impl<Rules: Sync> BugHunt<Rules> {
    /// `src/hunt.scenario` of the package in `manifest_dir`. `servers_with` makes servers with a table; `rules` is the
    /// learner's own table.
    ///
    /// # Panics
    /// If `exercise` is not an exercise's number: that is a mistake in a suite.
    pub fn new(
        exercise: &str,
        manifest_dir: &str,
        servers_with: fn(&'static Rules) -> NodeFactory,
        rules: &'static Rules,
    ) -> Self {
        let exercise = exercise.parse().unwrap_or_else(|error: course::Error| panic!("{error}"));
        let file = Path::new(manifest_dir).join("src").join("hunt.scenario");
        BugHunt { script: Arc::new(Script { exercise, file, servers_with, rules }) }
    }

    /// The checks: the scenario holds on the learner's own servers, and fails on those with the bug.
    pub fn bugs(self, bugs: &'static [HuntedBug<Rules>]) -> Vec<Check> {
        let exercise = self.script.exercise.to_string();
        let script = Arc::clone(&self.script);
        let why = "Your servers have passed the checks of this module. If the scenario fails on them, it demands \
                   something that the paper does not, or there is a mistake that no check has found.";
        let mut checks =
            vec![Check::new(&exercise, "Your hunting scenario holds on your own servers", why, {
                move |context| script.on_own_servers(context).map(|_| ())
            })];
        let choice = Choice::read();
        for place in choice.places(self.script.exercise, bugs.len()) {
            let script = Arc::clone(&self.script);
            let claim = match choice {
                Choice::All => format!("Your hunting scenario exposes bug {}", place + 1),
                Choice::Number(_) => "Your hunting scenario exposes the bug".to_owned(),
            };
            let why = "A test is as good as what it notices.";
            checks.push(Check::new(&exercise, claim, why, move |context| {
                script.exposes(context, &bugs[place], &choice.name(place))
            }));
        }
        checks
    }
}

/// Which bugs are hunted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    /// Each of them.
    All,
    /// The bug that belongs to this number.
    Number(u64),
}

impl Choice {
    /// The choice of this process. Settings have rejected any other text.
    fn read() -> Self {
        let text = crate::variable(CHOICE);
        text.and_then(|text| Self::parse(&text)).unwrap_or(Choice::Number(0))
    }

    /// Reads the variable.
    fn parse(text: &str) -> Option<Self> {
        if text == "all" { Some(Choice::All) } else { text.parse().ok().map(Choice::Number) }
    }

    /// The places of the bugs to hunt, of this many in an exercise.
    fn places(self, exercise: ExerciseId, bugs: usize) -> Vec<usize> {
        match self {
            Choice::All => (0..bugs).collect(),
            Choice::Number(number) => vec![place(number, exercise, bugs)],
        }
    }

    /// The bug at a place, as the learner knows it.
    fn name(self, place: usize) -> String {
        match self {
            Choice::All => format!("bug {}", place + 1),
            Choice::Number(number) => format!("bug {} (your number is {number})", place + 1),
        }
    }
}

/// The bug for a learner with this number. Neighbouring numbers and exercises get different ones.
fn place(number: u64, exercise: ExerciseId, bugs: usize) -> usize {
    let mixed = (number ^ u64::from(exercise.module) << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from((mixed >> 33) % bugs.max(1) as u64).unwrap_or(0)
}

impl<Rules> Script<Rules> {
    fn on_own_servers(&self, context: &mut Context) -> Result<Run, Box<Failure>> {
        context.step("run src/hunt.scenario");
        self.run(context, self.rules)
    }

    fn run(&self, context: &Context, rules: &'static Rules) -> Result<Run, Box<Failure>> {
        scenario::run(
            &own::or_instead(&self.file),
            self.exercise,
            (self.servers_with)(rules),
            context.seed(),
        )
    }

    fn exposes(&self, context: &mut Context, bug: &HuntedBug<Rules>, name: &str) -> Verdict {
        let own = self.on_own_servers(context)?;
        context.step(format!("run src/hunt.scenario on servers with {name}"));
        let Ok(wrong) = self.run(context, bug.rules) else {
            context.show(format!("Your hunting scenario has exposed {name}. {}", bug.was));
            return Ok(());
        };
        let expected = "the scenario fails on servers with the bug";
        Err(context.failure(expected, "it passes").note(trace_of(&own, &wrong)))
    }
}

/// Whether the bug has shown at all. The text does not say what the bug is.
fn trace_of(own: &Run, wrong: &Run) -> &'static str {
    if own.transcript != wrong.transcript {
        "You are close: what the scenario shows of these servers differs from what it shows of yours, but no \
         `expect` says so."
    } else if own.trace.len() != wrong.trace.len() {
        "These servers do something else than yours in your scenario, but in the end it makes no difference to what \
         is shown of them. Look at what happens in between."
    } else {
        "In your scenario these servers do the same as yours. Bring them into other situations: other logs, other \
         roles, messages that are late or come twice."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bug_is_hunted_by_somebody() {
        let exercise = |id: &str| id.parse::<ExerciseId>().unwrap();
        for bugs in 1..=6 {
            let places: std::collections::BTreeSet<usize> =
                (0..100).map(|number| place(number, exercise("2.9"), bugs)).collect();
            assert_eq!(places.len(), bugs);
        }
        let different =
            (0..100).filter(|&n| place(n, exercise("2.9"), 4) != place(n, exercise("3.11"), 4));
        assert!(different.count() > 40);
    }
}

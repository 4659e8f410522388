//! The scenario that a learner writes at the end of a module, and how it is judged: it must differ from the scenarios
//! of the lab, pass on the learner's own servers, show what the exercise asks for, and fail on servers with one wrong
//! row. So a test is judged without a solution.
//!
//! ```text
//! OwnScenario::new("2.7", manifest_dir, PASSES, servers_with, table(7))
//!     .shows("Your own scenario has a split vote that ends with a leader", SPLIT, ends)
//!     .notices(&sabotage::ALL)
//!     .checks()
//! ```

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use simulator::NodeFactory;

use crate::scenario::{self, Run};
use crate::{Check, Context, ExerciseId, Failure, Verdict};

const ORIGINAL: &str = "A scenario of the lab judges your servers already. Your own shows whether you can say what a \
     server must do; copied, it would show nothing.";

thread_local! {
    static INSTEAD: RefCell<Option<PathBuf>> = const { RefCell::new(None) };
}

/// Makes the checks that run on this thread judge this scenario instead of the subject's: for tests of these checks.
pub fn judge_instead(file: PathBuf) {
    INSTEAD.set(Some(file));
}

/// The file to judge in place of the subject's.
pub(crate) fn or_instead(file: &Path) -> PathBuf {
    INSTEAD.with_borrow(Clone::clone).unwrap_or_else(|| file.to_owned())
}

/// The folder of the scenarios of the exercise's module, in the workspace that `manifest_dir` belongs to.
fn lab_folder(manifest_dir: &Path, exercise: ExerciseId) -> PathBuf {
    let tests = manifest_dir.join("../../tests");
    let prefix = format!("{:02}-", exercise.module);
    let name = course::module_dirs(&manifest_dir.join("../.."))
        .unwrap_or_default()
        .into_iter()
        .find(|dir| dir.starts_with(&prefix));
    tests.join(name.unwrap_or_default())
}

/// A learner's scenario, and the checks that judge it. `Rules` is the module's table of rules.
pub struct OwnScenario<Rules: 'static> {
    script: Arc<Script<Rules>>,
    checks: Vec<Check>,
}

/// The learner's own table with one wrong row, and advice for a learner whose scenario does not notice it.
#[derive(Debug)]
pub struct Sabotage<Rules: 'static> {
    /// What a server with this table does, after `Your own scenario notices a server that …`.
    pub server: &'static str,
    /// The table with the wrong row.
    pub rules: &'static Rules,
    /// The rule of the paper that it violates.
    pub why: &'static str,
    /// How a scenario can notice it.
    pub advice: &'static str,
}

/// The script, and the servers on which it runs.
struct Script<Rules: 'static> {
    exercise: ExerciseId,
    file: PathBuf,
    /// The folder of the module's own scenarios.
    folder: PathBuf,
    passes: &'static str,
    servers_with: fn(&'static Rules) -> NodeFactory,
    rules: &'static Rules,
}

impl<Rules: Sync> OwnScenario<Rules> {
    /// `src/own.scenario` of the package in `manifest_dir`, written for `exercise`, with the check that it passes
    /// on the learner's own servers. `passes` says why it should, and what to do if it does not. `servers_with`
    /// makes servers with a table; `rules` is the learner's own table.
    ///
    /// # Panics
    /// If `exercise` is not an exercise's number: that is a mistake in a suite.
    pub fn new(
        exercise: &str,
        manifest_dir: &str,
        passes: &'static str,
        servers_with: fn(&'static Rules) -> NodeFactory,
        rules: &'static Rules,
    ) -> Self {
        let exercise = exercise.parse().unwrap_or_else(|error: course::Error| panic!("{error}"));
        let folder = lab_folder(Path::new(manifest_dir), exercise);
        let file = Path::new(manifest_dir).join("src").join("own.scenario");
        let script = Arc::new(Script { exercise, file, folder, passes, servers_with, rules });
        let own = OwnScenario { script: Arc::clone(&script), checks: Vec::new() };
        let claim = "Your own scenario holds on your own servers";
        let mut own = own.shows(claim, passes, |_, _| Ok(()));
        let (id, claim) = (exercise.to_string(), "Your own scenario is not one of the lab's");
        own.checks.push(Check::new(&id, claim, ORIGINAL, move |it| script.is_original(it)));
        own
    }

    /// Adds a check of what the scenario shows, judged by its run on the learner's own servers.
    #[must_use]
    pub fn shows(
        mut self,
        claim: &str,
        why: &str,
        judge: fn(&mut Context, &Run) -> Verdict,
    ) -> Self {
        let script = Arc::clone(&self.script);
        self.checks.push(Check::new(
            &self.script.exercise.to_string(),
            claim,
            why,
            move |context| {
                let run = script.on_own_servers(context)?;
                judge(context, &run)
            },
        ));
        self
    }

    /// Adds a check for each of these: the scenario must fail on such servers.
    #[must_use]
    pub fn notices(mut self, sabotages: &'static [Sabotage<Rules>]) -> Self {
        for sabotage in sabotages {
            let claim = format!("Your own scenario notices a server that {}", sabotage.server);
            let script = Arc::clone(&self.script);
            self.checks.push(Check::new(
                &self.script.exercise.to_string(),
                claim,
                sabotage.why,
                move |context| script.notices(context, sabotage),
            ));
        }
        self
    }

    /// The checks.
    pub fn checks(self) -> Vec<Check> {
        self.checks
    }
}

impl<Rules> Script<Rules> {
    fn on_own_servers(&self, context: &mut Context) -> Result<Run, Box<Failure>> {
        self.on_servers_with(context, self.rules).map_err(|mut failure| {
            failure.why.get_or_insert_with(|| self.passes.to_owned());
            failure
        })
    }

    fn on_servers_with(
        &self,
        context: &mut Context,
        rules: &'static Rules,
    ) -> Result<Run, Box<Failure>> {
        context.step("run src/own.scenario");
        scenario::run(&self.file(), self.exercise, (self.servers_with)(rules), context.seed())
    }

    fn is_original(&self, context: &mut Context) -> Verdict {
        self.on_own_servers(context)?;
        context.step("compare src/own.scenario with the scenarios of the lab");
        let Some(original) = scenario::original_of(&self.file(), self.exercise, &self.folder)?
        else {
            return Ok(());
        };
        let happened = format!(
            "apart from comments, names of servers and the order of blocks, it is {original}"
        );
        Err(context.failure("a scenario that tells a story of your own", happened))
    }

    /// The file to judge.
    fn file(&self) -> PathBuf {
        or_instead(&self.file)
    }

    fn notices(&self, context: &mut Context, sabotage: &Sabotage<Rules>) -> Verdict {
        self.on_own_servers(context)?;
        let Sabotage { server, rules, advice, .. } = sabotage;
        if self.on_servers_with(context, rules).is_err() {
            return Ok(());
        }
        context.step(format!("run src/own.scenario on servers, each of which {server}"));
        let expected =
            "the scenario fails, since such servers do not do everything that it expects";
        Err(context.failure(expected, "it passes").note(*advice))
    }
}

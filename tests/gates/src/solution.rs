//! What the tests of the reference solutions share.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use simulator::NodeFactory;

use crate::scenario::{self, NodeFactories};
use crate::{ExerciseId, Failure, Outcome, Suite, run_here};

/// Runs all scenarios of a module up to the exercise `last` on the servers that `servers` makes for the exercise
/// of each.
///
/// A scenario of a gate runs on the rules up to its own exercise, so that it can be green before the later ones
/// are written. On servers with all rules it must show the same: otherwise the gate would fail servers that
/// are right.
///
/// # Panics
/// If a scenario fails, or if there are fewer than `at_least`.
pub fn scenarios_hold(
    module: &str,
    manifest_dir: &str,
    servers: impl Fn(ExerciseId) -> NodeFactory + Send + Sync + 'static,
    last: ExerciseId,
    at_least: usize,
) {
    let factories: NodeFactories = Arc::new(servers);
    let folder = Path::new(manifest_dir).join("../../tests").join(module);
    let mut checks = scenario::checks(&folder, &factories);
    checks.retain(|check| check.exercise <= last);
    let suite = Suite::new(module, manifest_dir, checks);
    assert!(suite.checks.len() >= at_least, "only {} scenarios were found", suite.checks.len());
    for check in &suite.checks {
        let report = run_here(&suite, check, 1);
        assert_eq!(report.outcome, Outcome::Passed, "{}", report.text);
    }
}

/// The pages `docs/first-scenario.md` and `docs/scenarios.md`, whose examples must show what they say.
#[derive(Debug)]
pub struct ScenarioPage {
    text: String,
}

impl ScenarioPage {
    /// Reads the pages. `manifest_dir` is a package of the workspace, two folders below its root.
    ///
    /// # Panics
    /// If one of them cannot be read.
    pub fn read(manifest_dir: &str) -> Self {
        let docs = Path::new(manifest_dir).join("../../docs");
        let pages = ["first-scenario.md", "scenarios.md"]
            .map(|page| fs::read_to_string(docs.join(page)).expect("the page can be read"));
        // They may have been checked out with other line ends.
        ScenarioPage { text: pages.join("\n").replace("\r\n", "\n") }
    }

    /// The text of both pages.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The fenced blocks of both pages, in order: what follows the opening fence, and the content.
    pub fn blocks(&self) -> Vec<(&str, &str)> {
        let mut parts = self.text.split("\n```");
        let _before = parts.next();
        let mut blocks = Vec::new();
        while let (Some(block), Some(_prose)) = (parts.next(), parts.next()) {
            blocks.push(block.split_once('\n').unwrap_or((block, "")));
        }
        blocks
    }

    /// Runs every example of a kind, such as `scenario of module 4`, and compares it with the page. Returns how
    /// many there are. `folder` is for the scripts, which are run as files.
    ///
    /// # Panics
    /// If an example fails, or shows something else.
    pub fn examples_hold(
        &self,
        kind: &str,
        exercise: ExerciseId,
        servers: &NodeFactory,
        folder: &str,
    ) -> usize {
        let blocks = self.blocks();
        let examples = blocks.iter().filter(|(fence, _)| *fence == kind);
        let mut count = 0;
        for (_, example) in examples {
            count += 1;
            let path = Path::new(folder).join(format!("example {count}.scenario"));
            let shown = run_script(&path, &script_of(example), exercise, servers)
                .unwrap_or_else(|failure| panic!("{example}\n\nfails: {failure:#?}"));
            assert_eq!(shown.trim_end(), example.trim_end(), "the page (right) has:");
        }
        count
    }
}

/// Writes a script into a file, runs it, and returns its transcript.
///
/// # Errors
/// If the scenario fails.
///
/// # Panics
/// If the file cannot be written.
pub fn run_script(
    path: &Path,
    script: &str,
    exercise: ExerciseId,
    servers: &NodeFactory,
) -> Result<String, Box<Failure>> {
    fs::write(path, script).expect("the file can be written");
    scenario::run(path, exercise, Arc::clone(servers), 1).map(|run| run.transcript)
}

/// The script of a transcript: what follows a `---` was shown, up to the next empty line.
fn script_of(transcript: &str) -> String {
    let mut script = String::new();
    let mut shown = false;
    for line in transcript.lines() {
        shown &= !line.is_empty();
        if !shown {
            script.push_str(line);
            script.push('\n');
        }
        shown |= line == "---";
    }
    script
}

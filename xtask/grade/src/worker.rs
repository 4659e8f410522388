//! A worker: a tree of its own, in which submissions are judged one after the other. The build folder stays warm, so a
//! submission costs the compilation of its modules and the checks.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use course::{Module, Select};
use xtask::build::{self, Built};
use xtask::files::Tree;
use xtask::gate::Options;
use xtask::tree::Course;
use xtask::{files, handout, hunt};

use crate::result::{ModuleResult, ModuleState, Scoring};
use crate::sandbox::Isolation;

/// A check may take this many times its time limit: several workers share the machine.
const PATIENCE: &str = "4";

/// How every submission is judged.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// The modules to judge, by folder.
    pub(crate) modules: Vec<String>,
    /// The base seed, if not the one that students have.
    pub(crate) seed: Option<u64>,
    /// The secret of the course, from which each student's bug hunts and, without a seed, storms are drawn.
    pub(crate) secret: Option<String>,
    /// The instructor's scenarios.
    pub(crate) scenarios: Option<PathBuf>,
    pub(crate) scoring: Scoring,
    pub(crate) isolation: Isolation,
}

/// What differs from student to student.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Variant {
    /// The number from which bug hunts take their bugs, if the course gives one.
    pub(crate) hunt: Option<u64>,
    /// The base seed, if not the one that students have.
    pub(crate) seed: Option<u64>,
}

impl Rules {
    /// What this student's submission is judged with.
    pub(crate) fn variant_of(&self, student: &str) -> Variant {
        let secret = self.secret.as_deref();
        Variant {
            hunt: secret.map(|secret| hunt::number_of(secret, student)),
            seed: self.seed.or_else(|| secret.map(|secret| hunt::seed_of(secret, student))),
        }
    }

    fn judges(&self, module: &Module) -> bool {
        self.modules.contains(&module.dir)
    }
}

/// A tree in which submissions are judged.
pub(crate) struct Worker<'a> {
    tree: Course,
    rules: &'a Rules,
    /// The names of the instructor's checks.
    hidden: Vec<String>,
}

impl<'a> Worker<'a> {
    /// Makes or refreshes the tree in `folder`: what students are handed out, which has no reference.
    pub(crate) fn new(course: &Course, folder: &Path, rules: &'a Rules) -> Result<Self> {
        handout::write(course, folder, &handout::Contents::default())
            .with_context(|| format!("cannot make a tree in {}", folder.display()))?;
        fs::create_dir_all(folder.join("target"))?;
        let tree = Course::load(folder.to_path_buf())?;
        let hidden = match &rules.scenarios {
            Some(scenarios) => files::names(scenarios)?
                .iter()
                .filter_map(|name| name.strip_suffix(".scenario").map(str::to_owned))
                .collect(),
            None => Vec::new(),
        };
        Ok(Worker { tree, rules, hidden })
    }

    /// Judges a submission: its files, by their path from the root.
    pub(crate) fn judge(&self, submission: &Tree, variant: Variant) -> Result<Vec<ModuleResult>> {
        let mut begun = Vec::new();
        for module in self.tree.all() {
            let stubs = self.tree.pristine(module)?;
            let files = laid_over(module, &stubs, submission);
            begun.push(files != stubs);
            let src = self.tree.root.join(module.learner()).join("src");
            files::sync_tree(&src, &files, &|_| false)?;
        }
        let modules = self.tree.all().zip(begun);
        modules
            .filter(|(module, _)| self.rules.judges(module))
            .map(|(module, begun)| {
                if begun {
                    self.judge_module(module, variant)
                } else {
                    Ok(ModuleResult::without_checks(module, ModuleState::NotBegun))
                }
            })
            .collect()
    }

    /// The results of a submission that is not judged.
    pub(crate) fn reject(&self) -> Vec<ModuleResult> {
        let due = self.tree.all().filter(|module| self.rules.judges(module));
        due.map(|module| ModuleResult::without_checks(module, ModuleState::Rejected)).collect()
    }

    fn judge_module(&self, module: &Module, variant: Variant) -> Result<ModuleResult> {
        let root = &self.tree.root;
        let cargo = self.rules.isolation.cargo(root);
        let unjudged = |error: &anyhow::Error| {
            let state = ModuleState::Unjudged(format!("{error:#}"));
            Ok(ModuleResult::without_checks(module, state))
        };
        let gate = match build::gate_silently(cargo, root, &module.package) {
            Ok(Built::Ready(gate)) => gate,
            Ok(Built::Broken(errors)) => {
                let errors = errors.into_iter().map(|error| error.rendered).collect();
                return Ok(ModuleResult::without_checks(module, ModuleState::Broken(errors)));
            }
            Err(error) => return unjudged(&error),
        };
        let scenarios = self.rules.scenarios.as_deref();
        let wrapper = self.rules.isolation.judge(root, gate.executable(), scenarios);
        let options = Options { seed: variant.seed, tested: Some(PATIENCE), ..Options::default() };
        let gate = match scenarios {
            Some(folder) => gate.run_by(wrapper).with("RAFT_LAB_SCENARIOS", folder),
            None => gate.run_by(wrapper),
        };
        let gate = match variant.hunt {
            Some(number) => gate.with("RAFT_LAB_HUNT", number.to_string()),
            None => gate,
        };
        match gate.run(&Select::All, options) {
            Ok(judged) => {
                let is_hidden = |check: &str| self.hidden.iter().any(|name| name == check);
                Ok(ModuleResult::judged(module, &judged, self.rules.scoring, &is_hidden))
            }
            Err(error) => unjudged(&error),
        }
    }
}

/// The stubs of a module with the submission's files over them, by their path in `src`.
fn laid_over(module: &Module, stubs: &Tree, submission: &Tree) -> Tree {
    let src = module.learner().join("src");
    let mut files = stubs.clone();
    files.extend(submission.iter().filter_map(|(path, bytes)| {
        Some((path.strip_prefix(&src).ok()?.to_path_buf(), bytes.clone()))
    }));
    files
}

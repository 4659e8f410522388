//! A copy of the tree with untouched stubs, that the tests may do with what they like.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::course::{Course, Id, Module};
use crate::{cargo, files, handout, stubs, use_module};

/// The copy. It is written only where it differs, and has a target folder of its own, so that a second
/// run has little to build.
pub(super) struct Workshop {
    /// The tree that is copied.
    origin: Course,
    /// The copy.
    copy: Course,
    /// For what is built of it.
    target: PathBuf,
    /// This runner.
    xtask: PathBuf,
}

/// What a command of the runner has said, and how it ended.
pub(super) struct Said {
    line: String,
    pub(super) text: String,
    code: Option<i32>,
}

impl Said {
    /// Insists on how the command ended, and on what its output says.
    pub(super) fn expect(self, code: i32, words: &[&str]) -> Result<Self> {
        let Said { line, text, .. } = &self;
        let ended = self.code.map_or_else(|| "by a signal".to_owned(), |code| code.to_string());
        ensure!(
            self.code == Some(code),
            "`{line}` ended with {ended}, not {code}; it said:\n{text}"
        );
        for word in words {
            ensure!(text.contains(word), "`{line}` does not say `{word}`, but:\n{text}");
        }
        Ok(self)
    }

    /// Insists that the command could do its work, whether all is green or not.
    pub(super) fn did_its_work(self) -> Result<Self> {
        let Said { line, text, code } = &self;
        ensure!(matches!(code, Some(0 | 1)), "`{line}` could not do its work; it said:\n{text}");
        Ok(self)
    }

    /// Insists on what its output does not say.
    pub(super) fn without(self, words: &[&str]) -> Result<Self> {
        for word in words {
            ensure!(!self.text.contains(word), "`{}` says `{word}`:\n{}", self.line, self.text);
        }
        Ok(self)
    }
}

/// The tree as a fresh clone would have it, whatever the learner has done.
pub(super) fn fresh(course: &Course) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut tree = files::read_tree_without(&course.root, &handout::is_private)?;
    for module in &course.modules {
        let src = module.learner().join("src");
        tree.retain(|path, _| !path.starts_with(&src));
        let pristine = course.pristine(module)?.into_iter();
        tree.extend(pristine.map(|(path, bytes)| (src.join(path), bytes)));
    }
    let manifest = fs::read_to_string(course.root.join("Cargo.toml")).context("no Cargo.toml")?;
    let manifest = use_module::all_mine(&manifest, &course.modules)?;
    tree.insert(PathBuf::from("Cargo.toml"), manifest.into_bytes());
    Ok(tree)
}

impl Workshop {
    pub(super) fn new(course: &Course) -> Result<Self> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        let target = target.map_or_else(|| course.root.join("target"), |dir| course.root.join(dir));
        let lab = target.join("lab");
        let root = lab.join("workshop");
        let origin = Course::load(course.root.clone())?;
        files::sync_tree(&root, &fresh(&origin)?, &|path| path.starts_with("target"))?;
        use_module::refresh_lock(&root);
        let xtask = std::env::current_exe().context("cannot find this runner's own program")?;
        Ok(Workshop { origin, copy: Course::load(root)?, target: lab.join("build"), xtask })
    }

    pub(super) fn course(&self) -> &Course {
        &self.copy
    }

    /// The folder that workshops and handouts stand in.
    pub(super) fn lab(&self) -> &Path {
        self.target.parent().unwrap_or(&self.target)
    }

    /// Puts everything back to how it is in a fresh clone.
    pub(super) fn tidy(&self) -> Result<()> {
        let lock = self.copy.root.join("Cargo.lock");
        let mut tree = fresh(&self.origin)?;
        // If the learner stands on the reference, so does the lock; the copy's is right already.
        if let Ok(bytes) = fs::read(&lock) {
            tree.insert(PathBuf::from("Cargo.lock"), bytes);
        }
        for name in [".progress", ".kept", ".git"] {
            let path = self.copy.root.join(name);
            let _ = fs::remove_file(&path);
            let _ = fs::remove_dir_all(&path);
        }
        files::sync_tree(&self.copy.root, &tree, &|path| path.starts_with("target"))
    }

    /// A cargo command in the copy.
    pub(super) fn cargo(&self) -> Command {
        self.cargo_in(&self.copy.root)
    }

    /// A cargo command in another tree. It has a target folder of its own: cargo tells packages apart
    /// by where they stand in their workspace, so two trees that share one would share what is built.
    pub(super) fn cargo_in(&self, root: &Path) -> Command {
        let mut command = cargo::command(root);
        let target = if root == self.copy.root { self.target.clone() } else { root.join("target") };
        command.env("CARGO_TARGET_DIR", target).env_remove("RUSTFLAGS");
        command
    }

    /// Runs this runner in the copy.
    pub(super) fn xtask(&self, arguments: &[&str]) -> Result<Said> {
        let mut command = Command::new(&self.xtask);
        command.args(arguments).current_dir(&self.copy.root);
        say(command.env("CARGO_TARGET_DIR", &self.target), arguments)
    }

    /// Runs the runner of another tree, as it comes with it.
    pub(super) fn xtask_of(&self, root: &Path, arguments: &[&str]) -> Result<Said> {
        let mut command = self.cargo_in(root);
        command.arg("xtask").args(arguments);
        say(&mut command, arguments)
    }

    /// Writes the first exercises of a module as the reference has them, the others as stubs.
    pub(super) fn solve(&self, module: &Module, count: usize) -> Result<()> {
        let solved: BTreeSet<Id> = module.exercises.iter().take(count).map(|e| e.id).collect();
        self.write(module, &solved)
    }

    /// Writes some exercises of a module as the reference has them, the others as stubs.
    pub(super) fn write(&self, module: &Module, solved: &BTreeSet<Id>) -> Result<()> {
        let root = &self.copy.root;
        let tree = stubs::generate(&root.join(module.solution()).join("src"), solved)?;
        files::sync_tree(&root.join(module.learner()).join("src"), &tree, &|_| false)
    }

    /// Changes a file of the copy: `from`, which must be in it, becomes `to`.
    pub(super) fn edit(&self, path: &Path, from: &str, to: &str) -> Result<()> {
        let full = self.copy.root.join(path);
        let text = fs::read_to_string(&full).with_context(|| files::shown(path))?;
        ensure!(
            text.contains(from),
            "{} has no `{from}` to change for this test",
            files::shown(path)
        );
        files::write(&full, text.replacen(from, to, 1).as_bytes())
    }
}

fn say(command: &mut Command, arguments: &[&str]) -> Result<Said> {
    let output = command
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .context("cannot run the runner")?;
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    Ok(Said {
        line: format!("cargo xtask {}", arguments.join(" ")),
        text: String::from_utf8_lossy(&said).into_owned(),
        code: output.status.code(),
    })
}

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
    /// Whether to test also what takes longer.
    full: bool,
}

/// Files by their path.
pub(super) type Tree = BTreeMap<PathBuf, Vec<u8>>;

/// Folders that not every tree has, and in which much would be built again if it were written again.
const APART: [&str; 3] = ["solutions", "tests/bugs", "tests/book"];

/// So many times their limits checks may take: while the lab is tested the machine is busy, and how fast it
/// is says nothing about the lab.
pub(super) const PATIENCE: &str = "6";

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
pub(super) fn fresh(course: &Course) -> Result<Tree> {
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
    /// The workshop of this name.
    pub(super) fn new(course: &Course, name: &str, full: bool) -> Result<Self> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        let target = target.map_or_else(|| course.root.join("target"), |dir| course.root.join(dir));
        let lab = target.join("lab").join(name);
        let root = lab.join("workshop");
        let origin = Course::load(course.root.clone())?;
        files::sync_tree(&root, &fresh(&origin)?, &|path| path.starts_with("target"))?;
        use_module::refresh_lock(&root);
        let xtask = std::env::current_exe().context("cannot find this runner's own program")?;
        let (copy, target) = (Course::load(root)?, lab.join("build"));
        Ok(Workshop { origin, copy, target, xtask, full })
    }

    pub(super) fn course(&self) -> &Course {
        &self.copy
    }

    /// Whether to test also what takes longer.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// The folder that the copy stands in, for what is not to be in the copy itself.
    pub(super) fn lab(&self) -> &Path {
        self.target.parent().unwrap_or(&self.target)
    }

    /// What the reference makes of a module, when these exercises are solved, whatever the copy is at
    /// present.
    pub(super) fn stub(&self, module: &Module, solved: &BTreeSet<Id>) -> Result<Tree> {
        stubs::generate(&self.origin.root.join(module.solution()).join("src"), solved)
    }

    /// Lets the copy be another tree for a while. What is built stays right: of files that are the same
    /// nothing changes, not even their age. For the same reason, what is not in that tree is only put
    /// aside.
    pub(super) fn instead<T>(&self, tree: &Tree, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let (root, aside) = (&self.copy.root, self.lab().join("aside"));
        let lock = root.join("Cargo.lock");
        let kept = fs::read(&lock).context("no Cargo.lock")?;
        let without: Vec<&Path> =
            APART.iter().map(Path::new).filter(|dir| root.join(dir).is_dir()).collect();
        let moved = |from: &Path, to: &Path| -> Result<()> {
            for dir in &without {
                let (from, to) = (from.join(dir), to.join(dir));
                fs::create_dir_all(to.parent().unwrap_or(&to))?;
                fs::rename(&from, &to)
                    .with_context(|| format!("cannot move {}", from.display()))?;
            }
            Ok(())
        };
        let _ = fs::remove_dir_all(&aside);
        moved(root, &aside)?;
        let result =
            files::sync_tree(root, tree, &|path| path.starts_with("target")).and_then(|()| work());
        for dir in &without {
            let _ = fs::remove_dir_all(root.join(dir));
        }
        moved(&aside, root)?;
        files::write(&lock, &kept)?;
        result
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
        let mut command = cargo::command(&self.copy.root);
        command.env("CARGO_TARGET_DIR", &self.target).env_remove("RUSTFLAGS");
        command.env("RAFT_LAB_TIMEOUT_FACTOR", PATIENCE);
        command
    }

    /// Runs this runner in the copy.
    pub(super) fn xtask(&self, arguments: &[&str]) -> Result<Said> {
        let mut command = Command::new(&self.xtask);
        command.args(arguments).current_dir(&self.copy.root);
        command.env("CARGO_TARGET_DIR", &self.target).env("RAFT_LAB_TIMEOUT_FACTOR", PATIENCE);
        say(&mut command, arguments)
    }

    /// Runs the runner that the copy itself comes with.
    pub(super) fn own_xtask(&self, arguments: &[&str]) -> Result<Said> {
        let mut command = self.cargo();
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
        let tree = self.stub(module, solved)?;
        files::sync_tree(&self.copy.root.join(module.learner()).join("src"), &tree, &|_| false)
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

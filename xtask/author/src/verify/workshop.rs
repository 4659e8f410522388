//! A copy of the tree with untouched stubs, for the tests to change as they like.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use course::{ExerciseId, Module};
use xtask::tree::Course;
use xtask::{build, cargo, files, use_module};

use crate::stubs;

/// The copy. Only files that differ are written, and it has a target folder of its own, so a second run has
/// little to build.
pub(super) struct Workshop {
    /// The tree that was copied.
    origin: Course,
    /// The copy.
    copy: Course,
    /// The target folder of the copy.
    target: PathBuf,
    /// The runner of the tree that was copied.
    xtask: PathBuf,
    /// Whether to run what takes long, too.
    full: bool,
}

/// Files by their path.
pub(super) type Tree = BTreeMap<PathBuf, Vec<u8>>;

/// Folders that not every tree has. Writing them again would make cargo rebuild much.
const APART: [&str; 6] = [
    "solutions",
    "tests/bugs",
    "tests/book",
    "tests/cluster/reference",
    "xtask/author",
    "xtask/grade",
];

/// How many times their limits checks may take. While the lab is tested the machine is busy, and its speed says
/// nothing about the lab.
pub(super) const TIMEOUT_FACTOR: &str = "6";

/// What a command printed, and how it ended.
pub(super) struct Said {
    line: String,
    /// What it printed to its standard output.
    pub(super) output: String,
    /// The same, and then what it printed to its standard error.
    pub(super) text: String,
    code: Option<i32>,
}

impl Said {
    /// Requires that the command ended with this code, and printed these words.
    pub(super) fn expect(self, code: i32, words: &[&str]) -> Result<Self> {
        let Said { line, text, .. } = &self;
        let ended = self.code.map_or_else(|| "by a signal".to_owned(), |code| code.to_string());
        ensure!(
            self.code == Some(code),
            "`{line}` ended with {ended}, not {code}; it printed:\n{text}"
        );
        for word in words {
            ensure!(text.contains(word), "`{line}` does not print `{word}`, but:\n{text}");
        }
        Ok(self)
    }

    /// Requires that the command could do its work, whether all is green or not.
    pub(super) fn did_its_work(self) -> Result<Self> {
        let Said { line, text, code, .. } = &self;
        ensure!(matches!(code, Some(0 | 1)), "`{line}` could not do its work; it printed:\n{text}");
        Ok(self)
    }

    /// Requires that the command did not print these words.
    pub(super) fn without(self, words: &[&str]) -> Result<Self> {
        for word in words {
            ensure!(!self.text.contains(word), "`{}` prints `{word}`:\n{}", self.line, self.text);
        }
        Ok(self)
    }
}

/// The tree as a fresh clone would have it, whatever the learner has done.
pub(super) fn fresh(course: &Course) -> Result<Tree> {
    let mut tree = files::read_tree_without(&course.root, &files::is_private)?;
    for module in course.all() {
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
        let xtask = build::program(&course.root, "xtask")?;
        let (copy, target) = (Course::load(root)?, lab.join("build"));
        Ok(Workshop { origin, copy, target, xtask, full })
    }

    pub(super) fn course(&self) -> &Course {
        &self.copy
    }

    /// The target folder in which the copy is built.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    /// Whether to run what takes long, too.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// The folder that contains the copy, for files that do not belong in the copy.
    pub(super) fn lab(&self) -> &Path {
        self.target.parent().unwrap_or(&self.target)
    }

    /// What the reference makes of a module if these exercises are solved. It does not depend on the copy's
    /// present state.
    pub(super) fn stub(&self, module: &Module, solved: &BTreeSet<ExerciseId>) -> Result<Tree> {
        stubs::generate(&self.origin.root.join(module.solution()).join("src"), solved)
    }

    /// Turns the copy into another tree for a while. Builds stay valid, because files that are the same are not
    /// touched. For the same reason, folders that are not in that tree are only moved aside.
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

    /// Restores the state of a fresh clone.
    pub(super) fn tidy(&self) -> Result<()> {
        let lock = self.copy.root.join("Cargo.lock");
        let mut tree = fresh(&self.origin)?;
        // If the learner's modules build on the reference, so does the lock. The copy's lock is valid.
        if let Ok(bytes) = fs::read(&lock) {
            tree.insert(PathBuf::from("Cargo.lock"), bytes);
        }
        for name in [".progress", ".kept", ".git"] {
            let path = self.copy.root.join(name);
            let _ = fs::remove_file(&path);
            let _ = fs::remove_dir_all(&path);
        }
        // Every story has the checks run.
        let _ = fs::remove_dir_all(self.target.join("raft-lab"));
        files::sync_tree(&self.copy.root, &tree, &|path| path.starts_with("target"))
    }

    /// A cargo command in the copy.
    pub(super) fn cargo(&self) -> Command {
        let mut command = cargo::command(&self.copy.root);
        command.env("CARGO_TARGET_DIR", &self.target).env_remove("RUSTFLAGS");
        command.env("RAFT_LAB_TIMEOUT_FACTOR", TIMEOUT_FACTOR);
        command
    }

    /// Runs the runner in the copy.
    pub(super) fn xtask(&self, arguments: &[&str]) -> Result<Said> {
        self.run(&self.xtask, arguments)
    }

    /// Runs the runner with these lines on its standard input.
    pub(super) fn xtask_reading(&self, arguments: &[&str], lines: &str) -> Result<Said> {
        let file = self.copy.root.join("target").join("lines");
        files::write(&file, lines.as_bytes())?;
        let input = File::open(&file).with_context(|| file.display().to_string())?;
        say_reading(&mut self.command(arguments), arguments, input.into())
    }

    /// The same, with the limits on time that learners have.
    pub(super) fn xtask_within_limits(&self, arguments: &[&str]) -> Result<Said> {
        let mut command = self.command_of(&self.xtask, arguments);
        say(command.env_remove("RAFT_LAB_TIMEOUT_FACTOR"), arguments)
    }

    /// Runs this program, the authors', in the copy.
    pub(super) fn author(&self, arguments: &[&str]) -> Result<Said> {
        let program = std::env::current_exe().context("cannot find this program")?;
        self.run(&program, arguments)
    }

    fn run(&self, program: &Path, arguments: &[&str]) -> Result<Said> {
        say(&mut self.command_of(program, arguments), arguments)
    }

    /// The runner in the copy, as a command.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(&self.xtask, arguments)
    }

    fn command_of(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.copy.root);
        command
            .env("CARGO_TARGET_DIR", &self.target)
            .env("RAFT_LAB_TIMEOUT_FACTOR", TIMEOUT_FACTOR);
        command
    }

    /// Runs the runner that is part of the copy.
    pub(super) fn own_xtask(&self, arguments: &[&str]) -> Result<Said> {
        let mut command = self.cargo();
        command.arg("xtask").args(arguments);
        say(&mut command, arguments)
    }

    /// Writes the first exercises of a module as the reference has them, the others as stubs.
    pub(super) fn solve(&self, module: &Module, count: usize) -> Result<()> {
        let solved: BTreeSet<ExerciseId> =
            module.exercises.iter().take(count).map(|e| e.id).collect();
        self.write(module, &solved)
    }

    /// Writes the reference of the open path in place of the learner's server.
    pub(super) fn solve_open_path(&self, open: &Module) -> Result<()> {
        let tree = files::read_tree(&self.origin.root.join(open.solution()).join("src"))?;
        files::sync_tree(&self.copy.root.join(open.learner()).join("src"), &tree, &|_| false)
    }

    /// Writes the exercises of a module with these numbers as the reference has them, the others as stubs.
    pub(super) fn solve_these(&self, module: &Module, numbers: &[u32]) -> Result<()> {
        let ids = module.exercises.iter().map(|exercise| exercise.id);
        self.write(module, &ids.filter(|id| numbers.contains(&id.number)).collect())
    }

    /// Writes some exercises of a module as the reference has them, the others as stubs.
    pub(super) fn write(&self, module: &Module, solved: &BTreeSet<ExerciseId>) -> Result<()> {
        let tree = self.stub(module, solved)?;
        files::sync_tree(&self.copy.root.join(module.learner()).join("src"), &tree, &|_| false)
    }

    /// Replaces `from`, which must occur in a file of the copy, by `to`.
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

pub(super) fn say(command: &mut Command, arguments: &[&str]) -> Result<Said> {
    say_reading(command, arguments, Stdio::null())
}

fn say_reading(command: &mut Command, arguments: &[&str], input: Stdio) -> Result<Said> {
    let output =
        command.env("NO_COLOR", "1").stdin(input).output().context("cannot run the runner")?;
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    Ok(Said {
        line: format!("cargo xtask {}", arguments.join(" ")),
        output: String::from_utf8_lossy(&output.stdout).into_owned(),
        text: String::from_utf8_lossy(&text).into_owned(),
        code: output.status.code(),
    })
}

/// Runs a command that must succeed. Its output is shown only if it fails.
pub(super) fn must(command: &mut Command) -> Result<()> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}", command.get_program().display()))?;
    if !output.status.success() {
        let text = [output.stdout.as_slice(), &output.stderr].concat();
        let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
        let text = String::from_utf8_lossy(&text);
        bail!("`cargo {}` failed:\n{}", words.join(" "), text.trim_end());
    }
    Ok(())
}

//! A copy of the tree in which every module is solved.

use std::fs::{self, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result, bail, ensure};
use course::{Exercise, Module};
use xtask::files;
use xtask::tree::Course;

use crate::PATIENCE;

pub(crate) struct Lab {
    pub(crate) course: Course,
}

impl Lab {
    /// Copies the tree to `root`, solves it, and judges it once, so that everything is built.
    pub(crate) fn new(origin: &Course, root: &Path) -> Result<Self> {
        let mut tree = files::read_tree_without(&origin.root, &|path| {
            path == Path::new("target") || files::is_private(path)
        })?;
        for module in &origin.modules {
            let src = module.learner().join("src");
            tree.retain(|path, _| !path.starts_with(&src));
            let solved = files::read_tree(&origin.root.join(module.solution()).join("src"))?;
            tree.extend(solved.into_iter().map(|(path, bytes)| (src.join(path), bytes)));
        }
        files::sync_tree(root, &tree, &|path| path.starts_with("target"))?;
        let lab = Lab { course: Course::load(root.to_path_buf())? };
        let all = lab.course.modules.iter().flat_map(|module| &module.exercises);
        let lines: Vec<String> = all.map(|exercise| format!("done {}\n", exercise.id)).collect();
        fs::write(root.join(".progress"), lines.concat()).context("cannot write .progress")?;
        lab.judge_all()?;
        Ok(lab)
    }

    /// Judges whatever has no verdict.
    pub(crate) fn judge_all(&self) -> Result<()> {
        let mut check = self.check();
        let status = check.stdout(Stdio::null()).status().context("cannot run cargo")?;
        ensure!(status.success(), "the reference is not green in the place of the modules");
        Ok(())
    }

    /// `cargo xtask check`.
    pub(crate) fn check(&self) -> Command {
        let mut command = xtask::cargo::command(&self.course.root);
        command.env_remove("CARGO_TARGET_DIR").args(["xtask", "check"]);
        command.stdin(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Changes a letter of a module.
    pub(crate) fn edit(&self, module: &Module) -> Result<()> {
        let first = module.exercises.iter().find(|exercise| Exercise::is_rust(exercise));
        let file = &first.context("a module has an exercise in Rust")?.file;
        append(&self.course.root.join(module.learner()).join(file))
    }

    /// From an edit until `check` prints its first verdict. It is then ended.
    pub(crate) fn until_the_verdict(&self, module: &Module) -> Result<Duration> {
        self.edit(module)?;
        let start = Instant::now();
        let mut check = self.check().stdout(Stdio::piped()).spawn().context("cannot run cargo")?;
        let output = check.stdout.take().context("a pipe")?;
        verdict(&mut BufReader::new(output), start)?;
        let took = start.elapsed();
        check.kill().and_then(|()| check.wait()).context("cannot end `check`")?;
        Ok(took)
    }

    /// Runs `check` to its end, and returns the time until its first verdict.
    pub(crate) fn until_the_end(&self) -> Result<Duration> {
        let start = Instant::now();
        let mut check = self.check().stdout(Stdio::piped()).spawn().context("cannot run cargo")?;
        let mut output = BufReader::new(check.stdout.take().context("a pipe")?);
        verdict(&mut output, start)?;
        let first = start.elapsed();
        for line in output.lines() {
            line.context("cannot read what `check` prints")?;
        }
        check.wait().context("cannot wait for `check`")?;
        Ok(first)
    }

    /// `watch`, ready for the first edit.
    pub(crate) fn watch(&self) -> Result<Watch> {
        let program = self.program();
        let mut command = Command::new(program);
        command.args(["watch", "--plain"]).current_dir(&self.course.root);
        command.env_remove("CARGO_TARGET_DIR");
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot run the runner")?;
        let mut output = BufReader::new(process.stdout.take().context("a pipe")?);
        until(&mut output, Instant::now(), "q quit")?;
        Ok(Watch { process, output })
    }

    fn program(&self) -> PathBuf {
        let program = self.course.root.join("target").join("debug").join("xtask");
        program.with_extension(std::env::consts::EXE_EXTENSION)
    }
}

/// A running `watch`.
pub(crate) struct Watch {
    process: Child,
    output: BufReader<ChildStdout>,
}

impl Watch {
    /// From an edit until the first verdict.
    pub(crate) fn until_the_verdict(&mut self, lab: &Lab, module: &Module) -> Result<Duration> {
        lab.edit(module)?;
        let start = Instant::now();
        // A run that an edit has cancelled may still be in the pipe.
        until(&mut self.output, start, "--")?;
        verdict(&mut self.output, start)?;
        Ok(start.elapsed())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads until a line has a verdict.
fn verdict(output: &mut BufReader<ChildStdout>, start: Instant) -> Result<()> {
    until(output, start, "✔")
}

fn until(output: &mut BufReader<ChildStdout>, start: Instant, word: &str) -> Result<()> {
    let mut line = String::new();
    while !line.contains(word) {
        line.clear();
        let count = output.read_line(&mut line).context("cannot read what the runner prints")?;
        ensure!(count > 0, "the runner ended without `{word}`");
        if start.elapsed() > PATIENCE {
            bail!("the runner takes too long");
        }
    }
    Ok(())
}

/// Changes a file by a comment that it never had before: `check` knows its verdicts on earlier texts.
pub(crate) fn append(path: &Path) -> Result<()> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let file = OpenOptions::new().append(true).open(path);
    file.and_then(|mut file| writeln!(file, "// {}", now.as_nanos()))
        .with_context(|| format!("cannot change {}", path.display()))
}

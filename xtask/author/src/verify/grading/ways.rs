//! Grading the same class in several ways: every way has the same result.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use xtask::files::{self, Tree};

use super::super::workshop::{Said, Workshop, say};
use super::extent::{BUILD_LIMIT, MODULES};

/// A class that is graded.
pub(super) struct Grading<'a> {
    pub(super) workshop: &'a Workshop,
    pub(super) submissions: &'a Path,
    pub(super) out: &'a Path,
}

impl Grading<'_> {
    fn command(&self, more: &[&str]) -> Command {
        let (submissions, out) = (self.submissions.to_string_lossy(), self.out.to_string_lossy());
        let words = ["grade", &submissions, "--out", &out, "--modules", MODULES];
        let mut command = self.workshop.command(&[&words, more].concat());
        command.env("RAFT_LAB_BUILD_LIMIT", BUILD_LIMIT);
        command
    }

    pub(super) fn grade(&self, more: &[&str]) -> Result<Said> {
        say(&mut self.command(more), &[&["grade"], more].concat())
    }

    /// What was graded, by student, without how long it took.
    fn results(&self) -> Result<Vec<Value>> {
        results_in(self.out)
    }

    fn tables(&self) -> Result<Tree> {
        let is_other = |path: &Path| path.starts_with(".workers") || path.starts_with("students");
        files::read_tree_without(self.out, &is_other)
    }

    /// No process of a submission is left.
    pub(super) fn nothing_runs(&self) -> Result<()> {
        let workers = self.out.join(".workers");
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let program = fs::read_link(entry.path().join("exe")).unwrap_or_default();
            let folder = fs::read_link(entry.path().join("cwd")).unwrap_or_default();
            ensure!(
                !program.starts_with(&workers) && !folder.starts_with(&workers),
                "{} still runs",
                program.display()
            );
        }
        Ok(())
    }

    /// Resuming a finished grading changes nothing, and judges nothing.
    pub(super) fn resumed(&self, count: usize) -> Result<()> {
        let before = self.tables()?;
        self.grade(&["--jobs", "1", "--resume"])?.expect(1, &[&format!("{count} students")])?;
        ensure!(self.tables()? == before, "resuming has changed a table");
        Ok(())
    }

    /// Merging the only part changes nothing.
    pub(super) fn merged(&self, count: usize) -> Result<()> {
        let merged = self.workshop.lab().join("merged");
        let _ = fs::remove_dir_all(&merged);
        self.merge(&[self.out.to_path_buf()], &merged, count)?;
        let table = |folder: &Path| fs::read(folder.join("grades.csv")).context("no table");
        ensure!(table(self.out)? == table(&merged)?, "merging changes the table");
        let (out, merged) = (self.out.to_string_lossy(), merged.to_string_lossy());
        self.workshop
            .xtask(&["grade", "compare", &out, &merged])?
            .expect(0, &["the same points"])?;
        Ok(())
    }

    /// A second time, with four workers; killed, and resumed; in three parts.
    pub(super) fn in_other_ways(&self, count: usize) -> Result<()> {
        let before = self.results()?;
        let same = |way: &str| -> Result<()> {
            ensure!(self.results()? == before, "{way}, a student has another result");
            self.nothing_runs()
        };
        self.forget()?;
        self.grade(&["--jobs", "4"])?.expect(1, &[&format!("{count} students")])?;
        same("with four workers")?;
        self.forget()?;
        self.killed()?;
        self.grade(&["--jobs", "2", "--resume"])?.expect(1, &[&format!("{count} students")])?;
        same("after a kill")?;
        let mut parts = Vec::new();
        for number in 1..=3 {
            self.forget()?;
            self.grade(&["--jobs", "2", "--shard", &format!("{number}/3")])?.did_its_work()?;
            let part = self.workshop.lab().join(format!("part-{number}"));
            let _ = fs::remove_dir_all(&part);
            fs::create_dir_all(&part)?;
            fs::rename(self.out.join("students"), part.join("students"))?;
            parts.push(part);
        }
        let whole = self.workshop.lab().join("merged");
        let _ = fs::remove_dir_all(&whole);
        self.merge(&parts, &whole, count)?;
        ensure!(results_in(&whole)? == before, "in three parts, a student has another result");
        fs::rename(whole.join("students"), self.out.join("students"))?;
        Ok(())
    }

    fn merge(&self, parts: &[PathBuf], to: &Path, count: usize) -> Result<()> {
        let parts: Vec<String> =
            parts.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let to = to.to_string_lossy();
        let mut words = vec!["grade", "merge"];
        words.extend(parts.iter().map(String::as_str));
        words.extend(["--out", &to]);
        self.workshop.xtask(&words)?.expect(1, &[&format!("{count} students")])?;
        Ok(())
    }

    /// Removes what was graded; the workers stay warm.
    fn forget(&self) -> Result<()> {
        let students = self.out.join("students");
        if students.exists() {
            fs::remove_dir_all(&students)?;
        }
        Ok(())
    }

    /// Begins to grade, and is killed when some students have their results.
    fn killed(&self) -> Result<()> {
        const SOME: usize = 5;
        const AT_MOST: Duration = Duration::from_mins(30);
        let mut command = self.command(&["--jobs", "2"]);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot run the grader")?;
        let begun = Instant::now();
        let stored = || files::names(&self.out.join("students")).map_or(0, |names| names.len());
        while stored() < SOME && begun.elapsed() < AT_MOST {
            if let Some(status) = child.try_wait()? {
                anyhow::bail!("the grader ended by itself, with {status}");
            }
            thread::sleep(Duration::from_millis(50));
        }
        child.kill().context("cannot kill the grader")?;
        child.wait()?;
        Ok(())
    }
}

fn results_in(out: &Path) -> Result<Vec<Value>> {
    let students = out.join("students");
    let mut results = Vec::new();
    for name in files::names(&students)? {
        let Ok(bytes) = fs::read(students.join(name).join("result.json")) else { continue };
        let mut result: Value = serde_json::from_slice(&bytes)?;
        result["seconds"] = Value::Null;
        results.push(result);
    }
    results.sort_by_key(|result| result["student"].as_str().unwrap_or_default().to_owned());
    Ok(results)
}

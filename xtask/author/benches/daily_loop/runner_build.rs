//! Building the runner from nothing, beside the runner of another commit.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use xtask::tree::Course;

use crate::measure::{median, sample, seconds};

pub(crate) fn measure(
    course: &Course,
    folder: &Path,
    base: Option<&str>,
    rounds: usize,
) -> Result<()> {
    let target = folder.join("target").join("runner");
    let other = base.map(|commit| check_out(course, &folder.join("target"), commit)).transpose()?;
    let (mut own, mut others, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let this = build(&course.root, &target)?;
        own.push(this);
        if let Some(other) = &other {
            let that = build(other, &target)?;
            others.push(that);
            ratios.push(this.as_secs_f64() / that.as_secs_f64());
        }
    }
    println!("\nthe runner from nothing, CPU          {}", seconds(median(&mut own)));
    if let Some(commit) = base {
        ratios.sort_by(f64::total_cmp);
        println!("the same at {commit:24}  {}", seconds(median(&mut others)));
        println!("ratio                                   {:.2}", ratios[ratios.len() / 2]);
    }
    Ok(())
}

/// The CPU time of a build into an empty folder.
fn build(root: &Path, target: &Path) -> Result<std::time::Duration> {
    if target.exists() {
        fs::remove_dir_all(target).context("cannot remove the last build")?;
    }
    let mut cargo = xtask::cargo::command(root);
    cargo.args(["build", "--quiet", "--package", "xtask"]).env("CARGO_TARGET_DIR", target);
    Ok(sample(&mut cargo)?.cpu)
}

/// Puts the files of a commit into a folder.
fn check_out(course: &Course, folder: &Path, commit: &str) -> Result<std::path::PathBuf> {
    let root = folder.join(format!("at-{commit}"));
    if !root.exists() {
        let mut git = Command::new("git");
        git.current_dir(&course.root).args(["worktree", "add", "--detach", "--quiet"]);
        let status = git.arg(&root).arg(commit).status().context("cannot run git")?;
        ensure!(status.success(), "git has no commit {commit}");
    }
    Ok(root)
}

//! Gradescope's autograder, in a copy of Gradescope's folders: `/autograder` is a folder of this test.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use xtask::{archive, files};

use super::super::workshop::{Workshop, must};
use super::extent::MODULES;

/// More than any autograder has, in bytes.
const MOST_BYTES: u64 = 256 << 20;

/// Makes the autograder, sets it up, and lets it grade two submissions.
pub(super) fn run(workshop: &Workshop, submissions: &Path, grades: &Path) -> Result<()> {
    let lab = workshop.lab().join("gradescope");
    let _ = fs::remove_dir_all(&lab);
    let tree = lab.join("raft-lab");
    let name = tree.to_string_lossy().into_owned();
    let options = format!("--modules {MODULES}");
    let words = ["handout", &name, "--with", "gradescope", "--grade", &options];
    workshop.xtask(&words)?.expect(0, &["raft-lab-autograder.zip"])?;
    // What Gradescope does with the zip.
    let root = lab.join("autograder");
    let zip = archive::read(&lab.join("raft-lab-autograder.zip"), MOST_BYTES)?;
    for (path, bytes) in &zip {
        files::write(&root.join("source").join(path), bytes)?;
    }
    fs::create_dir_all(root.join("results"))?;
    fs::create_dir_all(root.join("submission"))?;
    // The crates that every gate needs are built already, in another place.
    let workers = root.join("source/grades/.workers/1");
    fs::create_dir_all(&workers)?;
    fs::rename(grades.join(".workers/1/target"), workers.join("target"))?;
    let done = graded(workshop, &root, submissions);
    fs::rename(workers.join("target"), grades.join(".workers/1/target"))?;
    done
}

fn graded(workshop: &Workshop, root: &Path, submissions: &Path) -> Result<()> {
    must(inside(workshop, root).args(["bash", "/autograder/source/setup.sh"]))
        .context("setup.sh has failed")?;
    for (student, is_whole) in [("ada", true), ("eve", false)] {
        let place = root.join("submission");
        files::sync_tree(&place, &files::read_tree(&submissions.join(student))?, &|_| false)?;
        let _ = fs::remove_file(root.join("results/results.json"));
        must(inside(workshop, root).args(["bash", "/autograder/source/run_autograder"]))
            .context("run_autograder has failed")?;
        let bytes = fs::read(root.join("results/results.json")).context("no results.json")?;
        has_the_form(&serde_json::from_slice(&bytes)?, is_whole)
            .with_context(|| format!("the results of {student}"))?;
    }
    Ok(())
}

/// A command that finds `/autograder` and the machine's Rust, and nothing else of this machine that it could change.
fn inside(workshop: &Workshop, root: &Path) -> Command {
    let home = std::env::home_dir().unwrap_or_default();
    let mut command = Command::new("bwrap");
    // The autograder starts sandboxes of its own, whose `/proc` can only be mounted where this one is whole.
    command.args(["--die-with-parent", "--bind", "/proc", "/proc", "--dev", "/dev"]);
    command.args(["--tmpfs", "/tmp", "--ro-bind", "/usr", "/usr"]);
    for path in ["/bin", "/lib", "/lib64", "/etc"] {
        command.args(["--ro-bind-try", path, path]);
    }
    for folder in [".cargo", ".rustup"] {
        command.arg("--ro-bind-try").arg(home.join(folder)).arg(home.join(folder));
    }
    command.arg("--bind").arg(root).arg("/autograder");
    // Programs are built where this lab's are, which saves what does not depend on the folder.
    command.arg("--bind").arg(workshop.target()).arg(workshop.target());
    command.arg("--setenv").arg("CARGO_TARGET_DIR").arg(workshop.target());
    command.args(["--setenv", "CARGO_NET_OFFLINE", "true"]);
    command.args(["--chdir", "/autograder"]);
    command
}

/// `results.json` as Gradescope's documentation describes it: points, and a list of tests with names and points.
fn has_the_form(results: &Value, is_whole: bool) -> Result<()> {
    let score = results["score"].as_f64().context("no score")?;
    let tests = results["tests"].as_array().context("no tests")?;
    let mut most = 0.0;
    let mut sum = 0.0;
    for test in tests {
        most += test["max_score"].as_f64().context("a test without max_score")?;
        sum += test["score"].as_f64().context("a test without score")?;
        ensure!(test["name"].is_string() && test["output"].is_string(), "a test without a name");
        ensure!(["passed", "failed"].contains(&test["status"].as_str().unwrap_or_default()));
    }
    ensure!((score - sum).abs() < 0.01, "the score is {score}, and the tests have {sum}");
    ensure!(!tests.is_empty() && most > 0.0, "there is nothing to earn");
    let bonus: f64 = tests
        .iter()
        .filter(|test| test["max_score"].as_f64() == Some(0.0))
        .filter_map(|test| test["score"].as_f64())
        .sum();
    if is_whole {
        ensure!((sum - bonus - most).abs() < 0.01, "{sum} points of {most}: {results}");
    } else {
        ensure!(sum == 0.0, "{sum} points for a submission that is rejected");
        let output = results["output"].as_str().unwrap_or_default();
        ensure!(output.contains("which no exercise needs"), "no reason: {output}");
    }
    Ok(())
}

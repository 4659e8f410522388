//! `verify`: the lab's own tests. They judge a copy of this tree with untouched stubs, so that they
//! say the same while somebody works through the exercises.

mod book;
mod exercises;
mod handout;
mod journey;
mod learner;
mod workshop;

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};

use crate::course::Course;
use crate::term;
use workshop::Workshop;

/// One thing that is tested.
struct Step {
    name: &'static str,
    run: fn(&Workshop) -> Result<()>,
    /// Only with `--full`.
    full: bool,
}

/// From what is quick and often wrong to what takes long.
const STEPS: [Step; 13] = [
    Step { name: "exercises and reference agree", run: exercises::agree, full: false },
    Step { name: "formatting", run: formatting, full: false },
    Step { name: "clippy", run: clippy, full: false },
    Step { name: "stubs compile without a warning", run: stubs_are_clean, full: false },
    Step {
        name: "the journey: after exercise k, checks 1 to k are green",
        run: journey::run,
        full: false,
    },
    Step {
        name: "the learner's commands, on code right and wrong",
        run: learner::run,
        full: false,
    },
    Step { name: "using the reference, and going back", run: learner::use_and_back, full: false },
    Step { name: "a handout", run: handout::run, full: false },
    Step { name: "the book: its commands run, and it can be built", run: book::run, full: false },
    Step { name: "the lab's tests, and the reference's", run: tests, full: false },
    Step { name: "documentation", run: documentation, full: false },
    Step { name: "the journey upon the reference", run: journey::upon_the_reference, full: true },
    Step { name: "tests in release, benches compile", run: release, full: true },
];

/// `cargo xtask verify`. Says whether all is green.
pub(crate) fn run(course: &Course, full: bool) -> Result<bool> {
    course.needs_solutions("cargo xtask verify")?;
    let start = Instant::now();
    let workshop = Workshop::new(course)?;
    let mut red = Vec::new();
    for step in STEPS.iter().filter(|step| full || !step.full) {
        say!("{} …", step.name);
        let start = Instant::now();
        let result = workshop.tidy().and_then(|()| (step.run)(&workshop));
        let seconds = start.elapsed().as_secs_f32();
        match result {
            Ok(()) => say!("  {} ({seconds:.0} s)", term::green("✔ green")),
            Err(error) => {
                say!("  {} ({seconds:.0} s)\n\n{error:#}\n", term::red("✗ red"));
                red.push(step.name);
            }
        }
    }
    say!();
    if red.is_empty() {
        say!("{} ({:.0} s)", term::green("The lab is well."), start.elapsed().as_secs_f32());
    } else {
        say!("{}", term::red(&format!("Red: {}.", red.join("; "))));
    }
    Ok(red.is_empty())
}

/// Runs a command that must succeed; what it says is shown only if it does not.
fn must(command: &mut Command) -> Result<()> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}", command.get_program().display()))?;
    if !output.status.success() {
        let said = [output.stdout.as_slice(), &output.stderr].concat();
        let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
        let said = String::from_utf8_lossy(&said);
        bail!("`cargo {}` has failed:\n{}", words.join(" "), said.trim_end());
    }
    Ok(())
}

fn formatting(workshop: &Workshop) -> Result<()> {
    must(workshop.cargo().args(["fmt", "--all", "--check", "--", "--color", "never"]))
}

fn clippy(workshop: &Workshop) -> Result<()> {
    must(workshop.cargo().args(["clippy", "--quiet", "--all-targets", "--", "-D", "warnings"]))
}

/// The stubs, their suites and all their targets.
fn stubs_are_clean(workshop: &Workshop) -> Result<()> {
    let mut command = workshop.cargo();
    command.args(["check", "--quiet", "--all-targets", "--message-format=json"]);
    for module in &workshop.course().modules {
        command.args(["--package", &module.package]);
    }
    let output = command.stdin(Stdio::null()).output().context("cannot run cargo")?;
    let mut said = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let message: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
        let path = message["manifest_path"].as_str().unwrap_or_default().replace('\\', "/");
        // Only cargo's own word is about nothing in particular.
        if message["reason"] == "compiler-message" && path.contains("/modules/") {
            said.push(message["message"]["rendered"].as_str().unwrap_or_default().to_owned());
        }
    }
    ensure!(said.is_empty(), "the compiler has something to say about stubs:\n{}", said.join("\n"));
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the stubs do not compile:\n{errors}");
    Ok(())
}

/// A plain `cargo test` at the root: simulator, gates, bugs, runner, and every suite on its reference.
fn tests(workshop: &Workshop) -> Result<()> {
    let has_nextest = workshop
        .cargo()
        .args(["nextest", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !has_nextest {
        return must(workshop.cargo().args(["test", "--quiet", "--no-fail-fast"]));
    }
    must(workshop.cargo().args(["nextest", "run", "--no-fail-fast", "--status-level=fail"]))?;
    must(workshop.cargo().args(["test", "--quiet", "--doc"]))
}

fn documentation(workshop: &Workshop) -> Result<()> {
    let mut command = workshop.cargo();
    must(command.env("RUSTDOCFLAGS", "-D warnings").args(["doc", "--quiet", "--no-deps"]))
}

/// What must be the same in both profiles: the world, the checks, the reference, and the golden runs.
/// Not the wrong Rafts: some are caught by an overflow, which only the dev profile notices.
fn release(workshop: &Workshop) -> Result<()> {
    let mut command = workshop.cargo();
    command.args(["test", "--quiet", "--release", "--no-fail-fast"]);
    command.args(["--package", "protocol", "--package", "simulator", "--package", "gates"]);
    for module in &workshop.course().modules {
        command.args(["--package", &module.solution_package()]);
    }
    must(&mut command)?;
    let golden = ["test", "--quiet", "--release", "--package", "bugs", "--test", "golden"];
    must(workshop.cargo().args(golden))?;
    must(workshop.cargo().args(["bench", "--quiet", "--no-run", "--features", "bugs/beside-raft"]))
}

//! `verify`: the lab's own tests. They judge a copy of this tree with untouched stubs, so the result is the
//! same while somebody works through the exercises.

mod book;
mod exercises;
mod grading;
mod handout;
mod journey;
mod learner;
mod replay;
mod systems;
mod truth;
mod workshop;

use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use xtask::tree::Course;
use xtask::{say, term};

use crate::mutants;
use workshop::{Workshop, must};

/// One thing that is tested.
struct Step {
    name: &'static str,
    run: fn(&Workshop) -> Result<()>,
    /// Only with `--full`.
    full: bool,
}

impl Step {
    const fn new(name: &'static str, run: fn(&Workshop) -> Result<()>) -> Self {
        Step { name, run, full: false }
    }

    const fn if_full(self) -> Self {
        Step { full: true, ..self }
    }
}

/// What learners do: small modules are built one after another, which keeps one processor busy.
const LEARNERS: [Step; 10] = [
    Step::new("the learner's commands, on code right and wrong", learner::run),
    Step::new("the page of a run", replay::run),
    Step::new("what `check` says is true of the code as it is", truth::run),
    Step::new("the journey: after exercise k, checks 1 to k are green", journey::run),
    Step::new("the journey of the open path", journey::open_path),
    Step::new("using the reference, and going back", learner::use_and_back),
    Step::new("a handout", handout::run),
    Step::new("a class is graded", grading::run),
    Step::new("the book: its commands run, and it can be built", book::run),
    Step::new("the journey on the reference", journey::on_the_reference).if_full(),
];

/// What authors do: quick steps that often fail first, long ones last.
const AUTHORS: [Step; 13] = [
    Step::new("exercises and reference agree", exercises::agree),
    Step::new("the age of the table of mutants", age_of_mutants),
    Step::new("formatting", formatting),
    Step::new("clippy", clippy),
    Step::new("stubs compile without a warning", stubs_are_clean),
    Step::new("documentation", documentation),
    Step::new("the lab's tests, and the reference's", tests),
    Step::new("every bug hunt can be won", hunts),
    Step::new("real servers: the driver is judged, and processes are killed", real_servers),
    Step::new("it compiles for Windows and macOS", systems::compile),
    Step::new("mutants of functions that have changed", changed_mutants).if_full(),
    Step::new("tests in release, benches compile", release).if_full(),
    Step::new("tests as Windows programs, under Wine", systems::run_under_wine).if_full(),
];

/// The two run side by side, each in a workshop of its own, because cargo builds one thing at a time in a
/// target folder. Building simulator and gates twice for that costs less than it saves.
const LANES: [(&str, &[Step]); 2] = [("learner", &LEARNERS), ("author", &AUTHORS)];

/// How often each test that kills the runner does so in `--full`: together more than a thousand times.
const MANY_KILLS: &str = "112";

/// How many base seeds right and wrong servers are judged with, unless it is all ten.
const SOME_SEEDS: &str = "3";

/// `cargo xtask verify`. Returns whether all is green. `only` is a part of the names of the steps to run.
pub(crate) fn run(course: &Course, full: bool, only: Option<&str>) -> Result<bool> {
    course.needs_solutions("cargo xtask verify")?;
    let start = Instant::now();
    let mut workshops = Vec::new();
    for (name, steps) in LANES {
        let runs =
            |step: &&Step| (full || !step.full) && only.is_none_or(|text| step.name.contains(text));
        let steps: Vec<&Step> = steps.iter().filter(runs).collect();
        if !steps.is_empty() {
            workshops.push((Workshop::new(course, name, full)?, steps));
        }
    }
    ensure!(!workshops.is_empty(), "no step of verify has this in its name");
    let red: Vec<&str> = thread::scope(|scope| {
        let lanes: Vec<_> = workshops
            .iter()
            .map(|(workshop, steps)| scope.spawn(move || lane(workshop, steps)))
            .collect();
        lanes.into_iter().flat_map(|lane| lane.join().expect("no lane panics")).collect()
    });
    say!();
    let seconds = start.elapsed().as_secs_f32();
    if red.is_empty() {
        say!("{} ({seconds:.0} s)", term::green("All checks passed."));
    } else {
        say!("{} ({seconds:.0} s)", term::red(&format!("Red: {}.", red.join("; "))));
    }
    if !full && only.is_none() {
        let left = LANES.iter().flat_map(|(_, steps)| *steps).filter(|step| step.full);
        let left: Vec<&str> = left.map(|step| step.name).collect();
        say!(
            "Only `verify --full` runs: {}; right and wrong servers with all ten base seeds (here: \
             {SOME_SEEDS}); the runner killed a thousand times (here: a hundred).",
            left.join("; ")
        );
    }
    Ok(red.is_empty())
}

/// Runs steps one after another. Returns the names of those that are red.
fn lane(workshop: &Workshop, steps: &[&Step]) -> Vec<&'static str> {
    let mut red = Vec::new();
    for step in steps {
        let start = Instant::now();
        let result = workshop.tidy().and_then(|()| (step.run)(workshop));
        let seconds = start.elapsed().as_secs_f32();
        match result {
            Ok(()) => say!("{} {} ({seconds:.0} s)", term::green("✔"), step.name),
            Err(error) => {
                say!("{} {} ({seconds:.0} s)\n\n{error:#}\n", term::red("✗"), step.name);
                red.push(step.name);
            }
        }
    }
    red
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
    for module in workshop.course().all() {
        command.args(["--package", &module.package]);
    }
    let output = command.stdin(Stdio::null()).output().context("cannot run cargo")?;
    let mut said = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let message: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
        let path = message["manifest_path"].as_str().unwrap_or_default().replace('\\', "/");
        // Only cargo's own messages are about no package.
        if message["reason"] == "compiler-message" && path.contains("/modules/") {
            said.push(message["message"]["rendered"].as_str().unwrap_or_default().to_owned());
        }
    }
    ensure!(said.is_empty(), "the compiler warns about stubs:\n{}", said.join("\n"));
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the stubs do not compile:\n{errors}");
    Ok(())
}

/// The browser in which the page of a run is tested, by the names that systems have for it.
const BROWSERS: [&str; 4] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

fn has_browser() -> bool {
    let starts = |name: &str| {
        let mut command = Command::new(name);
        command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    BROWSERS.into_iter().any(starts)
}

/// A plain `cargo test` at the root: simulator, gates, bugs, runner, and every suite on its reference.
fn tests(workshop: &Workshop) -> Result<()> {
    // With `CI=true` the tests fail without a browser.
    if !has_browser() {
        say!(
            "  the page of a run is not tested: Chromium is not installed (`apt-get install chromium`)"
        );
    }
    if !has_nextest(workshop) {
        return must(seeds(workshop).args(["test", "--quiet", "--no-fail-fast"]));
    }
    must(seeds(workshop).args(["nextest", "run", "--no-fail-fast", "--status-level=fail"]))?;
    must(workshop.cargo().args(["test", "--quiet", "--doc"]))
}

fn has_nextest(workshop: &Workshop) -> bool {
    let mut command = workshop.cargo();
    command.args(["nextest", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Servers as processes. A plain `cargo test` does not build them, or what only they need.
fn real_servers(workshop: &Workshop) -> Result<()> {
    const PACKAGES: [&str; 6] =
        ["--package", "cluster", "--package", "cluster-reference", "--package", "torture"];
    // The stubs, which the servers are made of, are not linted.
    let lints = ["--no-deps", "--all-targets", "--all-features", "--", "-D", "warnings"];
    must(workshop.cargo().args(["clippy", "--quiet"]).args(PACKAGES).args(lints))?;
    let mut command = workshop.cargo();
    if workshop.is_full() {
        command.env("RAFT_LAB_CLUSTER_KILLS", "50").env("RAFT_LAB_BROKEN_FRAMES", "100000");
    }
    if has_nextest(workshop) {
        command.args(["nextest", "run", "--no-fail-fast", "--status-level=fail"]).args(PACKAGES);
    } else {
        // One at a time: a busy machine says nothing about a server that should answer soon.
        command.args(["test", "--quiet", "--no-fail-fast"]).args(PACKAGES);
        command.args(["--", "--test-threads=1"]);
    }
    must(&mut command)?;
    // Every kind of fault. The seed says which, so that a red run can be tried again.
    let seconds = if workshop.is_full() { "300" } else { "20" };
    let run = ["run", "--quiet", "--package", "torture", "--", "--module", "reference"];
    must(workshop.cargo().args(run).args(["--seconds", seconds]))
}

/// The reference's scenario of each bug hunt exposes all bugs of its module. Otherwise a learner could be given one
/// that cannot be found.
fn hunts(workshop: &Workshop) -> Result<()> {
    for module in &workshop.course().modules {
        let hunt = module.exercises.iter().find(|it| it.file.ends_with("hunt.scenario"));
        let Some(hunt) = hunt else { continue };
        let mut command = workshop.cargo();
        command.env("RAFT_LAB_HUNT", "all").env("RAFT_LAB_SELECT", hunt.id.to_string());
        let package = module.solution_package();
        must(command.args(["test", "--quiet", "--package", &package, "--test", "gate"]))?;
    }
    Ok(())
}

/// Cargo, for tests that run several base seeds.
fn seeds(workshop: &Workshop) -> Command {
    let mut command = workshop.cargo();
    if workshop.is_full() {
        command.env("RAFT_LAB_KILLS", MANY_KILLS);
    } else {
        command.env("RAFT_LAB_SEEDS", SOME_SEEDS);
    }
    command
}

/// An old table is no error: it is reported, and `--full` does the work.
fn age_of_mutants(workshop: &Workshop) -> Result<()> {
    mutants::age(workshop.course())
}

fn changed_mutants(workshop: &Workshop) -> Result<()> {
    if let Err(missing) = mutants::is_installed(&workshop.course().root) {
        say!("  Left out: {missing}.");
        return Ok(());
    }
    let is_green = mutants::run(workshop.course(), &[], true, false)?;
    ensure!(is_green, "a mutant survives without a reason in tests/bugs/equivalent.toml");
    Ok(())
}

fn documentation(workshop: &Workshop) -> Result<()> {
    let mut command = workshop.cargo();
    must(command.env("RUSTDOCFLAGS", "-D warnings").args(["doc", "--quiet", "--no-deps"]))
}

/// What must be the same in both profiles: the simulator, the checks, the reference, and the golden runs. Not
/// the wrong Rafts: some are caught by an overflow, which only the dev profile notices.
fn release(workshop: &Workshop) -> Result<()> {
    let mut command = workshop.cargo();
    command.args(["test", "--quiet", "--release", "--no-fail-fast"]);
    command.args(["--package", "protocol", "--package", "simulator", "--package", "gates"]);
    for module in workshop.course().all() {
        command.args(["--package", &module.solution_package()]);
    }
    must(&mut command)?;
    let golden = ["test", "--quiet", "--release", "--package", "bugs", "--test", "golden"];
    must(workshop.cargo().args(golden))?;
    must(workshop.cargo().args(["bench", "--quiet", "--no-run", "--features", "bugs/beside-raft"]))
}

//! Building gates and programs with cargo.

mod account;
mod limit;
mod message;
pub(crate) mod warnings;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

pub use self::message::CompileError;

use self::account::{Account, BUILDING, Stopped};
use self::limit::Limits;
use crate::gate::Gate;
use crate::progress_notice::ProgressNotice;
use crate::supervise::{Next, Stream, Supervised};
use crate::{cargo, manifest, term};

/// What building a gate has led to.
pub enum Built {
    /// It can run.
    Ready(Gate),
    /// Code does not compile, or the compiler was stopped because it did not end.
    Broken(Vec<CompileError>),
}

/// Builds the gate of a package, and says what takes long.
///
/// # Errors
/// If cargo fails before it compiles anything, or makes no progress.
pub fn gate(root: &Path, package: &str) -> Result<Built> {
    gate_by(cargo::command(root), root, package, Some(&ProgressNotice::start(BUILDING)))
}

/// Builds the gate of a package so that a debugger can show the variables of the code in these packages.
///
/// # Errors
/// If cargo fails before it compiles anything, or makes no progress.
pub(crate) fn gate_for_debugger(root: &Path, package: &str, shown: &[&str]) -> Result<Built> {
    let mut cargo = cargo::command(root);
    for package in shown {
        cargo.arg("--config").arg(format!("profile.dev.package.{package}.debug=\"full\""));
    }
    gate_by(cargo, root, package, Some(&ProgressNotice::start(BUILDING)))
}

/// Builds the gate of a package by the `cargo` command given, silently.
///
/// # Errors
/// If cargo fails before it compiles anything, or makes no progress.
pub fn gate_silently(cargo: Command, root: &Path, package: &str) -> Result<Built> {
    gate_by(cargo, root, package, None)
}

fn gate_by(
    mut cargo: Command,
    root: &Path,
    package: &str,
    notice: Option<&ProgressNotice>,
) -> Result<Built> {
    cargo.args(["test", "--no-run", "--package", package, "--test", "gate"]);
    let output = run(cargo, "gate", notice)?;
    match output.executable {
        Some(executable) => {
            Ok(Built::Ready(Gate::new(root.to_path_buf(), executable, output.libraries)))
        }
        None if !output.errors.is_empty() => Ok(Built::Broken(output.errors)),
        None => bail!(manifest::not_built(root, package, output.said.trim_end())),
    }
}

/// Builds a program of the lab, says what takes long, and returns its path.
///
/// # Errors
/// If it cannot be built.
pub fn program(root: &Path, package: &str) -> Result<PathBuf> {
    let mut cargo = cargo::command(root);
    cargo.args(["build", "--package", package]);
    let output = run(cargo, package, Some(&ProgressNotice::start(BUILDING)))?;
    if let Some(executable) = output.executable {
        return Ok(executable);
    }
    for error in &output.errors {
        say_aside!("{}", error.rendered);
    }
    bail!("`{package}` cannot be built; cargo says:\n{}", output.said.trim_end())
}

/// Builds a test of a package by the `cargo` command given, with these features, and says what takes long. Returns the
/// test's program, or what does not compile.
///
/// # Errors
/// If cargo fails before it compiles anything, or makes no progress.
pub fn test_of(
    mut cargo: Command,
    package: &str,
    test: &str,
    features: &[&str],
) -> Result<Result<PathBuf, Vec<CompileError>>> {
    cargo.args(["test", "--no-run", "--package", package, "--test", test]);
    cargo.args(["--features", &features.join(",")]);
    let output = run(cargo, test, Some(&ProgressNotice::start(BUILDING)))?;
    match output.executable {
        Some(executable) => Ok(Ok(executable)),
        None if !output.errors.is_empty() => Ok(Err(output.errors)),
        None => bail!(
            "the test `{test}` of {package} cannot be built; cargo says:\n{}",
            output.said.trim_end()
        ),
    }
}

/// Runs a `cargo` command that builds the target called `name`. Returns its account; without an executable, it
/// has failed.
fn run(mut cargo: Command, name: &str, notice: Option<&ProgressNotice>) -> Result<Account> {
    let format = if term::is_coloured() { "json-diagnostic-rendered-ansi" } else { "json" };
    cargo
        .arg(format!("--message-format={format}"))
        // Its words are read by a program here.
        .env("CARGO_TERM_COLOR", "never")
        .env("CARGO_TERM_PROGRESS_WHEN", "never");
    let limits = Limits::of(&cargo);
    let mut child = Supervised::start(&cargo).context("cannot run cargo")?;
    let mut account = Account::new(name);
    let mut progress = Instant::now();
    loop {
        let limit = account.limit(limits);
        match child.next(limit.saturating_sub(progress.elapsed())) {
            Next::Line(Stream::Output, line) => {
                if account.read(&line) {
                    progress = Instant::now();
                }
            }
            Next::Line(Stream::Error, line) => {
                account.hear(&line, notice);
                progress = Instant::now();
            }
            Next::Silence => {
                child.kill();
                account.executable = None;
                match account.stopped(limit) {
                    Stopped::Endless(error) => account.errors.insert(0, error),
                    Stopped::Stuck(text) => bail!(text),
                }
                return Ok(account);
            }
            Next::End(success) => {
                account.executable.take_if(|_| !success);
                return Ok(account);
            }
        }
    }
}

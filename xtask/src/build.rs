//! Building gates and programs with cargo.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::gate::Gate;
use crate::progress_notice::ProgressNotice;
use crate::{cargo, manifest, term};

const DOWNLOADING: &str = "Downloading the crates that the lab uses …";
const BUILDING_THE_LAB: &str = "Building the lab; the first time, this takes about a minute …";
const BUILDING: &str = "Building …";
const LOCKED: &str = "Waiting for another cargo that builds in this tree, perhaps an editor's …";

/// What the compiler says about code that does not compile.
#[derive(Clone, Debug)]
pub struct CompileError {
    /// The file, as the compiler names it: relative to the root. Empty if the error has no place.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// `E0308`; `None` for an error of syntax.
    pub code: Option<String>,
    /// The text that cargo shows.
    pub rendered: String,
}

/// What building a gate has led to.
pub enum Built {
    /// It can run.
    Ready(Gate),
    /// Code does not compile.
    Broken(Vec<CompileError>),
}

/// A line of JSON that cargo prints.
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(rename = "message")]
    diagnostic: Option<Diagnostic>,
    executable: Option<PathBuf>,
    target: Option<MessageTarget>,
}

#[derive(Deserialize)]
struct MessageTarget {
    name: String,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    rendered: Option<String>,
    code: Option<Code>,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    line_start: usize,
    is_primary: bool,
}

/// Builds the gate of a package, and says what takes long.
///
/// # Errors
/// If cargo fails before it compiles anything.
pub fn gate(root: &Path, package: &str) -> Result<Built> {
    gate_by(cargo::command(root), root, package, Some(&ProgressNotice::start(BUILDING)))
}

/// Builds the gate of a package by the `cargo` command given, silently.
///
/// # Errors
/// If cargo fails before it compiles anything.
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
        Some(executable) => Ok(Built::Ready(Gate::new(root.to_path_buf(), executable))),
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

/// What a run of cargo has led to.
struct Output {
    /// The program that it has built, if it has succeeded.
    executable: Option<PathBuf>,
    errors: Vec<CompileError>,
    /// What it has printed for people, without its account of progress.
    said: String,
}

/// Runs a `cargo` command that builds the target called `name`.
fn run(mut cargo: Command, name: &str, notice: Option<&ProgressNotice>) -> Result<Output> {
    let format = if term::is_coloured() { "json-diagnostic-rendered-ansi" } else { "json" };
    let mut child = cargo
        .arg(format!("--message-format={format}"))
        // Its words are read by a program here.
        .env("CARGO_TERM_COLOR", "never")
        .env("CARGO_TERM_PROGRESS_WHEN", "never")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot run cargo")?;
    let stdout = child.stdout.take().context("cargo has no output")?;
    let stderr = child.stderr.take().context("cargo has no output")?;
    let mut errors = Vec::new();
    let mut executable = None;
    // Both streams are read at once, so that cargo never waits for us.
    let said = std::thread::scope(|scope| -> Result<String> {
        let said = scope.spawn(|| follow(stderr, notice));
        for line in BufReader::new(stdout).lines() {
            let line = line.context("cannot read what cargo prints")?;
            // A build script may print what is not JSON.
            let Ok(message) = serde_json::from_str::<Message>(&line) else { continue };
            if message.reason == "compiler-message" {
                errors.extend(message.diagnostic.and_then(compile_error));
            } else if message.target.is_some_and(|target| target.name == name) {
                executable = message.executable.or(executable.take());
            }
        }
        Ok(said.join().unwrap_or_default())
    })?;
    let status = child.wait().context("cannot run cargo")?;
    Ok(Output { executable: executable.filter(|_| status.success()), errors, said })
}

/// Reads what cargo prints for people. Its account of progress goes to the notice, the rest is returned.
fn follow(stderr: ChildStderr, notice: Option<&ProgressNotice>) -> String {
    let mut said = String::new();
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        match (progress(&line), notice) {
            (Some(doing), Some(notice)) => notice.change(doing),
            (Some(_), None) => {}
            (None, _) if is_progress(&line) => {}
            (None, _) => said += &(line + "\n"),
        }
    }
    said
}

/// What a line of cargo's account of progress means to a learner.
fn progress(line: &str) -> Option<&'static str> {
    let (verb, rest) = line.trim_start().split_once(' ')?;
    let is_a_modules = || {
        ["modules", "solutions"].iter().any(|folder| {
            // `Compiling election v0.1.0 (/lab/modules/02-election)`
            rest.contains(&format!("/{folder}/")) || rest.contains(&format!("\\{folder}\\"))
        })
    };
    match verb {
        "Blocking" => Some(LOCKED),
        "Updating" | "Downloading" | "Downloaded" => Some(DOWNLOADING),
        "Compiling" if is_a_modules() => Some(BUILDING),
        "Compiling" => Some(BUILDING_THE_LAB),
        _ => None,
    }
}

/// Whether a line is an account of progress: a verb in a column of its own.
fn is_progress(line: &str) -> bool {
    line.get(..12).is_some_and(|column| {
        column.trim_start().starts_with(|c: char| c.is_ascii_uppercase())
            && !column.trim_start().contains(' ')
    }) && line[12..].starts_with(' ')
}

fn compile_error(message: Diagnostic) -> Option<CompileError> {
    let rendered = message.rendered.unwrap_or_default();
    // The compiler's last message only counts the errors.
    if message.level != "error" || rendered.contains("aborting due to") {
        return None;
    }
    // An error of the linker has no place.
    let span = message.spans.iter().find(|span| span.is_primary);
    Some(CompileError {
        file: span.map_or_else(String::new, |span| plain(&span.file_name)),
        line: span.map_or(0, |span| span.line_start),
        code: message.code.map(|code| code.code),
        rendered,
    })
}

/// A path without `..`. The suites are included by such paths.
fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_found_where_the_compiler_points() {
        let text = r#"{"reason":"compiler-message","message":{"level":"error","rendered":"r","code":{"code":"E0308"},"spans":[{"file_name":"a.rs","line_start":1,"is_primary":false},{"file_name":"modules\\b.rs","line_start":7,"is_primary":true}]}}"#;
        let message: Message = serde_json::from_str(text).unwrap();
        let error = compile_error(message.diagnostic.unwrap()).unwrap();
        assert_eq!((error.file.as_str(), error.line), ("modules/b.rs", 7));
        assert_eq!(plain("modules/a/tests/../../../tests/a/rules.rs"), "tests/a/rules.rs");
        assert_eq!(plain("/root/a.rs"), "/root/a.rs");
    }

    #[test]
    fn what_cargo_is_doing_is_said_in_a_learners_words() {
        let lines = [
            ("   Compiling simulator v0.1.0 (/lab/tests/simulator)", Some(BUILDING_THE_LAB)),
            ("   Compiling rand v0.10.4", Some(BUILDING_THE_LAB)),
            ("   Compiling election v0.1.0 (/lab/modules/02-election)", Some(BUILDING)),
            (r"   Compiling election v0.1.0 (C:\lab\modules\02-election)", Some(BUILDING)),
            ("    Blocking waiting for file lock on build directory", Some(LOCKED)),
            (" Downloading crates ...", Some(DOWNLOADING)),
            ("    Finished `test` profile [unoptimized] target(s) in 0.05s", None),
        ];
        for (line, doing) in lines {
            assert_eq!(progress(line), doing, "{line}");
            assert!(is_progress(line), "{line}");
        }
        for line in ["error: unclosed table", "  --> modules/02-election/Cargo.toml:10:14", "é"] {
            assert_eq!(progress(line), None);
            assert!(!is_progress(line), "{line}");
        }
    }
}

//! Building a module's gate, and running its checks.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

use crate::course::Id;
use crate::patience::Patience;
use crate::{cargo, manifest, term};

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    Passed,
    Failed,
    /// It ran into something that is not written yet.
    Todo,
    /// It did not come to an end of its own.
    Stopped,
}

/// What a check reports: one line of JSON in a file of its own, version 1.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
pub(crate) struct Report {
    pub(crate) version: u32,
    pub(crate) exercise: Id,
    pub(crate) check: String,
    pub(crate) claim: String,
    pub(crate) outcome: Outcome,
    /// What is not written yet, if that is what the check ran into.
    pub(crate) todo: Option<String>,
    /// The base seed that the check ran with.
    #[serde(default)]
    pub(crate) seed: u64,
    /// What the learner is to read.
    pub(crate) text: String,
    /// What the learner gets to see once the module is done.
    pub(crate) show: Option<String>,
}

impl Report {
    pub(crate) fn passed(&self) -> bool {
        self.outcome == Outcome::Passed
    }

    /// The exercise that is not written yet, if that is what the check ran into.
    pub(crate) fn todo(&self) -> Option<Id> {
        self.todo.as_deref().filter(|_| self.outcome == Outcome::Todo)?.parse().ok()
    }
}

/// A word of the compiler about somebody's code.
#[derive(Clone, Debug)]
pub(crate) struct CompileError {
    /// The file, as the compiler names it: relative to the root. Empty if the error has no place.
    pub(crate) file: String,
    pub(crate) line: usize,
    /// `E0308`, or nothing for an error of syntax.
    pub(crate) code: Option<String>,
    /// As cargo shows it.
    pub(crate) rendered: String,
}

/// What came of building a gate.
pub(crate) enum Built {
    Ready(Gate),
    Broken(Vec<CompileError>),
}

/// A module's gate, ready to run.
#[derive(Debug)]
pub(crate) struct Gate {
    root: PathBuf,
    executable: PathBuf,
}

/// Which checks of a gate to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Select {
    All,
    /// Those of one exercise.
    One(Id),
    /// Those of one exercise and of all before it.
    UpTo(Id),
}

impl Select {
    fn takes(self, id: Id) -> bool {
        match self {
            Select::All => true,
            Select::One(one) => id == one,
            Select::UpTo(last) => id <= last,
        }
    }
}

/// How to run a gate.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// The base seed, if not the usual one.
    pub(crate) seed: Option<u64>,
    /// Write the snapshots anew.
    pub(crate) bless: bool,
    /// For the tests of the lab: no colours, even on a terminal, and so many times its limit for a check.
    pub(crate) tested: Option<&'static str>,
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(rename = "message")]
    diagnostic: Option<Diagnostic>,
    executable: Option<PathBuf>,
    target: Option<MessageTarget>,
    manifest_path: Option<PathBuf>,
    fresh: Option<bool>,
}

impl Message {
    /// Whether something was just built that no learner writes.
    fn is_news_of_the_lab(&self, root: &Path) -> bool {
        let Some(manifest) = &self.manifest_path else { return false };
        let folder = manifest.strip_prefix(root).ok().and_then(|path| path.iter().next());
        let is_a_modules = folder.is_some_and(|name| name == "modules" || name == "solutions");
        self.fresh == Some(false) && !is_a_modules
    }
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

/// Builds the gate of a package.
pub(crate) fn build(root: &Path, package: &str) -> Result<Built> {
    build_with(cargo::command(root), root, package, Some(&Patience::start()))
}

/// Builds the gate of a package by the `cargo` command given, and tells the learner if it takes long.
pub(crate) fn build_with(
    mut command: Command,
    root: &Path,
    package: &str,
    patience: Option<&Patience>,
) -> Result<Built> {
    let format = if term::colour() { "json-diagnostic-rendered-ansi" } else { "json" };
    command.args(["test", "--quiet", "--no-run", "--package", package, "--test", "gate"]);
    command.arg(format!("--message-format={format}"));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot run cargo")?;
    let errors = child.stderr.take().context("cargo has no output")?;
    let errors = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = BufReader::new(errors).read_to_string(&mut text);
        text
    });
    let mut broken = Vec::new();
    let mut executable = None;
    let output = child.stdout.take().context("cargo has no output")?;
    for line in BufReader::new(output).lines() {
        let line = line.context("cannot read what cargo says")?;
        // A build script may print what is no JSON.
        let Ok(message) = serde_json::from_str::<Message>(&line) else { continue };
        if let Some(patience) = patience.filter(|_| message.is_news_of_the_lab(root)) {
            patience.builds_the_lab();
        }
        if message.reason == "compiler-message" {
            broken.extend(message.diagnostic.and_then(compile_error));
        } else if message.target.is_some_and(|target| target.name == "gate") {
            executable = message.executable.or(executable);
        }
    }
    let status = child.wait().context("cannot run cargo")?;
    let said = errors.join().unwrap_or_default();
    match executable {
        Some(executable) if status.success() => {
            Ok(Built::Ready(Gate { root: root.to_path_buf(), executable }))
        }
        _ if !broken.is_empty() => Ok(Built::Broken(broken)),
        _ => bail!(manifest::not_built(root, package, said.trim_end())),
    }
}

fn compile_error(message: Diagnostic) -> Option<CompileError> {
    let rendered = message.rendered.unwrap_or_default();
    // The compiler's last word is no error of its own.
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

/// A path without its `..`: the suites are included from afar.
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

impl Gate {
    /// The checks of the gate, in its order: exercise and name.
    pub(crate) fn list(&self) -> Result<Vec<(Id, String)>> {
        let output = self
            .command(Options::default())
            .args(["--list", "--format", "terse"])
            .output()
            .with_context(|| format!("cannot run {}", self.executable.display()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let checks: Vec<(Id, String)> = text
            .lines()
            .filter_map(|line| line.strip_suffix(": test")?.split_once("::"))
            .filter_map(|(id, name)| Some((id.parse().ok()?, name.to_owned())))
            .collect();
        ensure!(
            !checks.is_empty(),
            "{} names no checks; it says:\n{text}{}",
            self.executable.display(),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(checks)
    }

    /// Runs checks, and gives their reports in the gate's order. A check that leaves none has failed.
    pub(crate) fn run(&self, select: Select, options: Options) -> Result<Vec<Report>> {
        in_new_folder(|folder| self.run_into(folder, select, options))
    }

    /// Runs the storms with these numbers in place of the checks. Nothing, if the module has none.
    pub(crate) fn storms(
        &self,
        (first, last): (u64, u64),
        options: Options,
    ) -> Result<Option<Report>> {
        in_new_folder(|folder| {
            let mut command = self.command(options);
            command.env("RAFT_LAB_REPORTS", folder).env_remove("RAFT_LAB_SELECT");
            command.env("RAFT_LAB_STORMS", format!("{first}..={last}"));
            let output = command
                .output()
                .with_context(|| format!("cannot run {}", self.executable.display()))?;
            let report = read_reports(folder)?.into_values().next();
            ensure!(
                report.is_some() || output.status.success(),
                "the storms {first} to {last} were ended before they could report; they said:\n{}",
                String::from_utf8_lossy(&output.stderr)
            );
            Ok(report)
        })
    }

    /// Lets the gate record in this folder what its checks see servers do; gives how much that is, in
    /// bytes. Nothing is judged.
    pub(crate) fn record(&self, folder: &Path) -> Result<u64> {
        let mut command = self.command(Options::default());
        let output = command
            .env("RAFT_LAB_RECORD", folder)
            .output()
            .with_context(|| format!("cannot run {}", self.executable.display()))?;
        ensure!(
            output.status.success(),
            "what the servers did could not be recorded:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let mut bytes = 0;
        for name in crate::files::names(folder)? {
            bytes += fs::metadata(folder.join(name)).map_or(0, |file| file.len());
        }
        Ok(bytes)
    }

    /// Lets the gate judge what [`Gate::record`] has left in a folder.
    pub(crate) fn watch(&self, folder: &Path) -> Result<Vec<Report>> {
        in_new_folder(|reports| {
            let mut command = self.command(Options::default());
            command.env("RAFT_LAB_WATCH", folder).env("RAFT_LAB_REPORTS", reports);
            command.env_remove("RAFT_LAB_SELECT");
            command
                .output()
                .with_context(|| format!("cannot run {}", self.executable.display()))?;
            Ok(read_reports(reports)?.into_values().collect())
        })
    }

    fn run_into(&self, folder: &Path, select: Select, options: Options) -> Result<Vec<Report>> {
        let mut command = self.command(options);
        command.env("RAFT_LAB_REPORTS", folder);
        match select {
            Select::All => command.env_remove("RAFT_LAB_SELECT"),
            Select::One(id) => command.env("RAFT_LAB_SELECT", id.to_string()),
            Select::UpTo(id) => command.env("RAFT_LAB_SELECT", format!("..={id}")),
        };
        let output = command
            .output()
            .with_context(|| format!("cannot run {}", self.executable.display()))?;
        let mut found = read_reports(folder)?;
        let mut reports = Vec::new();
        for (exercise, check) in self.list()?.into_iter().filter(|(id, _)| select.takes(*id)) {
            let key = (exercise, check);
            let report = found.remove(&key).unwrap_or_else(|| {
                let said = [output.stdout.as_slice(), &output.stderr].concat();
                no_report(key.0, key.1, &String::from_utf8_lossy(&said))
            });
            reports.push(report);
        }
        Ok(reports)
    }

    fn command(&self, options: Options) -> Command {
        let mut command = Command::new(&self.executable);
        let colour = term::colour() && options.tested.is_none();
        command
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .env("RAFT_LAB_COLOR", if colour { "always" } else { "never" })
            .env_remove("RAFT_LAB_CHECK")
            .env_remove("RAFT_LAB_RECORD")
            .env_remove("RAFT_LAB_WATCH")
            .env("INSTA_UPDATE", if options.bless { "always" } else { "no" })
            .env("INSTA_FORCE_PASS", "0")
            .env("INSTA_OUTPUT", "none")
            .env("INSTA_WORKSPACE_ROOT", &self.root);
        match term::width().filter(|_| options.tested.is_none()) {
            Some(width) => command.env("RAFT_LAB_WIDTH", width.to_string()),
            None => command.env_remove("RAFT_LAB_WIDTH"),
        };
        if let Some(patience) = options.tested {
            command.env("RAFT_LAB_TIMEOUT_FACTOR", patience);
        }
        if options.bless {
            command.env("RAFT_LAB_BLESS", "1");
        } else {
            command.env_remove("RAFT_LAB_BLESS");
        }
        if let Some(seed) = options.seed {
            command.env("RAFT_LAB_SEED", seed.to_string());
        }
        command
    }
}

/// Does something with a folder of its own, which is gone afterwards.
pub(crate) fn in_new_folder<T>(work: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    let folder =
        std::env::temp_dir().join(format!("raft-lab-reports-{}-{run}", std::process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let result = work(&folder);
    let _ = fs::remove_dir_all(&folder);
    result
}

/// The reports that checks have left in a folder.
fn read_reports(folder: &Path) -> Result<BTreeMap<(Id, String), Report>> {
    let mut found = BTreeMap::new();
    for name in crate::files::names(folder)?.iter().filter(|name| has_end(name, "json")) {
        let path = folder.join(name);
        let text = fs::read_to_string(&path).context("cannot read a check's report")?;
        let report: Report = serde_json::from_str(&text)
            .with_context(|| format!("a check's report is not as it should be: {text}"))?;
        ensure!(report.version == 1, "a check reports in a newer way than this runner knows");
        found.insert((report.exercise, report.check.clone()), report);
    }
    Ok(found)
}

fn has_end(name: &str, end: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == end)
}

/// What stands for the report of a check that gave none: its whole gate has died.
fn no_report(exercise: Id, check: String, said: &str) -> Report {
    let claim = check.replace('_', " ");
    let text = format!(
        "{claim}\n\nThe checks were ended before this one could report. They said:\n{said}"
    );
    Report {
        version: 1,
        exercise,
        check,
        claim,
        outcome: Outcome::Stopped,
        todo: None,
        seed: 0,
        text,
        show: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_as_the_checks_write_it() {
        let text = r#"{"version":1,"module":"01-data-model","exercise":"1.3","check":"a","claim":"A","points":1,"outcome":"todo","todo":"1.2","seed":1,"millis":3,"text":"","show":null}"#;
        let report: Report = serde_json::from_str(text).unwrap();
        assert_eq!(report.outcome, Outcome::Todo);
        assert_eq!(report.todo(), Some(Id { module: 1, number: 2 }));
        assert!(!report.passed());
    }

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
    fn what_cargo_builds_is_the_labs_or_a_learners() {
        let root = Path::new("/lab");
        let is_news = |fresh: bool, manifest: &str| {
            let text = format!(
                r#"{{"reason":"compiler-artifact","fresh":{fresh},"manifest_path":"{manifest}"}}"#
            );
            serde_json::from_str::<Message>(&text).unwrap().is_news_of_the_lab(root)
        };
        assert!(is_news(false, "/lab/tests/simulator/Cargo.toml"));
        assert!(is_news(false, "/registry/rand/Cargo.toml"));
        assert!(!is_news(true, "/lab/tests/simulator/Cargo.toml"));
        assert!(!is_news(false, "/lab/modules/02-election/Cargo.toml"));
        assert!(!is_news(false, "/lab/solutions/02-election/Cargo.toml"));
    }

    #[test]
    fn a_selection_takes_what_its_words_say() {
        let id = |number| Id { module: 1, number };
        assert!(Select::UpTo(id(3)).takes(id(3)) && !Select::UpTo(id(3)).takes(id(4)));
        assert!(Select::One(id(3)).takes(id(3)) && !Select::One(id(3)).takes(id(2)));
    }
}

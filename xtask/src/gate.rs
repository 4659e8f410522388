//! Running the checks of a module's gate.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, Result, ensure};
use course::{ExerciseId, Outcome, Report, Select, VERSION};

use crate::progress_notice::ProgressNotice;
use crate::{files, term};

const JUDGING: &str = "Running the checks …";
const WATCHING: &str = "Checking what your servers did against your predicates of module 0 …";

/// A module's gate, ready to run.
#[derive(Debug)]
pub struct Gate {
    root: PathBuf,
    executable: PathBuf,
}

/// What a gate has found.
#[derive(Debug)]
pub struct Judged {
    /// The reports, in the gate's order.
    pub reports: Vec<Report>,
    /// The checks that were selected and did not run.
    pub untried: Vec<(ExerciseId, String)>,
}

/// How to run a gate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The base seed, if not the usual one.
    pub seed: Option<u64>,
    /// Write the snapshots.
    pub bless: bool,
    /// For the tests of the lab: no colours and no notices, even on a terminal. A check may take this many
    /// times its time limit.
    pub tested: Option<&'static str>,
}

impl Gate {
    pub(crate) fn new(root: PathBuf, executable: PathBuf) -> Self {
        Gate { root, executable }
    }

    /// The checks of the gate, in its order: exercise and name.
    fn list(&self) -> Result<Vec<(ExerciseId, String)>> {
        let output = self
            .command(Options::default())
            .args(["--list", "--format", "terse"])
            .output()
            .with_context(|| format!("cannot run {}", self.executable.display()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let checks: Vec<(ExerciseId, String)> = text
            .lines()
            .filter_map(|line| line.strip_suffix(": test")?.split_once("::"))
            .filter_map(|(id, name)| Some((id.parse().ok()?, name.to_owned())))
            .collect();
        ensure!(
            !checks.is_empty(),
            "{} lists no checks; it prints:\n{text}{}",
            self.executable.display(),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(checks)
    }

    /// Runs checks. Returns their reports in the gate's order. A check that leaves no report has failed.
    ///
    /// # Errors
    /// If the gate cannot be run, or a report cannot be read.
    pub fn run(&self, select: &Select, options: Options) -> Result<Judged> {
        let _notice = options.tested.is_none().then(|| ProgressNotice::start(JUDGING));
        let reports = in_new_folder(|folder| self.run_into(folder, select, options))?;
        Ok(Judged { reports, untried: Vec::new() })
    }

    /// Runs the storms with these numbers instead of the checks. `None` if the module has no storms.
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
                "the storms {first} to {last} ended before they could report; they printed:\n{}",
                String::from_utf8_lossy(&output.stderr)
            );
            Ok(report)
        })
    }

    /// Records in this folder what the checks see servers do, and judges nothing. Returns the size of the
    /// records in bytes.
    pub(crate) fn record(&self, folder: &Path) -> Result<u64> {
        let _notice = ProgressNotice::start(WATCHING);
        let mut command = self.command(Options::default());
        let output = command
            .env("RAFT_LAB_RECORD", folder)
            .output()
            .with_context(|| format!("cannot run {}", self.executable.display()))?;
        ensure!(
            output.status.success(),
            "the servers' executions could not be recorded:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let mut bytes = 0;
        for name in files::names(folder)? {
            bytes += fs::metadata(folder.join(name)).map_or(0, |file| file.len());
        }
        Ok(bytes)
    }

    /// Judges what [`Gate::record`] has left in a folder.
    pub(crate) fn watch(&self, folder: &Path) -> Result<Vec<Report>> {
        let _notice = ProgressNotice::start(WATCHING);
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

    fn run_into(&self, folder: &Path, select: &Select, options: Options) -> Result<Vec<Report>> {
        let mut command = self.command(options);
        command.env("RAFT_LAB_REPORTS", folder);
        match select {
            Select::All => command.env_remove("RAFT_LAB_SELECT"),
            _ => command.env("RAFT_LAB_SELECT", select.to_string()),
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
        let is_coloured = term::is_coloured() && options.tested.is_none();
        command
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .env("RAFT_LAB_COLOR", if is_coloured { "always" } else { "never" })
            .env_remove("RAFT_LAB_CHECK")
            .env_remove("RAFT_LAB_RECORD")
            .env_remove("RAFT_LAB_STORMS")
            .env_remove("RAFT_LAB_WATCH")
            .env("INSTA_UPDATE", if options.bless { "always" } else { "no" })
            .env("INSTA_FORCE_PASS", "0")
            .env("INSTA_OUTPUT", "none")
            .env("INSTA_WORKSPACE_ROOT", &self.root);
        match term::width().filter(|_| options.tested.is_none()) {
            Some(width) => command.env("RAFT_LAB_WIDTH", width.to_string()),
            None => command.env_remove("RAFT_LAB_WIDTH"),
        };
        if let Some(factor) = options.tested {
            command.env("RAFT_LAB_TIMEOUT_FACTOR", factor);
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

/// Does something with a temporary folder.
pub(crate) fn in_new_folder<T>(work: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    let folder =
        std::env::temp_dir().join(format!("raft-lab-reports-{}-{run}", std::process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let result = work(&folder);
    let _ = fs::remove_dir_all(&folder);
    result
}

/// The reports that checks have left in a folder.
fn read_reports(folder: &Path) -> Result<BTreeMap<(ExerciseId, String), Report>> {
    let mut found = BTreeMap::new();
    for name in files::names(folder)? {
        let path = folder.join(name);
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = fs::read_to_string(&path).context("cannot read a check's report")?;
        let report: Report = serde_json::from_str(&text)
            .with_context(|| format!("a check's report is not valid: {text}"))?;
        ensure!(
            report.version == VERSION,
            "a check's report has a version that this runner does not know"
        );
        found.insert((report.exercise, report.check.clone()), report);
    }
    Ok(found)
}

/// The report of a check that left none, because its whole gate has died.
fn no_report(exercise: ExerciseId, check: String, printed: &str) -> Report {
    let claim = check.replace('_', " ");
    let text = format!(
        "{claim}\n\nThe checks ended before this one could report. They printed:\n{printed}"
    );
    Report {
        version: VERSION,
        prefix: String::new(),
        module: String::new(),
        exercise,
        check,
        claim,
        points: 0,
        outcome: Outcome::Stopped,
        todo: None,
        seed: 0,
        millis: 0,
        text,
        show: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_as_the_gates_write_it() {
        let text = r#"{"version":1,"module":"01-data-model","exercise":"1.3","check":"a","claim":"A","points":1,"outcome":"todo","todo":"1.2","seed":1,"millis":3,"text":"","show":null}"#;
        let report: Report = serde_json::from_str(text).unwrap();
        assert_eq!(report.outcome, Outcome::Todo);
        assert_eq!(report.unwritten(), Some("1.2".parse().unwrap()));
        assert!(!report.passed());
    }
}

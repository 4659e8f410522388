//! Running the checks of a module's gate.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, Result, bail, ensure};
use course::{ExerciseId, GateEvent, Outcome, Report, Select, SelectedCheck, VERSION};

use crate::libraries::Libraries;
use crate::progress_notice::ProgressNotice;
use crate::{files, hunt, term};

const JUDGING: &str = "Running the checks …";
const WATCHING: &str = "Checking what your servers did against your predicates of module 0 …";

/// A module's gate, ready to run.
#[derive(Debug)]
pub struct Gate {
    root: PathBuf,
    executable: PathBuf,
    /// The program that runs it, with its arguments; empty if it runs by itself.
    wrapper: Vec<OsString>,
    /// Variables that it is given besides its settings.
    variables: Vec<(&'static str, OsString)>,
    /// What it was built from.
    libraries: Libraries,
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

/// What a run of a gate has led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// The reports, in the suite's order. A check without a report of its own, because its whole gate has died,
    /// has failed.
    pub reports: Vec<Report>,
    /// The checks that were selected and not judged, because the run has ended early: exercise and name, in the
    /// suite's order.
    pub untried: Vec<(ExerciseId, String)>,
    /// The check that has ended the run early, because it did not end within its time limit. It has a report.
    pub endless: Option<(ExerciseId, String)>,
}

/// How far a gate has come.
struct Judging {
    /// How many checks are over.
    reported: usize,
    /// How many were selected.
    selected: usize,
    /// The exercises whose checks are running.
    exercises: BTreeSet<ExerciseId>,
}

/// `2.3, 2.4: 12 of 34 checks`
impl fmt::Display for Judging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<String> = self.exercises.iter().map(ToString::to_string).collect();
        let colon = if ids.is_empty() { "" } else { ": " };
        write!(f, "{}{colon}{} of {} checks", ids.join(", "), self.reported, self.selected)
    }
}

impl Gate {
    pub(crate) fn new(root: PathBuf, executable: PathBuf, libraries: Libraries) -> Self {
        Gate { root, executable, wrapper: Vec::new(), variables: Vec::new(), libraries }
    }

    /// The same gate, run by another program, which takes the gate's path after these words.
    #[must_use]
    pub fn run_by(self, wrapper: Vec<OsString>) -> Self {
        Gate { wrapper, ..self }
    }

    /// The same gate, with a variable of its environment set.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// The libraries that it was built from.
    pub(crate) fn libraries(&self) -> &Libraries {
        &self.libraries
    }

    /// The program that holds the module's checks.
    pub fn executable(&self) -> &Path {
        &self.executable
    }

    /// Runs checks, and says which if that takes long.
    ///
    /// # Errors
    /// If the gate cannot be run, or has another version than this runner.
    pub fn run(&self, select: &Select, options: Options) -> Result<Judged> {
        let notice = options.tested.is_none().then(|| ProgressNotice::start(JUDGING));
        let mut command = self.command(options);
        match select {
            Select::All => command.env_remove("RAFT_LAB_SELECT"),
            _ => command.env("RAFT_LAB_SELECT", select.to_string()),
        };
        self.judge(command, &mut |judging| {
            if let Some(notice) = &notice {
                notice.detail(judging.to_string());
            }
        })
    }

    /// Runs the storms with these numbers instead of the checks, of the kinds that belong to selected exercises.
    /// Returns a report for each kind; none if the module has no storms.
    pub(crate) fn storms(
        &self,
        (first, last): (u64, u64),
        select: &Select,
        options: Options,
    ) -> Result<Vec<Report>> {
        let mut command = self.command(options);
        command.env("RAFT_LAB_SELECT", select.to_string());
        command.env("RAFT_LAB_STORMS", format!("{first}..={last}"));
        Ok(self.judge(command, &mut |_| {})?.reports)
    }

    /// Explores: `text` names an exercise and a path on its first line, and a script follows. `progress` hears now and
    /// then how far the search is.
    pub(crate) fn explore(
        &self,
        text: &str,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Option<Report>> {
        let mut command = self.command(Options::default());
        command.env_remove("RAFT_LAB_SELECT");
        command.env("RAFT_LAB_EXPLORE", text);
        let judged = self.judge_with(command, &mut |run| progress(&run.progress))?;
        Ok(judged.reports.into_iter().next())
    }

    /// Runs a check or a script, and leaves the recordings of its runs where `request` says.
    pub(crate) fn replay(&self, request: &str) -> Result<()> {
        let mut command = self.command(Options::default());
        command.env_remove("RAFT_LAB_SELECT").env("RAFT_LAB_REPLAY", request);
        let (gate, _lifeline) = self.start(command)?;
        let output =
            gate.wait_with_output().with_context(|| format!("cannot run {}", self.name()))?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "the run could not be recorded: {}",
            said.trim().trim_start_matches("error: ")
        );
        Ok(())
    }

    /// Records in this folder what the checks see servers do, and judges nothing. Returns the size of the
    /// records in bytes.
    pub(crate) fn record(&self, folder: &Path) -> Result<u64> {
        let _notice = ProgressNotice::start(WATCHING);
        let mut command = self.command(Options::default());
        command.env("RAFT_LAB_RECORD", folder);
        let (gate, _lifeline) = self.start(command)?;
        let output =
            gate.wait_with_output().with_context(|| format!("cannot run {}", self.name()))?;
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
        let mut command = self.command(Options::default());
        command.env("RAFT_LAB_WATCH", folder).env_remove("RAFT_LAB_SELECT");
        Ok(self.judge(command, &mut |_| {})?.reports)
    }

    /// Runs the gate by `command`, and follows its events.
    fn judge(&self, command: Command, progress: &mut dyn FnMut(&Judging)) -> Result<Judged> {
        self.judge_with(command, &mut |run| progress(&run.judging()))
    }

    fn judge_with(&self, command: Command, progress: &mut dyn FnMut(&Run)) -> Result<Judged> {
        let (mut gate, _lifeline) = self.start(command)?;
        let stdout = gate.stdout.take().context("a gate has no output")?;
        let mut stderr = gate.stderr.take().context("a gate has no output")?;
        let complaint = thread::spawn(move || {
            let mut bytes = Vec::new();
            // What was read before an error is better than nothing.
            let _ = stderr.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        });
        let mut run = Run::default();
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.with_context(|| format!("cannot read what {} prints", self.name()))?;
            if run.take(&String::from_utf8_lossy(&line))? {
                progress(&run);
            }
        }
        gate.wait().with_context(|| format!("cannot run {}", self.name()))?;
        run.printed += &complaint.join().unwrap_or_default();
        let Some(checks) = &run.selected else {
            // A gate that cannot begin says why, and what to do.
            if let Some(error) = run.printed.trim().strip_prefix("error: ") {
                bail!("{error}");
            }
            bail!("{} names no checks; it prints:\n{}", self.name(), run.printed);
        };
        Ok(run.judged(checks))
    }

    /// Starts the gate. It ends, with everything that it has started, when the pipe is closed: when this process
    /// does, however that happens.
    fn start(&self, mut command: Command) -> Result<(Child, ChildStdin)> {
        // Only one is started at a time: on some systems a gate could otherwise inherit the pipe of another one,
        // and keep it open.
        static STARTING: Mutex<()> = Mutex::new(());
        let _starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        let mut gate = command.spawn().with_context(|| format!("cannot run {}", self.name()))?;
        let lifeline = gate.stdin.take().context("a gate has no input")?;
        Ok((gate, lifeline))
    }

    fn name(&self) -> std::path::Display<'_> {
        self.executable.display()
    }

    fn program(&self) -> Command {
        let Some((program, words)) = self.wrapper.split_first() else {
            return Command::new(&self.executable);
        };
        let mut command = Command::new(program);
        command.args(words).arg(&self.executable);
        command
    }

    fn command(&self, options: Options) -> Command {
        let mut command = self.program();
        let is_coloured = term::is_coloured() && options.tested.is_none();
        command
            .current_dir(&self.root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .env("RAFT_LAB_EVENTS", "1")
            .env("RAFT_LAB_COLOR", if is_coloured { "always" } else { "never" })
            .env_remove("RAFT_LAB_EXPLORE")
            .env_remove("RAFT_LAB_PLAY")
            .env_remove("RAFT_LAB_RECORD")
            .env_remove("RAFT_LAB_REPLAY")
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
        if let Some(choice) = hunt::choice(&self.root) {
            command.env(hunt::VARIABLE, choice);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// What a gate has told so far.
#[derive(Debug, Default)]
struct Run {
    /// The checks, once the gate has named them.
    selected: Option<Vec<SelectedCheck>>,
    running: BTreeSet<SelectedCheck>,
    reports: BTreeMap<SelectedCheck, Report>,
    /// Whether the gate has said that it judges no more.
    has_ended: bool,
    /// The check that has ended the run early.
    endless: Option<SelectedCheck>,
    /// How far an exploration is.
    progress: String,
    /// What is no event.
    printed: String,
}

impl Run {
    /// Takes a line that the gate has printed. Returns whether it has come further.
    fn take(&mut self, line: &str) -> Result<bool> {
        let Ok(event) = serde_json::from_str(line) else {
            self.printed.push_str(line);
            self.printed.push('\n');
            return Ok(false);
        };
        match event {
            GateEvent::Selected { version, checks } => {
                ensure!(
                    version == VERSION,
                    "a gate's events have a version that this runner does not know"
                );
                self.selected = Some(checks);
            }
            GateEvent::Started(check) => {
                self.running.insert(check);
            }
            GateEvent::Progress(progress) => self.progress = progress,
            GateEvent::Report(report) => {
                let check = SelectedCheck::of(&report);
                self.running.remove(&check);
                self.reports.insert(check, *report);
            }
            GateEvent::Ended { endless } => (self.has_ended, self.endless) = (true, endless),
        }
        Ok(true)
    }

    fn judging(&self) -> Judging {
        Judging {
            reported: self.reports.len(),
            selected: self.selected.as_ref().map_or(0, Vec::len),
            exercises: self.running.iter().map(|check| check.exercise).collect(),
        }
    }

    /// What the run has led to, once the gate's process has ended.
    fn judged(&self, checks: &[SelectedCheck]) -> Judged {
        let named = |check: &SelectedCheck| (check.exercise, check.check.clone());
        let mut judged = Judged { endless: self.endless.as_ref().map(named), ..Judged::default() };
        for check in checks {
            match self.reports.get(check) {
                Some(report) => judged.reports.push(report.clone()),
                None if self.has_ended => judged.untried.push(named(check)),
                None => judged.reports.push(no_report(check, &self.printed)),
            }
        }
        judged
    }
}

/// Does something with a folder that only this program uses, and that is removed afterwards.
pub(crate) fn in_new_folder<T>(root: &Path, work: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
    let target = root.join("target");
    let folder = fs::create_dir_all(&target)
        .and_then(|()| tempfile::Builder::new().prefix("recorded-").tempdir_in(&target))
        .with_context(|| format!("cannot create a folder in {}", target.display()))?;
    work(folder.path())
}

/// The report of a check that left none, because its whole gate has died.
fn no_report(check: &SelectedCheck, printed: &str) -> Report {
    let claim = check.check.replace('_', " ");
    let text = format!(
        "{claim}\n\nThe checks ended before this one could report. They printed:\n{printed}"
    );
    Report {
        version: VERSION,
        prefix: check.prefix.clone(),
        module: String::new(),
        exercise: check.exercise,
        blames: None,
        function: None,
        check: check.check.clone(),
        claim,
        points: 0,
        outcome: Outcome::Stopped,
        todo: None,
        seed: 0,
        millis: 0,
        text,
        place: None,
        has_run: false,
        evidence: None,
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

    const SELECTED: &str = r#"{"selected":{"version":1,"checks":[{"exercise":"1.2","check":"a_b"},
        {"exercise":"1.3","check":"a"},{"exercise":"1.4","check":"c"}]}}"#;
    const STARTED: &str = r#"{"started":{"exercise":"1.3","check":"a"}}"#;
    const REPORT: &str = r#"{"report":{"version":1,"module":"","exercise":"1.3","check":"a","claim":"A",
        "points":1,"outcome":"stopped","todo":null,"seed":1,"millis":3,"text":"","show":null}}"#;

    const ENDED: &str = r#"{"ended":{"endless":{"exercise":"1.3","check":"a"}}}"#;

    fn run(lines: &[&str]) -> Run {
        let mut run = Run::default();
        for line in lines {
            run.take(line).unwrap();
        }
        run
    }

    fn judged(lines: &[&str]) -> Judged {
        let run = run(lines);
        run.judged(run.selected.as_ref().unwrap())
    }

    #[test]
    fn checks_without_a_report_are_untried_if_the_run_has_ended() {
        let judged = judged(&[SELECTED, STARTED, REPORT, ENDED]);
        assert_eq!(judged.endless, Some(("1.3".parse().unwrap(), "a".to_owned())));
        assert_eq!(judged.reports.len(), 1);
        let untried: Vec<String> =
            judged.untried.iter().map(|(id, name)| format!("{id} {name}")).collect();
        assert_eq!(untried, ["1.2 a_b", "1.4 c"]);
    }

    #[test]
    fn checks_without_a_report_have_failed_if_the_gate_has_died() {
        let judged = judged(&[SELECTED, "thread main panicked", STARTED, REPORT]);
        assert!(judged.untried.is_empty());
        let names: Vec<&str> = judged.reports.iter().map(|report| &*report.check).collect();
        assert_eq!(names, ["a_b", "a", "c"], "the suite's order");
        let lost = &judged.reports[0];
        assert_eq!(lost.outcome, Outcome::Stopped);
        assert!(lost.text.starts_with("a b\n\nThe checks ended before"), "{}", lost.text);
        assert!(lost.text.contains("thread main panicked"), "{}", lost.text);
    }

    #[test]
    fn progress_says_what_is_running_and_what_is_over() {
        let started = run(&[SELECTED, STARTED]).judging();
        assert_eq!((started.reported, started.selected), (0, 3));
        assert_eq!(started.exercises, BTreeSet::from(["1.3".parse().unwrap()]));
        let reported = run(&[SELECTED, STARTED, REPORT]).judging();
        assert_eq!((reported.reported, reported.exercises.len()), (1, 0));
    }

    #[test]
    fn another_version_is_refused() {
        let error = Run::default().take(r#"{"selected":{"version":7,"checks":[]}}"#).unwrap_err();
        assert!(error.to_string().contains("version"), "{error}");
    }
}

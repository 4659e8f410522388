//! Running the checks of a module's gate.

mod run;

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, Result, bail, ensure};
use course::{Report, Select};

pub use self::run::Judged;
use self::run::{Judging, Run};
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

/// Does something with a folder that only this program uses, and that is removed afterwards.
pub(crate) fn in_new_folder<T>(root: &Path, work: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
    let target = root.join("target");
    let folder = fs::create_dir_all(&target)
        .and_then(|()| tempfile::Builder::new().prefix("recorded-").tempdir_in(&target))
        .with_context(|| format!("cannot create a folder in {}", target.display()))?;
    work(folder.path())
}

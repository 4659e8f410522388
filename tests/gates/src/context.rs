//! What a check works with while it runs.

use std::cell::RefCell;
use std::fmt::Debug;

use protocol::{Effect, Event, Node};

use crate::check_record::LeftFile;
use crate::{ExerciseId, Failure, RecordedExecution, Verdict};

/// The tools of a running check: it announces what it is about to do, and compares the outcome.
///
/// ```
/// # use gates::{Context, Verdict};
/// fn truncating(check: &mut Context) -> Verdict {
///     let mut log = vec![1, 1, 2];
///     check.step("truncate to one entry");
///     log.truncate(1);
///     check.equal("the log's length", log.len(), 1)
/// }
/// # truncating(&mut Context::new(1)).unwrap();
/// ```
#[derive(Debug)]
pub struct Context {
    seed: u64,
    step: String,
    show: Option<String>,
    report: Option<fn(&str)>,
    /// Files for the learner, if there is a place for them.
    files: Option<RefCell<Vec<LeftFile>>>,
    exercise: Option<ExerciseId>,
    /// How many short storms to record, if executions are recorded.
    recording: Option<u64>,
    recorded: Vec<RecordedExecution>,
}

impl Context {
    /// For a check that runs with this base seed.
    pub fn new(seed: u64) -> Self {
        Context {
            seed,
            step: String::new(),
            show: None,
            report: None,
            files: None,
            exercise: None,
            recording: None,
            recorded: Vec::new(),
        }
    }

    /// Records what the check sees of its servers. Instead of its storms, it runs this many short ones.
    pub(crate) fn recording(mut self, storms: u64) -> Self {
        self.recording = Some(storms);
        self
    }

    /// Whether it records what it sees of its servers.
    pub(crate) fn records(&self) -> bool {
        self.recording.is_some()
    }

    /// How many short storms to record.
    pub(crate) fn storms_to_record(&self) -> u64 {
        self.recording.unwrap_or(0)
    }

    /// Keeps an execution, unless nothing happens in it.
    pub(crate) fn record(&mut self, recorded: RecordedExecution) {
        if self.records() && !recorded.execution.moments.is_empty() {
            self.recorded.push(recorded);
        }
    }

    /// The executions that were kept.
    pub(crate) fn take_recorded(&mut self) -> Vec<RecordedExecution> {
        std::mem::take(&mut self.recorded)
    }

    /// Reports every step at once: a check that never ends cannot report it afterwards.
    pub(crate) fn reporting(mut self, report: fn(&str)) -> Self {
        self.report = Some(report);
        self
    }

    /// What receives every step, for a check that wants to report its progress more often.
    pub(crate) fn report(&self) -> Option<fn(&str)> {
        self.report
    }

    /// For a check of this exercise. `leaves_files` says whether there is a workspace for its files.
    pub(crate) fn of(mut self, exercise: ExerciseId, leaves_files: bool) -> Self {
        self.exercise = Some(exercise);
        self.files = leaves_files.then(RefCell::default);
        self
    }

    /// The exercise that is judged, if a suite runs the check.
    pub(crate) fn exercise(&self) -> Option<ExerciseId> {
        self.exercise
    }

    /// Leaves a file for the learner, at a path from the root of the workspace. It is written when the check is
    /// over. Returns whether there is a workspace.
    pub(crate) fn leave(&self, path: &str, text: &str) -> bool {
        let Some(files) = &self.files else { return false };
        files.borrow_mut().push(LeftFile { path: path.to_owned(), text: text.to_owned() });
        true
    }

    /// The files for the learner.
    pub(crate) fn take_files(&self) -> Vec<LeftFile> {
        self.files.as_ref().map(RefCell::take).unwrap_or_default()
    }

    /// The base seed, from which everything random in a check comes.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Announces the next step. A failure, a panic or a check that never ends is reported with it.
    pub fn step(&mut self, what: impl Into<String>) {
        self.step = what.into();
        if let Some(report) = self.report {
            report(&self.step);
        }
    }

    /// The step that was announced last.
    pub fn current_step(&self) -> &str {
        &self.step
    }

    /// Leaves a transcript for the learner to read when the module is done.
    pub fn show(&mut self, transcript: impl Into<String>) {
        self.show = Some(transcript.into());
    }

    pub(crate) fn into_show(self) -> Option<String> {
        self.show
    }

    /// Compares two values, which `what` names for the learner.
    ///
    /// # Errors
    /// If they differ.
    #[expect(clippy::needless_pass_by_value, reason = "calls read better without a & on literals")]
    pub fn equal<T: PartialEq + Debug>(&self, what: &str, happened: T, expected: T) -> Verdict {
        if happened == expected {
            return Ok(());
        }
        let tell = |value: &T| {
            let line = format!("{value:?}");
            if line.chars().count() <= 120 { line } else { format!("{value:#?}") }
        };
        Err(self.differs(what, &tell(&happened), &tell(&expected)))
    }

    /// Compares two texts, which `what` names for the learner.
    ///
    /// # Errors
    /// If they differ.
    pub fn same_text(&self, what: &str, happened: &str, expected: &str) -> Verdict {
        if happened == expected { Ok(()) } else { Err(self.differs(what, happened, expected)) }
    }

    /// Requires a condition. If it does not hold, the learner reads what was expected and what happened.
    ///
    /// # Errors
    /// If the condition does not hold.
    pub fn holds(
        &self,
        condition: bool,
        expected: impl Into<String>,
        happened: impl Into<String>,
    ) -> Verdict {
        if condition { Ok(()) } else { Err(self.failure(expected, happened)) }
    }

    /// Lets a server handle an event, which must not fail.
    ///
    /// # Errors
    /// If the server gives up.
    pub fn handle(&self, node: &mut impl Node, event: Event) -> Result<Vec<Effect>, Box<Failure>> {
        node.handle(event)
            .map_err(|error| self.failure("the server goes on", format!("it gave up: {error}")))
    }

    /// A failure at the current step.
    pub fn failure(
        &self,
        expected: impl Into<String>,
        happened: impl Into<String>,
    ) -> Box<Failure> {
        let mut failure = Failure::new(expected, happened);
        failure.step.clone_from(&self.step);
        failure
    }

    fn differs(&self, what: &str, happened: &str, expected: &str) -> Box<Failure> {
        if happened.contains('\n') || expected.contains('\n') {
            let head = |text: &str| format!("{what}:\n{text}");
            self.failure(head(expected), head(happened))
        } else {
            self.failure(format!("{what}: {expected}"), format!("{what}: {happened}"))
        }
    }
}

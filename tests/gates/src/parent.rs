//! Runs a check in a process of its own, stops it after its time limit, and finds out how it ended.

use std::env;
use std::io::{self, Write as _};
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::assignment::{Assignment, MARKER, Nonce};
use crate::check_record::CheckEnd;
use crate::output::{ChildOutput, Excerpt, Reading};
use crate::settings::{forwarded, is_blessing};
use crate::streams::{self, Streams};
use crate::time_limit::TimeLimit;
use crate::{Check, Failure, Kind, Suite, process_group};

/// How often a process whose streams are open is checked.
const TICK: Duration = Duration::from_millis(20);

/// How long the streams are read after a process has ended. They end with it, unless a process that it has started
/// keeps them open.
const GRACE: Duration = Duration::from_secs(1);

/// The end of a check's process.
pub(crate) struct ProcessEnd {
    /// How the check ended.
    pub(crate) over: CheckEnd,
    /// The output of the subject's code.
    pub(crate) printed: String,
    /// Whether it was stopped because of its time limit.
    pub(crate) is_endless: bool,
}

/// How waiting for a process ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wait {
    Ended,
    TimedOut,
    Cancelled,
}

/// Runs `check` in a process of its own. Returns `None` if it was cancelled before it ended.
///
/// # Errors
/// If the process cannot be started.
pub(crate) fn run(
    suite: &Suite,
    check: &Check,
    seed: u64,
    is_cancelled: &dyn Fn() -> bool,
) -> io::Result<Option<ProcessEnd>> {
    let nonce = Nonce::fresh()?;
    let name = suite.test_name(check);
    let assignment = Assignment { nonce: nonce.clone(), check: name, seed, variables: forwarded() };
    let (mut child, mut streams) = start()?;
    // It stays open as long as this process lives: the child ends when it closes. If the child has ended already,
    // how it ended says why.
    let _ = writeln!(streams.stdin, "{}", serde_json::to_string(&assignment)?);
    let (ended, waiting) = mpsc::channel();
    let heard = Reading::start(streams.stdout, ChildOutput::new(nonce), ended.clone());
    let complained = Reading::start(streams.stderr, Excerpt::default(), ended);
    let (wait, status) = end_of(&mut child, &waiting, check.time_limit, is_cancelled)?;
    let heard = heard.take().expect("it is taken once");
    let complaint = complained.take().expect("it is taken once").text();
    if wait == Wait::Cancelled && heard.over.is_none() {
        return Ok(None);
    }
    let is_endless = wait == Wait::TimedOut && heard.over.is_none();
    let mut printed = heard.printed.text();
    let over = heard.over.unwrap_or_else(|| {
        let status = status.filter(|_| wait == Wait::Ended);
        let failure = Failure::new("the check comes to an end", reason(status, &complaint, check));
        let failure = Failure { kind: Kind::Stopped, step: heard.step, ..*failure };
        CheckEnd { failure: Some(failure), ..CheckEnd::default() }
    });
    printed
        .extend(complaint.lines().filter(|line| !is_runtimes(line)).flat_map(|line| [line, "\n"]));
    Ok(Some(ProcessEnd { over, printed, is_endless }))
}

/// Starts the process of a check. Its environment and its arguments tell it nothing.
fn start() -> io::Result<(Child, Streams)> {
    let mut command = Command::new(env::current_exe()?);
    command.arg(MARKER);
    if !is_blessing() {
        command.env_clear();
        // Windows needs them to load libraries.
        #[cfg(windows)]
        for name in ["SystemRoot", "PATH"] {
            command.envs(env::var_os(name).map(|value| (name, value)));
        }
    }
    process_group::lead(&mut command);
    streams::spawn(command)
}

/// Waits until a process ends, or stops it. Afterwards, no process of its group is left, and its streams have ended
/// unless a process outside the group holds them.
fn end_of(
    child: &mut Child,
    streams: &mpsc::Receiver<()>,
    limit: Duration,
    is_cancelled: &dyn Fn() -> bool,
) -> io::Result<(Wait, Option<ExitStatus>)> {
    let mut open = 2;
    let waited = wait(child, streams, &mut open, TimeLimit::start(limit), is_cancelled);
    process_group::kill(child);
    let status = child.wait()?;
    let deadline = Instant::now() + GRACE;
    while open > 0
        && streams.recv_timeout(deadline.saturating_duration_since(Instant::now())).is_ok()
    {
        open -= 1;
    }
    Ok((waited?, Some(status)))
}

/// Waits until a process has ended, or has used up its time. `open` is the number of its streams that are still open.
fn wait(
    child: &mut Child,
    streams: &mpsc::Receiver<()>,
    open: &mut u32,
    mut time: TimeLimit,
    is_cancelled: &dyn Fn() -> bool,
) -> io::Result<Wait> {
    loop {
        if process_group::has_ended(child)? {
            return Ok(Wait::Ended);
        }
        if is_cancelled() {
            return Ok(Wait::Cancelled);
        }
        if time.is_over(child) {
            return Ok(Wait::TimedOut);
        }
        if *open == 0 {
            // The process is about to end.
            thread::sleep(Duration::from_millis(1));
        } else if streams.recv_timeout(TICK).is_ok() {
            *open -= 1;
        }
    }
}

/// Why a process has ended without reporting the end of its check. If there is no status, it was stopped.
fn reason(status: Option<ExitStatus>, complaint: &str, check: &Check) -> String {
    // The exit code of a stack overflow on Windows. Elsewhere Rust's own handler has printed it.
    const STATUS_STACK_OVERFLOW: i32 = 0xC000_00FD_u32.cast_signed();
    let Some(status) = status else {
        let limit = check.time_limit;
        return format!("it did not end within {limit:?} and was stopped: does a loop never end?");
    };
    if complaint.contains("has overflowed its stack")
        || status.code() == Some(STATUS_STACK_OVERFLOW)
    {
        return "it overflowed its stack: does a function call itself without end?".to_owned();
    }
    if complaint.contains("memory allocation of") && complaint.contains("failed") {
        let limit = check.memory_limit >> 20;
        return format!(
            "it used more than {limit} MiB of memory: does something grow without end?"
        );
    }
    format!("its process ended on its own ({status}) before the check was over")
}

/// Whether Rust's runtime prints this line when it ends a process. The learner reads [`reason`] instead.
fn is_runtimes(line: &str) -> bool {
    ["has overflowed its stack", "fatal runtime error: stack overflow", "memory allocation of"]
        .iter()
        .any(|words| line.contains(words))
}

//! Runs a check in a process of its own, stops it after its time limit, and finds out how it ended.

use std::env;
use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::child::{CheckEnd, MARK, Record};
use crate::{Check, Failure, Kind, Suite};

/// How many bytes of what the subject's code prints are kept: this many from the beginning, and as many from the
/// end.
const KEPT: usize = 4 << 10;

/// The environment variable that names the one check of a process.
pub(crate) const CHECK: &str = "RAFT_LAB_CHECK";

/// The end of a check's process.
pub(crate) struct ProcessEnd {
    /// How the check ended.
    pub(crate) over: CheckEnd,
    /// The output of the subject's code.
    pub(crate) printed: String,
}

/// Runs `check` in a process of its own.
///
/// # Errors
/// If the process cannot be started.
pub(crate) fn run(suite: &Suite, check: &Check, seed: u64) -> io::Result<ProcessEnd> {
    let mut child = Command::new(env::current_exe()?)
        .env(CHECK, suite.test_name(check))
        .env("RAFT_LAB_SEED", seed.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().expect("it was asked for");
    let stderr = child.stderr.take().expect("it was asked for");
    let (done, waiting) = mpsc::channel();
    let done_too = done.clone();
    let heard = thread::spawn(move || {
        let heard = ChildOutput::listen(stdout);
        let _ = done.send(());
        heard
    });
    let complained = thread::spawn(move || {
        let mut kept = Excerpt::default();
        let _ = chunks(stderr, |bytes| kept.add(bytes));
        let _ = done_too.send(());
        kept
    });
    let status = wait(&mut child, &waiting, check.time_limit)?;
    let (heard, complained) = (heard.join(), complained.join());
    let heard = heard.map_err(|_| io::Error::other("reading from the check failed"))?;
    let complained = complained.map_err(|_| io::Error::other("reading from the check failed"))?;
    let mut printed = heard.printed.text();
    let complaint = complained.text();
    let over = heard.over.unwrap_or_else(|| {
        let happened = reason(status, &complaint, check);
        let failure = Failure::new("the check comes to an end", happened);
        let failure = Failure { kind: Kind::Stopped, step: heard.step, ..*failure };
        CheckEnd { failure: Some(failure), show: None }
    });
    printed
        .extend(complaint.lines().filter(|line| !is_runtimes(line)).flat_map(|line| [line, "\n"]));
    Ok(ProcessEnd { over, printed })
}

/// Waits until both of the child's streams have ended, and then for the child. Returns `None` if it took too
/// long and was stopped.
fn wait(
    child: &mut Child,
    ended: &mpsc::Receiver<()>,
    limit: Duration,
) -> io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + limit;
    for _ in 0..2 {
        let left = deadline.saturating_duration_since(Instant::now());
        if let Err(mpsc::RecvTimeoutError::Timeout) = ended.recv_timeout(left) {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
    }
    child.wait().map(Some)
}

/// Why a process has ended without reporting the end of its check.
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

/// What a child has written to its standard output.
#[derive(Default)]
struct ChildOutput {
    step: String,
    over: Option<CheckEnd>,
    printed: Excerpt,
}

impl ChildOutput {
    fn listen(stdout: impl Read) -> Self {
        let mut heard = ChildOutput::default();
        // The record that was begun, if one was.
        let mut record: Option<Vec<u8>> = None;
        let _ = chunks(stdout, |mut bytes| {
            while !bytes.is_empty() {
                let end = if record.is_some() { b'\n' } else { MARK };
                let at = bytes.iter().position(|&byte| byte == end);
                let part = &bytes[..at.unwrap_or(bytes.len())];
                match &mut record {
                    Some(begun) => begun.extend_from_slice(part),
                    None => heard.printed.add(part),
                }
                if at.is_some() {
                    match record.take() {
                        Some(whole) => heard.take(&whole),
                        None => record = Some(Vec::new()),
                    }
                }
                bytes = &bytes[at.map_or(bytes.len(), |at| at + 1)..];
            }
        });
        heard
    }

    fn take(&mut self, record: &[u8]) {
        match serde_json::from_slice(record) {
            Ok(Record::Step(step)) => self.step = step,
            Ok(Record::Over(over)) => self.over = Some(over),
            // Not one of our records: the subject's code has printed the mark.
            Err(_) => self.printed.add(record),
        }
    }
}

/// Reads to the end, however much there is: a child blocks once the pipe for its output is full.
fn chunks(mut from: impl Read, mut each: impl FnMut(&[u8])) -> io::Result<()> {
    let mut buffer = [0; 8 << 10];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(()),
            length => each(&buffer[..length]),
        }
    }
}

/// The beginning and the end of a text that may be very long.
#[derive(Default)]
struct Excerpt {
    head: Vec<u8>,
    tail: Vec<u8>,
    dropped: bool,
}

impl Excerpt {
    fn add(&mut self, bytes: &[u8]) {
        let room = KEPT.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..room]);
        self.tail.extend_from_slice(&bytes[room..]);
        if self.tail.len() > 2 * KEPT {
            self.tail.drain(..self.tail.len() - KEPT);
            self.dropped = true;
        }
    }

    fn text(&self) -> String {
        let between = if self.dropped { "\n… (much more) …\n" } else { "" };
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        if self.dropped {
            return text(&self.head) + between + &text(&self.tail);
        }
        text(&[self.head.as_slice(), &self.tail].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_distinguished_from_what_the_subject_prints() {
        let step = "\u{1e}{\"Step\":\"first\"}\n";
        let over = "\u{1e}{\"Over\":{\"failure\":null,\"show\":\"shown\"}}\n";
        let stream = format!("no line feed{step}a line\n\u{1e}not ours\n{over}");
        let heard = ChildOutput::listen(stream.as_bytes());
        assert_eq!(heard.step, "first");
        assert_eq!(heard.over.unwrap().show.as_deref(), Some("shown"));
        assert_eq!(heard.printed.text(), "no line feeda line\nnot ours");
    }

    #[test]
    fn the_beginning_and_the_end_of_an_endless_text_are_kept() {
        let mut kept = Excerpt::default();
        kept.add(b"first ");
        for _ in 0..100_000 {
            kept.add(b"and so on ");
        }
        kept.add(b"last");
        let text = kept.text();
        assert!(text.len() < 4 * KEPT);
        assert!(text.starts_with("first ") && text.ends_with("last") && text.contains("much more"));
    }
}

//! The gate's process.

use std::io::Write as _;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde_json::json;
use simulator::{PLAY_VERSION, PlayAnswer, PlayRequest};

use super::builder::Built;
use super::order::Order;
use super::output::{self, Piece};

/// For each request, at most this many bytes of what the learner's code prints are kept.
const KEPT: usize = 8 << 10;

/// Variables that would make a gate do something else.
const OTHERS: [&str; 8] = [
    "RAFT_LAB_BLESS",
    "RAFT_LAB_EVENTS",
    "RAFT_LAB_EXPLORE",
    "RAFT_LAB_IN_PLACE",
    "RAFT_LAB_RECORD",
    "RAFT_LAB_REPLAY",
    "RAFT_LAB_STORMS",
    "RAFT_LAB_WATCH",
];

/// A gate that answers requests.
#[derive(Debug)]
pub(super) struct Gate {
    process: Child,
    input: ChildStdin,
    output: Receiver<Piece>,
}

/// Why a gate does not answer. It cannot be used any longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// It took too long.
    Silent,
    /// Its process has ended.
    Died,
    /// Its version is not that of this program, or something is wrong with its answer.
    Garbled(String),
}

impl Gate {
    /// Starts a gate.
    ///
    /// # Errors
    /// If that fails.
    pub(super) fn start(built: &Built, order: &Order) -> Result<Self, String> {
        let gate = built.gate.as_ref().ok_or("there is no gate")?;
        let play = json!({"exercise": order.exercise, "path": format!("{}.scenario", order.name)});
        let mut command = Command::new(gate);
        for name in OTHERS {
            command.env_remove(name);
        }
        let mut process = command
            .current_dir(&order.root)
            .envs(&built.environment)
            .env("RAFT_LAB_PLAY", play.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot run {}: {error}", gate.display()))?;
        let input = process.stdin.take().ok_or("a gate has no input")?;
        let stdout = process.stdout.take().ok_or("a gate has no output")?;
        let stderr = process.stderr.take().ok_or("a gate has no output")?;
        Ok(Gate { process, input, output: output::read(stdout, stderr) })
    }

    /// Asks, and waits for the answer. Also returns what the learner's code has printed meanwhile.
    pub(super) fn ask(
        &mut self,
        request: &PlayRequest,
        limit: Duration,
    ) -> (Result<PlayAnswer, Ended>, String) {
        let mut printed = Vec::new();
        let answer = self.answer(request, Instant::now() + limit, &mut printed);
        (answer, String::from_utf8_lossy(&printed).into_owned())
    }

    fn answer(
        &mut self,
        request: &PlayRequest,
        until: Instant,
        printed: &mut Vec<u8>,
    ) -> Result<PlayAnswer, Ended> {
        let garbled = |error: serde_json::Error| Ended::Garbled(error.to_string());
        let line = serde_json::to_string(request).map_err(garbled)?;
        let sent = writeln!(self.input, "{line}").and_then(|()| self.input.flush());
        sent.map_err(|_| Ended::Died)?;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(Piece::Answer(json)) => {
                    let answer: PlayAnswer = serde_json::from_slice(&json).map_err(garbled)?;
                    if answer.version == PLAY_VERSION {
                        return Ok(answer);
                    }
                    let version = answer.version;
                    return Err(Ended::Garbled(format!("its answers have version {version}")));
                }
                Ok(Piece::Printed(text)) => {
                    let room = KEPT.saturating_sub(printed.len()).min(text.len());
                    printed.extend_from_slice(&text[..room]);
                    // It may print without end.
                    if Instant::now() >= until {
                        return Err(Ended::Silent);
                    }
                }
                Ok(Piece::End) | Err(RecvTimeoutError::Disconnected) => return Err(Ended::Died),
                Err(RecvTimeoutError::Timeout) => return Err(Ended::Silent),
            }
        }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

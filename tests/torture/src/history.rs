//! What happened in a run, as lines of JSON.
//!
//! Each line is an object whose `kind` says what it is. All times are nanoseconds since the run began, by the clock of
//! the one process that all clients are in. Servers are numbers: 1 is S1.
//!
//! | `kind` | fields |
//! |---|---|
//! | `run` | the first line: `version` of this format, `made_of`, `servers`, `clients`, `seconds`, `seed`, `faults`, `sessions` (whether clients have them), `election_timeout` (the longest, in nanoseconds) |
//! | `operation` | `client`; `call` with `name` (`get`, `set`, `append`, `cas`, `incrby`), `key`, `arguments`; `called`; `returned` (absent if no answer was final); `outcome`; `answer` (absent if there is none); `attempts` |
//! | `fault` | `fault`; `begin`, `end`; `words`: what was done |
//! | `healed` | `at`: every fault was over |
//! | `available` | `healed`, `at`: a command that was called after the healing was executed by then |
//! | `role` | `server`, `at`, `role` (`leader`, `follower`, `candidate`, or `none` if it does not answer), `term` |
//! | `died` | `server`, `at`, `words`: a process ended by itself |
//! | `end` | `server`, `applied`, `checksum`: the state machine after the last healing |
//!
//! The `outcome` of an operation is `done`; `nothing`: it was certainly not executed; or `unknown`: it may have been
//! executed, or may be later. The keys say how an operation is judged: `register-…`, `counter-…`, `short-…`.
//! `attempts` holds a list for each request that was sent for the operation: the server, when it was sent, when it was
//! answered, and `done`, `nothing` or `unknown`.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The version of the format.
pub const VERSION: u32 = 1;

/// A line of a history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Line {
    /// What was run.
    Run(Run),
    /// An operation of a client.
    Operation(Operation),
    /// A fault.
    Fault(Fault),
    /// Every fault is over.
    Healed {
        /// When.
        at: u64,
    },
    /// Commands are executed again.
    Available {
        /// Since which healing.
        healed: u64,
        /// When.
        at: u64,
    },
    /// A server has another role or term.
    Role(Role),
    /// A process has ended by itself.
    Died {
        /// The server.
        server: u64,
        /// When that was noticed.
        at: u64,
        /// The end of its log, or why it did not start.
        words: String,
    },
    /// A server's state at the end.
    End {
        /// The server.
        server: u64,
        /// The last entry that its state machine has applied; `None` if it did not answer.
        applied: Option<u64>,
        /// A checksum of the state.
        checksum: String,
    },
}

/// What was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The version of the format.
    pub version: u32,
    /// What the servers are made of.
    pub made_of: String,
    /// How many servers there are.
    pub servers: u64,
    /// How many clients there are.
    pub clients: u64,
    /// How long there are faults, in seconds.
    pub seconds: u64,
    /// The seed of the faults.
    pub seed: u64,
    /// The kinds of faults.
    pub faults: Vec<String>,
    /// Whether clients have sessions.
    pub sessions: bool,
    /// The longest election timeout, in nanoseconds.
    pub election_timeout: u64,
}

/// An operation, as its client saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// The client.
    pub client: u64,
    /// What it asked for.
    pub call: Call,
    /// When its client began with it.
    pub called: u64,
    /// When the final answer arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<u64>,
    /// What became of it.
    pub outcome: Outcome,
    /// The final answer: a value, a number or a length in digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Each request that was sent for it: to which server, when, answered when, and how.
    pub attempts: Vec<(u64, u64, u64, Outcome)>,
}

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The command, in lower case.
    pub name: String,
    /// The key.
    pub key: String,
    /// The words after the key.
    #[serde(default)]
    pub arguments: Vec<String>,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was executed.
    Done,
    /// It was certainly not executed.
    Nothing,
    /// It may have been executed, or may be later.
    Unknown,
}

/// A fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Its kind.
    pub fault: String,
    /// When it began.
    pub begin: u64,
    /// When it was over.
    pub end: u64,
    /// What was done, in words.
    pub words: String,
}

/// A role of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// The server.
    pub server: u64,
    /// Since when.
    pub at: u64,
    /// The role; `none` if it does not answer.
    pub role: String,
    /// The term.
    pub term: u64,
}

/// A whole history.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// What was run.
    pub run: Run,
    /// The operations, in the order in which they were called.
    pub operations: Vec<Operation>,
    /// The other lines, in order.
    pub others: Vec<Line>,
}

impl Call {
    /// A call, from its words.
    pub fn new(name: &str, key: &str, arguments: &[String]) -> Self {
        Call { name: name.to_owned(), key: key.to_owned(), arguments: arguments.to_vec() }
    }

    /// The words for a server.
    pub fn words(&self) -> Vec<&[u8]> {
        let words = [self.name.as_bytes(), self.key.as_bytes()];
        words.into_iter().chain(self.arguments.iter().map(String::as_bytes)).collect()
    }
}

impl History {
    /// The faults, in order.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.others.iter().filter_map(|line| match line {
            Line::Fault(fault) => Some(fault),
            _ => None,
        })
    }

    /// The roles, in order.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.others.iter().filter_map(|line| match line {
            Line::Role(role) => Some(role),
            _ => None,
        })
    }

    /// When the last thing happened.
    pub fn end(&self) -> u64 {
        let operations = self.operations.iter().map(|it| it.returned.unwrap_or(it.called));
        operations.chain(self.faults().map(|it| it.end)).max().unwrap_or(0)
    }

    /// Writes the history to a file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut file = BufWriter::new(File::create(path)?);
        let run = Line::Run(self.run.clone());
        let operations = self.operations.iter().cloned().map(Line::Operation);
        let lines = [run].into_iter().chain(self.others.iter().cloned()).chain(operations);
        for line in lines {
            serde_json::to_writer(&mut file, &line).map_err(io::Error::other)?;
            file.write_all(b"\n")?;
        }
        file.flush()
    }

    /// Reads a history.
    ///
    /// # Errors
    /// If the file cannot be read, or a line is no line of a history: the error names it.
    pub fn read(path: &Path) -> io::Result<Self> {
        Self::of_lines(BufReader::new(File::open(path)?).lines())
    }

    /// Reads a history from its lines.
    ///
    /// # Errors
    /// As [`History::read`].
    pub fn of_lines(lines: impl Iterator<Item = io::Result<String>>) -> io::Result<Self> {
        let wrong = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
        let (mut run, mut operations, mut others) = (None, Vec::new(), Vec::new());
        for (number, line) in (1..).zip(lines) {
            let line = line?;
            if line.trim().is_empty() {
                continue;
            }
            let line: Line = serde_json::from_str(&line).map_err(|error| {
                wrong(format!("line {number} is no line of a history: {error}"))
            })?;
            match line {
                Line::Run(it) if it.version != VERSION => {
                    return Err(wrong(format!(
                        "the history has version {}, and this program reads version {VERSION}",
                        it.version
                    )));
                }
                Line::Run(it) => run = Some(it),
                Line::Operation(it) if it.returned.is_some_and(|at| at < it.called) => {
                    return Err(wrong(format!(
                        "line {number}: the operation has returned before it was called"
                    )));
                }
                Line::Operation(it) => operations.push(it),
                other => others.push(other),
            }
        }
        let run =
            run.ok_or_else(|| wrong("a history begins with a line of the kind `run`".to_owned()))?;
        operations.sort_by_key(|operation| operation.called);
        Ok(History { run, operations, others })
    }
}

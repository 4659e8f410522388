//! The protocol between a gate and the program that plays with it (`cargo xtask play`).
//!
//! The gate is the process with the learner's servers. It reads one request per line, and answers each with one
//! record: [`RECORD`], the JSON of a [`PlayAnswer`], and a line feed. Anything else on its standard output is what
//! the learner's code has printed. A line is a command of the scenario language; one that begins with a brace or a
//! quotation mark is JSON ([`PlayRequest`]).
//!
//! A gate keeps nothing but the text of its script. For each request it runs the script from the beginning, so a command
//! that fails leaves nothing behind, whatever it has done to the servers.

use serde::{Deserialize, Serialize};

use crate::{Outcome, Recording};

/// The version of requests and answers.
pub const PLAY_VERSION: u32 = 1;

/// Opens a record (`U+001E`, the record separator of RFC 7464).
pub const RECORD: u8 = 0x1e;

/// What a gate is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlayRequest {
    /// Carry out one more line of the scenario language: a command, or `---`.
    Command(String),
    /// Run this script instead of the one so far. If a line fails, the script ends before that line.
    Script(String),
    /// Take back the last command.
    Undo,
}

/// The result of a request, and what can be done next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayAnswer {
    /// See [`PLAY_VERSION`].
    pub version: u32,
    /// The script so far: every command in it has been carried out.
    pub script: String,
    /// Why the request, or a part of it, was not carried out.
    pub fault: Option<PlayFault>,
    /// What each command has done.
    pub commands: Vec<CommandOutcome>,
    /// What can be done next.
    pub choices: Choices,
    /// The run. `None` if there are no servers yet.
    pub recording: Option<Recording>,
    /// The run that a fault has ended, if servers took part in it: its last step shows what went wrong.
    pub failed: Option<Recording>,
}

/// Why a line was not carried out. Everything that it did is undone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayFault {
    /// The line of the script that was asked for, from 1; 0 if it is about no line.
    pub line: u64,
    /// That line.
    pub command: String,
    /// `Script` if the line makes no sense here; otherwise the servers are at fault.
    pub outcome: Outcome,
    /// What was expected; may be empty.
    pub expected: String,
    /// What has happened, or what is wrong with the line.
    pub happened: String,
    /// The rule of the paper, if one was broken; may be empty.
    pub why: String,
    /// The line of the source, as `FILE:LINE`, if it is known.
    pub place: Option<String>,
}

/// What a command has done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandOutcome {
    /// Its line in the script, from 1.
    pub line: u64,
    /// The line.
    pub text: String,
    /// What the command itself shows; may be empty.
    pub output: String,
    /// Every server, as a transcript shows it.
    pub servers: Vec<String>,
    /// The answers that clients have received from it.
    pub answers: Vec<String>,
}

/// A command that can be carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// A word or two for a button.
    pub name: String,
    /// The command, as a line of a script.
    pub command: String,
}

/// What can be done next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// What concerns no single server: settling, healing all links, …
    pub cluster: Vec<Choice>,
    /// For each server, what can happen to it.
    pub servers: Vec<ServerChoices>,
    /// For each message in flight, in the order of sending, what can happen to it.
    pub messages: Vec<MessageChoices>,
    /// For each link from one server to another, cutting or healing it.
    pub links: Vec<Choice>,
}

/// What can happen to a server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerChoices {
    /// The server: `S1`.
    pub server: String,
    /// Its role in one word: `leader`, `down`.
    pub role: String,
    /// Timers that can run out, a crash, a restart.
    pub commands: Vec<Choice>,
    /// Whether clients can ask it.
    pub is_up: bool,
    /// The line `expect …` that is true of it now.
    pub expect: String,
}

/// What can happen to a message in flight. Each command is about this message alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageChoices {
    /// Its place in the recording's table of messages.
    pub message: u64,
    /// Which copy of it, from 0.
    pub copy: u32,
    /// The message in words.
    pub words: String,
    /// Whether it is held back.
    pub held: bool,
    /// What can be done with it.
    pub commands: Vec<Choice>,
}

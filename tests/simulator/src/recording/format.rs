//! The recording of a run: what each column means.
//!
//! A *step* is one thing that a world does: a server handles an event, with everything that follows from it at once
//! (changes, messages sent, timers, answers); or the world loses, duplicates, holds or releases a message, crashes or
//! restarts a server, changes links, or does something to a disk. Step 0 is the beginning: the servers in the state in
//! which they start, and what they do when they start.
//!
//! Tables are columns: one list for each field, all of the same length. Numbers of texts refer to [`Recording::texts`].
//! Servers are numbered from 1; 0 means none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::deltas;

/// The version of the format. It changes when a reader of the previous version would be misled.
pub const VERSION: u32 = 1;

/// What a step can be, in the order of the numbers in [`Columns::kind`].
pub const KINDS: [&str; 20] = [
    "begin",
    "timeout",
    "request",
    "reply",
    "client",
    "lost",
    "duplicated",
    "held",
    "released",
    "crash",
    "kill",
    "gave up",
    "restart",
    "cut",
    "opened",
    "healed",
    "trouble",
    "repaired",
    "wiped",
    "start",
];

/// What can become of a copy of a message, in the order of the numbers in [`Columns::fate`].
pub const FATES: [&str; 5] =
    ["arrives", "lost at sending", "lost on its way", "lost on arrival", "not sent"];

/// The lights of a page: Figure 3's five properties, and every other property that the lab checks.
pub const LIGHTS: [&str; 6] = [
    "Election Safety",
    "Leader Append-Only",
    "Log Matching",
    "Leader Completeness",
    "State Machine Safety",
    "Figure 2",
];

/// A run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// See [`VERSION`].
    pub version: u32,
    /// What the run shows, in one sentence.
    pub title: String,
    /// Where the run comes from.
    pub source: Source,
    /// The number of servers.
    pub servers: u64,
    /// Whether a virtual clock moves the run. In a scripted run no time passes.
    pub timed: bool,
    /// Whether servers keep their state on disk.
    pub durable: bool,
    /// See [`KINDS`]. Repeated here so that a reader needs no table of its own.
    pub kinds: Vec<String>,
    /// See [`FATES`].
    pub fates: Vec<String>,
    /// See [`LIGHTS`].
    pub lights: Vec<String>,
    /// The table of texts.
    pub texts: Vec<String>,
    /// The blocks of the script.
    pub blocks: Vec<Block>,
    /// The commands of the script.
    pub commands: Vec<CommandLine>,
    /// The tables.
    pub columns: Columns,
    /// The first step for which changes in the servers' `Debug` output were recorded, if they were.
    pub inspected_from: Option<u64>,
    /// How the run ended.
    pub end: End,
    /// Where the rows of the table of rules are in the learner's files: `vote.rs:14` for `request_vote`. The
    /// runner fills this in; the gate does not know it.
    #[serde(default)]
    pub places: BTreeMap<String, String>,
}

/// Where a run comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// `scenario` or `storm`.
    pub kind: String,
    /// The check that ran it, as `2.3::name`; empty if there is none.
    pub check: String,
    /// The exercise whose rules the servers had.
    pub exercise: String,
    /// The script's file, or the storm's number.
    pub name: String,
    /// The seed.
    pub seed: u64,
    /// The command that opens the same run again.
    pub again: String,
}

/// A block of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Its first step, if it has any.
    pub step: u64,
    /// Its comments.
    pub reason: String,
}

/// A command of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandLine {
    /// Its first step. A command that moves nothing begins where the next one does.
    pub step: u64,
    /// Its line in the file, from 1.
    pub line: u64,
    /// The line.
    pub text: String,
}

/// The tables of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Columns {
    // Steps
    /// The virtual time in microseconds.
    #[serde(with = "deltas")]
    pub time: Vec<u64>,
    /// What it is: a number from [`KINDS`].
    pub kind: Vec<u64>,
    /// The server that it happens to.
    pub server: Vec<u64>,
    /// The number of a text: the step in words, as failures tell it.
    pub words: Vec<u64>,
    /// The number of a text: the same in a few letters.
    pub short: Vec<u64>,
    /// The number of a text: what has changed and what was sent, in words.
    pub then: Vec<u64>,
    /// The number of a text: the row of the table of rules that ran; empty if none did.
    pub row: Vec<u64>,

    // Messages
    /// The sender.
    pub message_from: Vec<u64>,
    /// The receiver.
    pub message_to: Vec<u64>,
    /// The number of a text: the RPC.
    pub message_rpc: Vec<u64>,
    /// 1 for a reply.
    pub message_reply: Vec<u64>,
    /// The term that it carries.
    pub message_term: Vec<u64>,
    /// The number of a text: the message in full.
    pub message_words: Vec<u64>,
    /// The step in which it was sent.
    #[serde(with = "deltas")]
    pub message_sent: Vec<u64>,

    // What became of each copy of a message. A copy without a line is in flight at the end.
    /// The step.
    #[serde(with = "deltas")]
    pub fate_step: Vec<u64>,
    /// The message.
    pub fate_message: Vec<u64>,
    /// Which copy, from 0.
    pub fate_copy: Vec<u64>,
    /// A number from [`FATES`].
    pub fate: Vec<u64>,
    /// The number of a text: why it was lost.
    pub fate_why: Vec<u64>,

    // Copies besides the first
    /// The step in which the copy was made.
    #[serde(with = "deltas")]
    pub copy_step: Vec<u64>,
    /// The message.
    pub copy_message: Vec<u64>,
    /// The number of the copy.
    pub copy: Vec<u64>,

    // Messages that are held back or released
    /// The step.
    #[serde(with = "deltas")]
    pub hold_step: Vec<u64>,
    /// The message.
    pub hold_message: Vec<u64>,
    /// Which copy.
    pub hold_copy: Vec<u64>,
    /// 1 if it is held from here on.
    pub hold: Vec<u64>,

    // A server's state after a step that has changed it
    /// The step. Of several lines of one step and server, the last counts.
    #[serde(with = "deltas")]
    pub change_step: Vec<u64>,
    /// The server.
    pub change_server: Vec<u64>,
    /// 0 follower, 1 candidate, 2 leader, 3 down.
    pub change_role: Vec<u64>,
    /// The current term.
    pub change_term: Vec<u64>,
    /// The vote in it.
    pub change_vote: Vec<u64>,
    /// The commit index.
    pub change_commit: Vec<u64>,
    /// The last applied index.
    pub change_applied: Vec<u64>,
    /// The last index that was compacted away.
    pub change_base: Vec<u64>,
    /// The last index of the log.
    pub change_last: Vec<u64>,
    /// The number of a text: the members of its configuration.
    pub change_members: Vec<u64>,
    /// The first index at which the log has changed; 0 if it has not.
    pub change_log_from: Vec<u64>,
    /// How many entries it has from there on. They follow in the next two columns.
    pub change_log_count: Vec<u64>,
    /// The term of each entry.
    pub entry_term: Vec<u64>,
    /// The number of a text: what each entry says.
    pub entry_words: Vec<u64>,

    // What a leader knows of its followers (`nextIndex`, `matchIndex`), as far as servers show it
    /// The step.
    #[serde(with = "deltas")]
    pub progress_step: Vec<u64>,
    /// The leader.
    pub progress_server: Vec<u64>,
    /// The follower; 0 if all earlier lines of this leader no longer hold.
    pub progress_of: Vec<u64>,
    /// The follower's `nextIndex`.
    pub progress_next: Vec<u64>,
    /// The follower's `matchIndex`.
    pub progress_match: Vec<u64>,

    // Timers
    /// The step.
    #[serde(with = "deltas")]
    pub timer_step: Vec<u64>,
    /// The server.
    pub timer_server: Vec<u64>,
    /// 0 election, 1 heartbeat, 2 lease.
    pub timer: Vec<u64>,
    /// 0 if it no longer runs; otherwise 1 more than the time at which it fires, in microseconds.
    pub timer_due: Vec<u64>,

    // Answers to clients
    /// The step.
    #[serde(with = "deltas")]
    pub answer_step: Vec<u64>,
    /// The server.
    pub answer_server: Vec<u64>,
    /// The number of a text: what was asked, and the answer.
    pub answer_words: Vec<u64>,

    // Links
    /// A step that has changed them.
    #[serde(with = "deltas")]
    pub link_step: Vec<u64>,
    /// How many are cut from here on. They follow in the next two columns.
    pub link_count: Vec<u64>,
    /// The sender whose messages are lost …
    pub link_from: Vec<u64>,
    /// … and the receiver that they do not reach.
    pub link_to: Vec<u64>,

    // Disks
    /// The step.
    #[serde(with = "deltas")]
    pub disk_step: Vec<u64>,
    /// The server.
    pub disk_server: Vec<u64>,
    /// How many bytes a crash now would leave.
    pub disk_synced: Vec<u64>,
    /// How many bytes it would take away.
    pub disk_lost: Vec<u64>,

    // What else has changed, from the servers' `Debug` output
    /// The step.
    #[serde(with = "deltas")]
    pub inspect_step: Vec<u64>,
    /// The server.
    pub inspect_server: Vec<u64>,
    /// The number of a text: the path, like `role.progress[2].match_index`.
    pub inspect_path: Vec<u64>,
    /// The number of a text: the value before.
    pub inspect_old: Vec<u64>,
    /// The number of a text: the value afterwards.
    pub inspect_new: Vec<u64>,
}

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// In one word.
    pub outcome: Outcome,
    /// What was expected: a property's name, or a sentence.
    pub expected: String,
    /// What happened, in one sentence.
    pub what: String,
    /// The rule of the paper, if one was broken.
    pub rule: String,
    /// The light that goes out, from [`LIGHTS`].
    pub light: Option<u64>,
    /// The moments that contradict each other, the earliest first.
    pub moments: Vec<Moment>,
    /// The stretch of the run in which something should have happened and did not: first and last step.
    pub stretch: Option<(u64, u64)>,
}

/// How a run ended, in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Nothing is wrong.
    #[default]
    Fine,
    /// A property did not hold.
    Broken,
    /// A server panicked.
    Panicked,
    /// Something else is not as it should be: what a script expects, or what must happen in time.
    Red,
    /// The script itself is wrong.
    Script,
}

/// A moment of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// The step.
    pub step: u64,
    /// The server that it is about.
    pub server: u64,
    /// What is true then, in one sentence.
    pub what: String,
}

impl Recording {
    /// The number of steps.
    pub fn steps(&self) -> u64 {
        self.columns.kind.len() as u64
    }

    /// The text with this number; empty if there is none.
    pub fn text(&self, number: u64) -> &str {
        usize::try_from(number).ok().and_then(|at| self.texts.get(at)).map_or("", String::as_str)
    }
}

//! The trace of a run: what happened, step by step, as data that transcripts are printed from and a viewer can
//! read.

use std::fmt::Write as _;
use std::time::Duration;

use protocol::{ClientError, Entry, Event, Index, RequestId, RoleName, ServerId, Term, Timer};
use serde::{Deserialize, Serialize};

use crate::{Message, MessageId, Trouble};

/// Everything that happened in a run, in order.
pub type Trace = Vec<TraceRecord>;

/// A step of a run, and its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceRecord {
    /// The virtual time since the run began, which is always zero in a scripted run.
    pub time: Duration,
    /// The step.
    pub what: TraceEvent,
}

/// A step of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TraceEvent {
    /// A server handled an event.
    Event {
        /// The server that handled it.
        server: ServerId,
        /// The event, in full.
        event: Event,
    },
    /// An event has changed a server's visible state. All fields show the state afterwards.
    Changed {
        /// The server that handled the event.
        server: ServerId,
        /// Its role in its current term.
        role: RoleName,
        /// The latest term that it has seen.
        current_term: Term,
        /// Its vote in that term.
        voted_for: Option<ServerId>,
        /// The highest index that it knows to be committed.
        commit_index: Index,
        /// The highest index that it has applied.
        last_applied: Index,
        /// The first index at which its log has changed, if it has.
        log_from: Option<Index>,
        /// Its entries from that index on.
        log: Vec<Entry>,
    },
    /// A server has sent a message.
    Sent {
        /// The message, in full. Later steps name it by its number.
        message: Message,
    },
    /// A message is about to arrive.
    Delivered {
        /// Its number.
        id: MessageId,
    },
    /// A message will not arrive.
    Lost {
        /// Its number.
        id: MessageId,
        /// What kept it from arriving.
        why: LossReason,
    },
    /// A copy of a message is in flight too.
    Duplicated {
        /// Its number.
        id: MessageId,
    },
    /// A message is held back until it is released.
    Held {
        /// Its number.
        id: MessageId,
    },
    /// A message is no longer held back.
    Released {
        /// Its number.
        id: MessageId,
    },
    /// A server armed a timer.
    TimerSet {
        /// The server whose timer it is.
        server: ServerId,
        /// The timer, which may have been running already.
        timer: Timer,
        /// When it will fire, from now.
        after: Duration,
    },
    /// A server has answered a client.
    Answered {
        /// The client's request.
        id: RequestId,
        /// The server that answered.
        server: ServerId,
        /// The result as text, or the error.
        result: Result<String, ClientError>,
    },
    /// A server's machine has crashed.
    Crashed {
        /// The server that is down now.
        server: ServerId,
    },
    /// A server's process has ended, while its machine keeps running.
    Killed {
        /// The server that is down now.
        server: ServerId,
    },
    /// A server has given up because its disk failed.
    Stopped {
        /// The server that is down now.
        server: ServerId,
        /// The error that it returned.
        why: String,
    },
    /// A fault of a server's disk is planned.
    Trouble {
        /// The server whose disk it is.
        server: ServerId,
        /// The fault, which hits the next operation that it can.
        trouble: Trouble,
    },
    /// The planned fault of a server's disk is cancelled.
    #[serde(rename = "Mended")]
    Repaired {
        /// The server whose disk it is.
        server: ServerId,
    },
    /// The disk of a server that is down has lost what was durable on it.
    Wiped {
        /// The server whose disk it is.
        server: ServerId,
    },
    /// A server was made again from its disk.
    Restarted {
        /// The server that is up now.
        server: ServerId,
    },
    /// Messages from one server to another are lost from now on.
    Cut {
        /// The sender.
        from: ServerId,
        /// The receiver.
        to: ServerId,
    },
    /// Messages from one server to another pass again.
    Opened {
        /// The sender.
        from: ServerId,
        /// The receiver.
        to: ServerId,
    },
    /// All links are open again.
    Healed,
}

/// What kept a message from arriving.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LossReason {
    /// The script has lost it, or the draw of a timed run.
    Dropped,
    /// The link was cut.
    Partition,
    /// The receiver was down.
    ServerDown,
    /// It was a reply to a call that the receiver had made before it crashed.
    CallerRestarted,
}

/// A fingerprint of a trace: two runs have the same if, and in practice only if, the same happened in both.
/// FNV-1a, 64 bits, over one line of JSON for each step. So the names of steps and fields are part of it.
pub fn hash(trace: &Trace) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut line = String::new();
    for traced in trace {
        line.clear();
        match serde_json::to_string(traced) {
            Ok(json) => line.push_str(&json),
            Err(error) => {
                let _ = write!(line, "{error}");
            }
        }
        line.push('\n');
        for byte in line.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

//! What happened in a run, event by event: what transcripts are printed from, and a viewer can read.

use std::fmt::Write as _;
use std::time::Duration;

use protocol::{ClientError, Entry, Event, Index, RequestId, RoleName, ServerId, Term, Timer};
use serde::{Deserialize, Serialize};

use crate::{Message, MessageId, Trouble};

/// What happened in a run, in order.
pub type Trace = Vec<Traced>;

/// Something that happened, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traced {
    /// The virtual time since the run began. Zero throughout a scripted run.
    pub time: Duration,
    /// What happened.
    pub what: Happened,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happened {
    /// A server took in an event.
    Event {
        /// Which server.
        server: ServerId,
        /// What it was told.
        event: Event,
    },
    /// A server's visible state is different after an event.
    Changed {
        /// Which server.
        server: ServerId,
        /// What it is now.
        role: RoleName,
        /// Its term.
        current_term: Term,
        /// Its vote in that term.
        voted_for: Option<ServerId>,
        /// What it knows to be committed.
        commit_index: Index,
        /// What it has applied.
        last_applied: Index,
        /// The first index at which its log is different.
        log_from: Option<Index>,
        /// Its entries from there on.
        log: Vec<Entry>,
    },
    /// A message went out.
    Sent {
        /// The message.
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
        /// Why.
        why: Lost,
    },
    /// A message will arrive once more.
    Duplicated {
        /// Its number.
        id: MessageId,
    },
    /// A message is kept back until it is released.
    Held {
        /// Its number.
        id: MessageId,
    },
    /// A message is no longer kept back.
    Released {
        /// Its number.
        id: MessageId,
    },
    /// A server armed a timer.
    TimerSet {
        /// Which server.
        server: ServerId,
        /// Which timer.
        timer: Timer,
        /// How long from now.
        after: Duration,
    },
    /// A client was answered.
    Answered {
        /// Its request.
        id: RequestId,
        /// By whom.
        server: ServerId,
        /// What it was told.
        result: Result<String, ClientError>,
    },
    /// A server crashed.
    Crashed {
        /// Which one.
        server: ServerId,
    },
    /// A server's process ended; its machine goes on.
    Killed {
        /// Which one.
        server: ServerId,
    },
    /// A server has given up since its disk failed.
    Stopped {
        /// Which one.
        server: ServerId,
        /// The reason that it gave.
        why: String,
    },
    /// Something is to go wrong with a server's disk, the next time that it can.
    Trouble {
        /// Whose.
        server: ServerId,
        /// What.
        trouble: Trouble,
    },
    /// A server's disk works again.
    Mended {
        /// Whose.
        server: ServerId,
    },
    /// A server was made anew.
    Restarted {
        /// Which one.
        server: ServerId,
    },
    /// Messages from one server to another are lost from now on.
    Cut {
        /// The sender.
        from: ServerId,
        /// The receiver.
        to: ServerId,
    },
    /// All messages go through again.
    Healed,
}

/// Why a message was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lost {
    /// The script, or chance, said so.
    Dropped,
    /// The servers are cut off from each other.
    Partition,
    /// The receiver is down.
    ServerDown,
    /// The caller has crashed since it made the call.
    CallerRestarted,
}

/// A short number for a trace: two runs have the same if, and in practice only if, everything that
/// happened is the same. FNV-1a, 64 bits, of the JSON lines.
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

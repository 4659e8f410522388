//! What a small cluster did, moment by moment, as plain data: everything that Figure 3 is about. Module 0.
//!
//! ```
//! use protocol::execution::Recorder;
//! use protocol::{Entry, Index, ServerId, Term};
//!
//! let (s1, s2) = (ServerId(1), ServerId(2));
//! let mut recorder = Recorder::new(3);
//! recorder.elected(s1, Term(1));
//! recorder.log_changed(s1, Index(1), [Entry::command(Term(1), "set x 1")]);
//! recorder.elected(s2, Term(2));
//! let execution = recorder.finish();
//!
//! let leaders: Vec<_> = execution.elections().map(|moment| moment.server).collect();
//! assert_eq!(leaders, [s1, s2]);
//! assert_eq!(execution.moments[1].entry(Index(1)), Some(&Entry::command(Term(1), "set x 1")));
//! ```

mod compact;
mod evidence;
mod recorder;
mod transcript;

use serde::{Deserialize, Serialize};

use crate::{Entry, Index, ServerId, Term};

pub use evidence::{Mismatch, Missing, Rewritten, TwoEntries, TwoLeaders};
pub use recorder::Recorder;

/// What a cluster did from its start: everything that Figure 3 is about, in the order in which it happened. Printed,
/// it is a transcript with a line for each moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "compact::Compact", from = "compact::Compact")]
pub struct Execution {
    /// How many servers there are: S1, S2, … Each begins as a follower of term 0 with an empty log.
    pub servers: u64,
    /// What they did.
    pub moments: Vec<Moment>,
}

/// A moment of an execution: one thing that happens to one server, and the server's state at that time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The moment's number in its execution, counted from 1.
    pub number: usize,
    /// The server.
    pub server: ServerId,
    /// The server's term.
    pub term: Term,
    /// Whether it leads this term.
    pub leads: bool,
    /// The server's log, from index 1. If the log changes, this is the new one.
    pub log: Vec<Entry>,
    /// What happens.
    pub what: What,
}

/// What happens to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It is elected: from now on it is the leader of its term (§5.2).
    Elected,
    /// It is no longer leader.
    SteppedDown,
    /// Its log changes.
    LogChanged {
        /// The whole log as it was before.
        before: Vec<Entry>,
    },
    /// It learns that an entry of its log is committed (§5.3).
    Committed {
        /// Where the entry stands.
        index: Index,
        /// The entry.
        entry: Entry,
    },
    /// It applies an entry to its state machine (§5.3).
    Applied {
        /// Where the entry stands.
        index: Index,
        /// The entry.
        entry: Entry,
    },
    /// It crashes.
    Crashed,
    /// It restarts as a follower, with the term and the log that it had. It must learn again which entries are
    /// committed, and applies them again.
    Restarted,
}

impl Execution {
    /// All elections: each moment at which a server becomes the leader of its term.
    pub fn elections(&self) -> impl Iterator<Item = &Moment> {
        self.moments.iter().filter(|moment| moment.what == What::Elected)
    }

    /// All changes of logs: each moment, which has the new log, and the log as it was just before.
    pub fn log_changes(&self) -> impl Iterator<Item = (&Moment, &[Entry])> {
        self.moments.iter().filter_map(|moment| match &moment.what {
            What::LogChanged { before } => Some((moment, &before[..])),
            _ => None,
        })
    }

    /// Each time that a server learns that an entry is committed: the moment, the index and the entry. The moment's
    /// term is the one in which the entry was committed, or a later one.
    pub fn commits(&self) -> impl Iterator<Item = (&Moment, Index, &Entry)> {
        self.moments.iter().filter_map(|moment| match &moment.what {
            What::Committed { index, entry } => Some((moment, *index, entry)),
            _ => None,
        })
    }

    /// Each time that a server applies an entry to its state machine: the moment, the index and the entry.
    pub fn applications(&self) -> impl Iterator<Item = (&Moment, Index, &Entry)> {
        self.moments.iter().filter_map(|moment| match &moment.what {
            What::Applied { index, entry } => Some((moment, *index, entry)),
            _ => None,
        })
    }
}

impl Moment {
    /// The entry of the server's log at `index`; `None` if the log has none there.
    pub fn entry(&self, index: Index) -> Option<&Entry> {
        self.log.get(usize::try_from(index.0).ok()?.checked_sub(1)?)
    }
}

//! What a small cluster did, moment by moment, as plain data: what Figure 3 speaks about. Module 0.
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

/// What a cluster did from its start on: everything that Figure 3 speaks of, in the order in which it
/// came about. Printed, it is a transcript with a line for each moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "compact::Compact", from = "compact::Compact")]
pub struct Execution {
    /// How many servers there are: S1, S2, … Each begins as a follower of term 0 with an empty log.
    pub servers: u64,
    /// What they did.
    pub moments: Vec<Moment>,
}

/// A moment of an execution: one thing that happens to one server, and what the server is then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The number of the moment in its execution, from 1 on.
    pub number: usize,
    /// The server.
    pub server: ServerId,
    /// The server's term.
    pub term: Term,
    /// Whether it leads this term.
    pub leads: bool,
    /// The server's log, from index 1 on. If it is the log that changes, this is the new one.
    pub log: Vec<Entry>,
    /// What happens.
    pub what: What,
}

/// What happens to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It is elected: from now on it leads its term (§5.2).
    Elected,
    /// It leads no longer.
    SteppedDown,
    /// Its log is another than before.
    LogChanged {
        /// The whole log as it was.
        before: Vec<Entry>,
    },
    /// It has come to know that an entry of its log is committed (§5.3).
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
    /// It is there again, with the term and the log that it had, as a follower. What is committed it
    /// has to find out anew, and it applies that anew.
    Restarted,
}

impl Execution {
    /// All elections: each moment at which a server becomes the leader of its term.
    pub fn elections(&self) -> impl Iterator<Item = &Moment> {
        self.moments.iter().filter(|moment| moment.what == What::Elected)
    }

    /// All changes of logs: the moment, whose log is the new one, and the log as it was just before.
    pub fn log_changes(&self) -> impl Iterator<Item = (&Moment, &[Entry])> {
        self.moments.iter().filter_map(|moment| match &moment.what {
            What::LogChanged { before } => Some((moment, &before[..])),
            _ => None,
        })
    }

    /// Each time that a server comes to know of an entry that it is committed: the moment, and index
    /// and entry. The moment's term is the one in which it was committed, or a later one.
    pub fn commits(&self) -> impl Iterator<Item = (&Moment, Index, &Entry)> {
        self.moments.iter().filter_map(|moment| match &moment.what {
            What::Committed { index, entry } => Some((moment, *index, entry)),
            _ => None,
        })
    }

    /// Each time that a server applies an entry to its state machine: the moment, and index and entry.
    pub fn applications(&self) -> impl Iterator<Item = (&Moment, Index, &Entry)> {
        self.moments.iter().filter_map(|moment| match &moment.what {
            What::Applied { index, entry } => Some((moment, *index, entry)),
            _ => None,
        })
    }
}

impl Moment {
    /// The entry of the server's log at `index`; nothing if the log has none there.
    pub fn entry(&self, index: Index) -> Option<&Entry> {
        self.log.get(usize::try_from(index.0).ok()?.checked_sub(1)?)
    }
}

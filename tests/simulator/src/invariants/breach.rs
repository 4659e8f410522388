//! A property that does not hold, as a value.

use std::fmt;

use protocol::{Index, ServerId, Term};
use serde::{Deserialize, Serialize};

/// A property that must hold after every event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Property {
    /// Figure 3: "at most one leader can be elected in a given term" (§5.2).
    ElectionSafety,
    /// Figure 3: "a leader never overwrites or deletes entries in its log; it only appends new
    /// entries" (§5.3).
    LeaderAppendOnly,
    /// Figure 3: "if two logs contain an entry with the same index and term, then the logs are
    /// identical in all entries up through the given index" (§5.3).
    LogMatching,
    /// Figure 3: "if a log entry is committed in a given term, then that entry will be present in the
    /// logs of the leaders for all higher-numbered terms" (§5.4).
    LeaderCompleteness,
    /// Figure 3: "if a server has applied a log entry at a given index to its state machine, no other
    /// server will ever apply a different log entry for the same index" (§5.4.3).
    StateMachineSafety,
    /// Figure 2: the current term "increases monotonically".
    TermNeverFalls,
    /// §5.2: "each server will vote for at most one candidate in a given term".
    OneVoteATerm,
    /// Figure 2: the commit index "increases monotonically".
    CommitNeverFalls,
    /// Figure 2: the last applied index "increases monotonically".
    AppliedNeverFalls,
    /// A server applies only entries that it knows to be committed, and knows only entries that it holds to
    /// be committed.
    AppliedIsCommitted,
    /// Only applied entries are replaced by a snapshot (§7).
    CompactedIsApplied,
    /// An entry that a server knows to be committed stays in its log as it is (§5.4).
    CommittedStays,
    /// An entry that a majority has acknowledged in its own term is committed: later leaders hold it (§5.3, §5.4).
    AcknowledgedStays,
    /// What a message says about its sender is true, and what a client learns about the leader may be (Figure 2).
    MessageIsTrue,
    /// Role, term and election timer change as Figures 2 and 4 say.
    ChangesAsFigure4,
    /// A follower commits what a request has shown to be committed, and no more (Figure 2).
    CommitsWhatIsShown,
    /// A server answers each request once, while it handles it.
    OneAnswer,
    /// What a server has told others, it still knows after a crash (Figure 2).
    AnsweredIsKept,
}

impl Property {
    /// The name: the paper's, where the paper has one.
    pub fn name(self) -> &'static str {
        match self {
            Property::ElectionSafety => "Election Safety",
            Property::LeaderAppendOnly => "Leader Append-Only",
            Property::LogMatching => "Log Matching",
            Property::LeaderCompleteness => "Leader Completeness",
            Property::StateMachineSafety => "State Machine Safety",
            Property::TermNeverFalls => "Terms never fall",
            Property::OneVoteATerm => "One vote a term",
            Property::CommitNeverFalls => "The commit index never falls",
            Property::AppliedNeverFalls => "The applied index never falls",
            Property::AppliedIsCommitted => "Only committed entries are applied",
            Property::CompactedIsApplied => "Only applied entries are compacted",
            Property::CommittedStays => "Committed entries stay",
            Property::AcknowledgedStays => "What a majority has acknowledged stays",
            Property::MessageIsTrue => "A message is true of its sender",
            Property::ChangesAsFigure4 => "Roles and terms change as in Figure 4",
            Property::CommitsWhatIsShown => "A follower commits what it was shown",
            Property::OneAnswer => "One answer a request",
            Property::AnsweredIsKept => "What a server has told others survives a crash",
        }
    }

    /// The rule in one sentence, with its place in the paper.
    pub fn rule(self) -> &'static str {
        match self {
            Property::ElectionSafety => {
                "Figure 3, Election Safety (§5.2): at most one leader can be elected in a given term."
            }
            Property::LeaderAppendOnly => {
                "Figure 3, Leader Append-Only (§5.3): a leader never overwrites or deletes entries in \
                 its log; it only appends new ones."
            }
            Property::LogMatching => {
                "Figure 3, Log Matching (§5.3): if two logs contain an entry with the same index and \
                 term, the logs are identical in all entries up to there."
            }
            Property::LeaderCompleteness => {
                "Figure 3, Leader Completeness (§5.4): an entry committed in some term is present in \
                 the logs of the leaders of all higher terms."
            }
            Property::StateMachineSafety => {
                "Figure 3, State Machine Safety (§5.4.3): no two servers ever apply different entries \
                 at the same index."
            }
            Property::TermNeverFalls => {
                "Figure 2, State (§5.1): currentTerm increases monotonically."
            }
            Property::OneVoteATerm => {
                "§5.2: each server votes for at most one candidate in a given term, and Figure 2's \
                 votedFor belongs to the current term: it changes only with the term."
            }
            Property::CommitNeverFalls => "Figure 2, State: commitIndex increases monotonically.",
            Property::AppliedNeverFalls => "Figure 2, State: lastApplied increases monotonically.",
            Property::AppliedIsCommitted => {
                "Rules for Servers, All Servers (§5.3): only entries up to commitIndex are applied, \
                 and commitIndex lies within the log."
            }
            Property::CompactedIsApplied => {
                "§7, Figure 12: a snapshot replaces committed entries that the state machine has \
                 applied; everything after them stays in the log."
            }
            Property::CommittedStays => {
                "§5.4: once an entry is committed, it is never removed; no correct leader asks a \
                 server to remove it."
            }
            Property::AcknowledgedStays => {
                "§5.3, §5.4: an entry is committed once the leader that created it has it on a majority \
                 of the servers, and the leaders of all higher terms hold what is committed."
            }
            Property::MessageIsTrue => {
                "Figure 2, RequestVote RPC and AppendEntries RPC: a request or reply carries the term of its \
                 sender, its name, its log and its commit index as they are, and \"success\" or a vote only if \
                 that is so."
            }
            Property::ChangesAsFigure4 => {
                "Figure 4 and Figure 2, Rules for Servers (§5.2): candidates go from one term to the next and \
                 ask for votes, a winner sends heartbeats to all others at once, and whoever hears the leader \
                 of its term is a follower. Election timeouts come from a fixed range."
            }
            Property::CommitsWhatIsShown => {
                "Figure 2, AppendEntries RPC, step 5: \"if leaderCommit > commitIndex, set commitIndex = \
                 min(leaderCommit, index of last new entry)\"."
            }
            Property::OneAnswer => {
                "Figure 2: an RPC has one result. Answer each request once, while it is handled."
            }
            Property::AnsweredIsKept => {
                "Figure 2, State: currentTerm, votedFor and log[] are \"updated on stable storage before \
                 responding to RPCs\": others rely on what they were told, even after the server has \
                 crashed."
            }
        }
    }
}

impl Property {
    /// Whether it is about how one event is handled: see [`Conduct`](crate::Conduct).
    pub fn is_conduct(self) -> bool {
        matches!(
            self,
            Property::MessageIsTrue | Property::ChangesAsFigure4 | Property::CommitsWhatIsShown
        )
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A property that did not hold after an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// The property that did not hold.
    pub property: Property,
    /// The servers concerned, beginning with the one that handled the event.
    pub servers: Vec<ServerId>,
    /// The terms concerned, in an order that depends on the property.
    pub terms: Vec<Term>,
    /// The place in the log, if the property is about one.
    pub index: Option<Index>,
    /// The number of the event after which it did not hold, from 1.
    pub event: u64,
    /// What was seen, as one sentence for the learner.
    pub what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.property, self.what)
    }
}

impl std::error::Error for Breach {}

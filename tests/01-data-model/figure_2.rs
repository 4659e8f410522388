//! The box "State" of Figure 2 as data, for exercise 1.3.

use super::own_state::{Kind, Place, Who};

/// A variable of the figure.
pub(super) struct Row {
    /// Its name in the figure.
    pub(super) paper: &'static str,
    pub(super) kind: Kind,
    pub(super) place: Place,
    pub(super) who: Who,
    /// A question that a server without it cannot answer.
    pub(super) open: &'static str,
    /// Why it is where it is.
    pub(super) place_matters: &'static str,
    /// Why these servers keep it.
    pub(super) who_matters: &'static str,
    /// What has become of it in the lab's own server.
    pub(super) given: &'static str,
}

const EVERYONE: &str =
    "Every server needs it, whatever its role is: it may vote, follow or lead next.";
const ONLY_LEADERS: &str = "Only a leader sends entries, and a new leader begins with new values. A follower would keep \
     numbers that are wrong as soon as another server leads.";

pub(super) static STATE: [Row; 7] = [
    Row {
        paper: "currentTerm",
        kind: Kind::Term,
        place: Place::Disk,
        who: Who::All,
        open: "a request of term 3 arrives. Is it old?",
        place_matters: "A server that has forgotten its term accepts leaders of older terms, and votes again in terms in \
                        which it has voted.",
        who_matters: EVERYONE,
        given: "current_term: Term",
    },
    Row {
        paper: "votedFor",
        kind: Kind::MaybeServer,
        place: Place::Disk,
        who: Who::All,
        open: "a second candidate of this term asks for a vote. May it have it?",
        place_matters: "A server that votes, crashes and comes back votes a second time in the same term, and two leaders \
                        can be elected (§5.2).",
        who_matters: EVERYONE,
        given: "voted_for: Option<ServerId>",
    },
    Row {
        paper: "log[]",
        kind: Kind::Entries,
        place: Place::Disk,
        who: Who::All,
        open: "which commands did the server receive, and in which order?",
        place_matters: "The leader counts this server's copy toward a majority. If a crash takes it, a committed entry \
                        can be lost.",
        who_matters: EVERYONE,
        given: "log: Log",
    },
    Row {
        paper: "commitIndex",
        kind: Kind::Index,
        place: Place::Memory,
        who: Who::All,
        open: "which entries may be executed?",
        place_matters: "After a restart, the leader's next request says it again. On disk it would not be wrong, but every \
                        commit would cost a write.",
        who_matters: "A follower executes what is committed, too, and it learns from the leader how far that is.",
        given: "commit_index: Index",
    },
    Row {
        paper: "lastApplied",
        kind: Kind::Index,
        place: Place::Memory,
        who: Who::All,
        open: "an entry is committed. Was it executed already? (The commit index says only that it may be.)",
        place_matters: "The state machine is in memory, and empty after a restart. A server that remembered that it had \
                        executed the entries would never execute them again.",
        who_matters: "Each server has a state machine of its own.",
        given: "last_applied: Index",
    },
    Row {
        paper: "nextIndex[]",
        kind: Kind::IndexOfEach,
        place: Place::Memory,
        who: Who::Leaders,
        open: "which entries does the next request to S3 carry?",
        place_matters: "A server that restarts does not lead, and a leader reinitializes it after its election.",
        who_matters: ONLY_LEADERS,
        given: "role: Role::Leader { progress }, next_index",
    },
    Row {
        paper: "matchIndex[]",
        kind: Kind::IndexOfEach,
        place: Place::Memory,
        who: Who::Leaders,
        open: "which servers certainly hold entry 7? (What was sent to them is not what they have.)",
        place_matters: "A server that restarts does not lead, and a leader reinitializes it after its election.",
        who_matters: ONLY_LEADERS,
        given: "role: Role::Leader { progress }, match_index",
    },
];

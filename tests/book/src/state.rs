//! What a server shows in a figure, and how it changes.

use protocol::{Entry, Index, RoleName, ServerId, Term};
use simulator::{InitialRole, InitialState, TraceEvent};

/// What a server shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) up: bool,
    pub(crate) role: RoleName,
    pub(crate) term: Term,
    pub(crate) vote: Option<ServerId>,
    /// The terms of its entries.
    pub(crate) log: Vec<Term>,
    pub(crate) commit: Index,
}

impl State {
    /// A server that was never started.
    pub(crate) fn new() -> Self {
        State {
            up: true,
            role: RoleName::Follower,
            term: Term(0),
            vote: None,
            log: Vec::new(),
            commit: Index(0),
        }
    }

    /// A server as a script gives it.
    pub(crate) fn given(given: &InitialState) -> Self {
        State {
            up: true,
            role: match given.role {
                InitialRole::Follower(_) => RoleName::Follower,
                InitialRole::Candidate(_) => RoleName::Candidate,
                InitialRole::Leader => RoleName::Leader,
            },
            term: given.current_term,
            vote: given.voted_for,
            log: terms(&given.log),
            commit: given.commit_index,
        }
    }

    /// The server when it is started again: upon its disk, or as if it were new.
    pub(crate) fn restarted(&self, durable: bool) -> Self {
        if !durable {
            return State::new();
        }
        State { up: true, role: RoleName::Follower, commit: Index(0), ..self.clone() }
    }

    /// The server after what happened to it, and which one it was, if it is a change of one.
    pub(crate) fn after(states: &[State], what: &TraceEvent) -> Option<(ServerId, State)> {
        let TraceEvent::Changed {
            server,
            role,
            current_term,
            voted_for,
            commit_index,
            log_from,
            log,
            ..
        } = what
        else {
            return None;
        };
        let before = &states[slot(*server)];
        let mut state = State {
            up: true,
            role: *role,
            term: *current_term,
            vote: *voted_for,
            log: before.log.clone(),
            commit: *commit_index,
        };
        if let Some(from) = log_from {
            state.log.truncate(usize::try_from(from.prev().0).unwrap_or(usize::MAX));
            state.log.extend(terms(log));
        }
        Some((*server, state))
    }
}

/// A server's place in a list of all: S1 stands first.
pub(crate) fn slot(id: ServerId) -> usize {
    usize::try_from(id.0.saturating_sub(1)).unwrap_or(usize::MAX)
}

/// The states in which the servers of a run begin.
pub(crate) fn at_first(run: &gates::scenario::Run) -> Vec<State> {
    let state = |id| run.given.get(&ServerId(id)).map_or_else(State::new, State::given);
    (1..=run.servers).map(state).collect()
}

/// A role as the paper names it.
pub(crate) fn role(role: RoleName) -> &'static str {
    match role {
        RoleName::Follower => "follower",
        RoleName::Candidate => "candidate",
        RoleName::Leader => "leader",
    }
}

pub(crate) fn terms(entries: &[Entry]) -> Vec<Term> {
    entries.iter().map(|entry| entry.term).collect()
}

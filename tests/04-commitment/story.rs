//! What a run was about, seen with the eyes of Figure 8.

use std::collections::BTreeMap;
use std::fmt;

use gates::scenario::Run;
use gates::simulator::{InitialRole, InitialState, TraceEvent};

use super::subject::protocol::{Index, RoleName, ServerId, Term};

/// The states that a run went through.
pub(super) struct Story {
    servers: BTreeMap<ServerId, Seen>,
    /// Figure 8 (a) and (b): whether two servers have held different entries at one index.
    pub(super) rivals: bool,
    /// Figure 8 (c), the first time that it was so.
    pub(super) held: Option<Held>,
    /// Figure 8 (e): where that entry came to be committed by the same leader.
    pub(super) committed: Option<Index>,
}

/// What was seen last of a server.
#[derive(Clone)]
struct Seen {
    role: RoleName,
    term: Term,
    commit: Index,
    log: Vec<Term>,
}

/// An entry that a majority holds, and that the leader of a newer term has not committed.
#[derive(Clone, Copy)]
pub(super) struct Held {
    leader: ServerId,
    term: Term,
    index: Index,
    entry: Term,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Held { leader, term, index, entry } = self;
        write!(
            f,
            "a majority holds the entry of term {entry} at index {index}, and {leader} leads term {term}"
        )
    }
}

impl From<&InitialState> for Seen {
    fn from(given: &InitialState) -> Self {
        let role = match given.role {
            InitialRole::Follower(_) => RoleName::Follower,
            InitialRole::Candidate(_) => RoleName::Candidate,
            InitialRole::Leader => RoleName::Leader,
        };
        let log = given.log.iter().map(|entry| entry.term).collect();
        Seen { role, term: given.current_term, commit: given.commit_index, log }
    }
}

impl Seen {
    fn at(&self, index: Index) -> Option<Term> {
        self.log.get(usize::try_from(index.0).ok()?.checked_sub(1)?).copied()
    }
}

impl Story {
    pub(super) fn of(run: &Run) -> Story {
        let servers = run.given.iter().map(|(&server, given)| (server, Seen::from(given)));
        let mut story =
            Story { servers: servers.collect(), rivals: false, held: None, committed: None };
        for traced in &run.trace {
            match &traced.what {
                TraceEvent::Event { server, .. } => story.meet(*server),
                TraceEvent::Changed {
                    server,
                    role,
                    current_term,
                    commit_index,
                    log_from,
                    log,
                    ..
                } => {
                    story.meet(*server);
                    if let Some(seen) = story.servers.get_mut(server) {
                        (seen.role, seen.term, seen.commit) = (*role, *current_term, *commit_index);
                        if let Some(from) = log_from {
                            let kept = from.0.saturating_sub(1);
                            seen.log.truncate(usize::try_from(kept).unwrap_or(usize::MAX));
                            seen.log.extend(log.iter().map(|entry| entry.term));
                        }
                    }
                    story.look(*server);
                }
                _ => {}
            }
        }
        story
    }

    pub(super) fn servers(&self) -> usize {
        self.servers.len()
    }

    fn meet(&mut self, server: ServerId) {
        self.servers.entry(server).or_insert_with(|| Seen::from(&InitialState::default()));
    }

    /// What the state of the moment means.
    fn look(&mut self, changed: ServerId) {
        self.rivals |= self.rivals();
        if self.held.is_none() {
            self.held = self.held();
        }
        let (Some(held), Some(seen)) = (self.held, self.servers.get(&changed)) else { return };
        let by_itself = changed == held.leader && seen.term == held.term;
        if by_itself && seen.commit > held.index && seen.at(seen.commit) == Some(held.term) {
            self.committed.get_or_insert(seen.commit);
        }
    }

    fn rivals(&self) -> bool {
        let longest = self.servers.values().map(|seen| seen.log.len()).max().unwrap_or(0);
        (1..=longest as u64).map(Index).any(|index| {
            let mut entries = self.servers.values().filter_map(|seen| seen.at(index));
            let first = entries.next();
            entries.any(|entry| Some(entry) != first)
        })
    }

    /// Figure 8 (c): a leader has an entry of an older term, which it has not committed, on a majority;
    /// and elsewhere a later entry is at its index, so that it may still be overwritten.
    fn held(&self) -> Option<Held> {
        self.servers.iter().filter(|(_, seen)| seen.role == RoleName::Leader).find_map(
            |(&leader, seen)| {
                let not_committed = (seen.commit.0 + 1..=seen.log.len() as u64).map(Index);
                not_committed.into_iter().find_map(|index| {
                    let entry = seen.at(index).filter(|&entry| entry < seen.term)?;
                    let holds = |other: &&Seen| other.at(index) == Some(entry);
                    let holders = self.servers.values().filter(holds).count();
                    let rival = self.servers.values().any(|other| other.at(index) > Some(entry));
                    let held = Held { leader, term: seen.term, index, entry };
                    (holders * 2 > self.servers.len() && rival).then_some(held)
                })
            },
        )
    }
}

//! What the recorder last saw of each server.

use std::collections::BTreeMap;

use protocol::{Entry, FollowerProgress, Index, Node, RoleName, ServerId, Term};

/// A server, as the recorder last saw it.
#[derive(Clone, Debug, Default)]
pub(super) struct RecordedServer {
    /// Everything but the log; `None` before it was seen for the first time.
    pub(super) state: Option<ServerState>,
    /// Its entries from index 1 on, including what it has compacted since.
    pub(super) log: Vec<Entry>,
    pub(super) progress: BTreeMap<ServerId, FollowerProgress>,
    /// Bytes on its disk: what a crash would leave, and what it would take away.
    pub(super) disk: (u64, u64),
    /// Its `Debug` output, as text and taken apart.
    pub(super) printed: Option<(String, BTreeMap<String, String>)>,
}

/// A server's state without its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServerState {
    pub(super) is_up: bool,
    pub(super) role: RoleName,
    pub(super) term: Term,
    pub(super) vote: Option<ServerId>,
    pub(super) commit: Index,
    pub(super) applied: Index,
    pub(super) base: Index,
    pub(super) last: Index,
    pub(super) members: String,
}

impl ServerState {
    pub(super) fn of(node: &dyn Node) -> Self {
        ServerState {
            is_up: true,
            role: node.role(),
            term: node.current_term(),
            vote: node.voted_for(),
            commit: node.commit_index(),
            applied: node.last_applied(),
            base: node.base().0,
            last: node.last_index(),
            members: super::words::names(node.members()),
        }
    }

    /// What is different from `before`, in words.
    pub(super) fn since(&self, before: &ServerState) -> Vec<String> {
        let mut words = Vec::new();
        if self.term != before.term {
            words.push(format!("term {}", self.term));
        }
        if self.role != before.role {
            words.push(match self.role {
                RoleName::Follower => "becomes follower".to_owned(),
                RoleName::Candidate => "becomes candidate".to_owned(),
                RoleName::Leader => format!("becomes leader of term {}", self.term),
            });
        }
        match self.vote {
            Some(vote) if self.vote != before.vote || self.term != before.term => {
                words.push(format!("votes for {vote}"));
            }
            None if before.vote.is_some() && self.term == before.term => {
                words.push("no longer has a vote".to_owned());
            }
            _ => {}
        }
        if self.commit != before.commit {
            words.push(format!("commit index {}", self.commit));
        }
        if self.applied != before.applied && self.applied != self.commit {
            words.push(format!("applied {}", self.applied));
        }
        if self.base != before.base {
            words.push(format!("compacted up to {}", self.base));
        }
        if self.members != before.members {
            words.push(format!("members {}", self.members));
        }
        words
    }
}

/// The first index at which a server's log differs from `known`, and its entries from there on. Entries at or below
/// the base are those that are known; `None` is one that is not. Only the last entries are compared, unless `all`
/// are, which takes longer the longer the log is.
pub(super) fn new_entries(
    node: &dyn Node,
    known: &[Entry],
    all: bool,
) -> Option<(Index, Vec<Option<Entry>>)> {
    let (base, last) = (node.base().0, node.last_index());
    let known_last = Index(known.len() as u64);
    let same = |index: Index| {
        index <= known_last && (index <= base || node.entry(index) == known.get(position(index)))
    };
    // What is new is at the end, up to an entry that is the same.
    let new = (1..=last.0).map(Index).rev().take_while(|&index| !same(index)).last();
    let lowest = if all { 1 } else { last.0.saturating_sub(NEAR) + 1 };
    let changed = (lowest..=last.0).map(Index).find(|&index| !same(index));
    let is_shorter = last < known_last;
    let first = new.into_iter().chain(changed).min().or(is_shorter.then(|| last.next()))?;
    let entries = (first.0..=last.0).map(Index).map(|index| node.entry(index).cloned());
    Some((first, entries.collect()))
}

/// How many of the last entries are compared after each event. A right server changes no others, and the end of a
/// run compares all.
const NEAR: u64 = 8;

fn position(index: Index) -> usize {
    usize::try_from(index.0.wrapping_sub(1)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> ServerState {
        ServerState {
            is_up: true,
            role: RoleName::Follower,
            term: Term(1),
            vote: Some(ServerId(2)),
            commit: Index(0),
            applied: Index(0),
            base: Index(0),
            last: Index(0),
            members: "S1 S2 S3".to_owned(),
        }
    }

    #[test]
    fn a_change_is_told_in_words() {
        let now = ServerState { term: Term(2), vote: None, ..state() };
        assert_eq!(now.since(&state()), ["term 2"]);
        let now = ServerState { vote: None, ..state() };
        assert_eq!(now.since(&state()), ["no longer has a vote"]);
        let now = ServerState { vote: Some(ServerId(3)), commit: Index(2), ..state() };
        assert_eq!(now.since(&state()), ["votes for S3", "commit index 2"]);
        assert!(state().since(&state()).is_empty());
    }
}

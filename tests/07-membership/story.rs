//! What a run was about: the changes of the configuration in it, and what failed meanwhile.

use std::collections::BTreeMap;

use gates::scenario::Run;
use gates::simulator::TraceEvent;

use super::subject::protocol::{Entry, Index, Members, Payload, RoleName, ServerId};

/// The changes of a run.
#[derive(Default)]
pub(super) struct Story {
    servers: BTreeMap<ServerId, LastState>,
    /// A leader has put a configuration into its log.
    pub(super) begun: bool,
    /// Something failed while a change was in a log and not committed: a server crashed, or a message was
    /// lost.
    pub(super) failed: bool,
}

/// The last known state of a server.
#[derive(Default)]
struct LastState {
    down: bool,
    log: Vec<Entry>,
    commit: u64,
}

impl LastState {
    /// The last configuration in its log beyond `from` and up to `to`, with its index.
    fn configuration(&self, from: u64, to: u64) -> Option<(u64, &Members)> {
        let entries = (1..).zip(&self.log).filter(|(index, _)| (from + 1..=to).contains(index));
        let members = |(index, entry): (u64, &'_ Entry)| match &entry.payload {
            Payload::Members(_) => Some(index),
            _ => None,
        };
        let index = entries.filter_map(members).last()?;
        match &self.log[usize::try_from(index - 1).ok()?].payload {
            Payload::Members(members) => Some((index, members)),
            _ => None,
        }
    }
}

impl Story {
    pub(super) fn of(run: &Run) -> Story {
        let mut story = Story::default();
        for (&server, given) in &run.given {
            let Index(commit) = given.commit_index;
            story.servers.insert(server, LastState { down: false, log: given.log.clone(), commit });
        }
        for traced in &run.trace {
            match &traced.what {
                TraceEvent::Changed { server, role, commit_index, log_from, log, .. } => {
                    let seen = story.servers.entry(*server).or_default();
                    if let Some(Index(from)) = log_from {
                        seen.log.truncate(usize::try_from(from - 1).unwrap_or(usize::MAX));
                        seen.log.extend(log.iter().cloned());
                    }
                    seen.commit = commit_index.0;
                    story.begun |= *role == RoleName::Leader
                        && log.iter().any(|entry| matches!(entry.payload, Payload::Members(_)));
                }
                TraceEvent::Crashed { server } => {
                    story.failed |= story.is_open();
                    story.servers.entry(*server).or_default().down = true;
                }
                TraceEvent::Restarted { server } => {
                    let seen = story.servers.entry(*server).or_default();
                    (seen.down, seen.commit) = (false, 0);
                }
                TraceEvent::Lost { .. } => story.failed |= story.is_open(),
                _ => {}
            }
        }
        story
    }

    /// Whether some log holds a configuration that no server knows to be committed.
    fn is_open(&self) -> bool {
        let committed = self.servers.values().map(|seen| seen.commit).max().unwrap_or(0);
        self.servers.values().any(|seen| seen.configuration(committed, u64::MAX).is_some())
    }

    /// The last configuration that some server knows to be committed; and those of its members that are up
    /// and do not know that.
    pub(super) fn in_force(&self) -> Option<(Members, Members)> {
        let newest = |seen: &LastState| {
            let (index, members) = seen.configuration(0, seen.commit)?;
            Some((index, members.clone()))
        };
        let (index, members) = self.servers.values().filter_map(newest).max()?;
        let knows = |id: &ServerId| self.servers.get(id).is_some_and(|seen| seen.commit >= index);
        let is_up = |id: &ServerId| self.servers.get(id).is_none_or(|seen| !seen.down);
        let others = members.iter().copied().filter(|id| is_up(id) && !knows(id)).collect();
        Some((members, others))
    }
}

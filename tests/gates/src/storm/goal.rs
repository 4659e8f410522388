//! The goal of a storm: what it consists of, and what must happen in it besides safety.

use simulator::Conduct;

/// What a storm consists of, and what must happen once the network has healed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// One server leads, all others are in its term, and it stays the leader. There are no clients; often servers
    /// begin with entries that some of them know to be committed.
    StableLeader,
    /// Clients send commands, and in the end all logs are the same.
    LogsAgree,
    /// Clients send commands, and in the end everything is committed and applied. Every request was answered,
    /// and the answers could have come from a single store.
    Linearizable,
    /// The same, while servers crash, even inside a write, and come back from their disks, and disks fail.
    Durable,
    /// The same, while snapshots are taken often and sent in small chunks.
    Compacted,
    /// The same, while servers are added and removed. What must happen must happen among the members.
    Reconfigured,
}

impl Goal {
    /// Whether clients send commands.
    pub(super) fn has_clients(self) -> bool {
        self != Goal::StableLeader
    }

    /// Whether what a majority has acknowledged counts as committed. Where servers commit nothing, only this shows
    /// that an entry was lost.
    pub(super) fn judges_acknowledgements(self) -> bool {
        self == Goal::LogsAgree
    }

    /// How much of the servers' conduct is judged: what they have learned by this module.
    pub(super) fn conduct(self) -> Conduct {
        match self {
            Goal::StableLeader => Conduct::Elections,
            Goal::LogsAgree => Conduct::Logs,
            Goal::Linearizable | Goal::Durable | Goal::Compacted | Goal::Reconfigured => {
                Conduct::Commits
            }
        }
    }

    /// Whether servers crash and disks fail.
    pub(super) fn has_crashes(self) -> bool {
        matches!(self, Goal::Durable | Goal::Compacted | Goal::Reconfigured)
    }

    /// Whether limits are small: those of snapshots, their chunks, and the entries of one request.
    pub(super) fn has_small_limits(self) -> bool {
        matches!(self, Goal::Compacted | Goal::Reconfigured)
    }

    /// Whether servers may begin in the middle of their lives, with logs that differ.
    pub(super) fn has_history(self) -> bool {
        !self.has_results()
    }

    /// Whether leaders commit what clients send.
    pub(super) fn has_results(self) -> bool {
        !matches!(self, Goal::StableLeader | Goal::LogsAgree)
    }

    /// Whether leaders hold out against servers that reach only some of a quorum (module 7). Before that, a leader
    /// that can send and not hear may hold its followers forever, and a server that does not hear the leader may
    /// depose it again and again, before the log of a follower is repaired: Figure 2 allows both.
    pub(super) fn has_stable_leaders(self) -> bool {
        self == Goal::Reconfigured
    }

    /// Whether servers are added and removed.
    pub(super) fn has_changes(self) -> bool {
        self == Goal::Reconfigured
    }
}

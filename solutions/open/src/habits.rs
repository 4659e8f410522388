//! What a right server may do in one way or another.

/// What Raft leaves open. Every combination is safe. A server that ignores candidates (`pre_vote`, `leader_lease`)
/// needs `check_quorum` too: otherwise a leader that reaches only a minority can keep the others from electing another
/// one (dissertation §6.2). The default is the paper's Raft with the no-op of §8, and without what is optional.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a habit, and any goes with any other")]
pub struct Habits {
    /// A candidate that still waits for replies asks again at each heartbeat interval (§5.1: "Servers retry
    /// RPCs if they do not receive a response in a timely manner").
    pub asks_again: bool,
    /// A candidate that a majority has rejected returns to follower state before its timer runs out.
    pub concedes: bool,
    /// A leader answers a vote that comes too late with a heartbeat.
    pub greets_late_voters: bool,
    /// The election timer is left to run out. If the server has heard from a leader in the meantime, the timer is armed
    /// again, and no election starts.
    pub lazy_timer: bool,
    /// A reply is stale if its RPC was sent before the current term began, and not if its request has another
    /// term.
    pub stale_by_call: bool,
    /// A server asks whether it could win before it starts an election (pre-vote, dissertation §9.6).
    pub pre_vote: bool,
    /// A server that hears a leader ignores candidates (§6; dissertation §4.2.3).
    pub leader_lease: bool,
    /// A leader steps down when an election timeout passes without replies from a majority (dissertation
    /// §6.2).
    pub check_quorum: bool,
    /// A leader begins its term with a no-op (§8). Without it, entries of earlier terms, reads and changes of
    /// the configuration wait for the next command.
    pub no_op: bool,
    /// A new leader sends empty heartbeats first, and its no-op in RPCs that follow them.
    pub heartbeat_first: bool,
    /// What a follower says about its log when it rejects a request (§5.3, at the end).
    pub hints: Hints,
    /// When a leader sends to a follower that has not replied yet.
    pub flow: Flow,
    /// An AppendEntries RPC carries one entry at most, whatever `Config::max_entries` says.
    pub single_entries: bool,
    /// A leader sends nothing between two heartbeats but new commands: it does not answer a reply at once.
    pub waits_for_heartbeat: bool,
    /// A leader sends its commit index as soon as it has advanced, and not with the next RPC.
    pub announces_commit: bool,
    /// A command that was executed before is answered at once, and not entered into the log again (§8).
    pub answers_repeated: bool,
    /// How reads are served (§8; dissertation §6.4).
    pub reads: Reads,
    /// A deposed leader tells clients that wait for a read `Unknown`, and not `NotLeader`. Both are true.
    pub reads_end_unknown: bool,
    /// The number of entries before a snapshot's end that stay in the log, in place of
    /// `Config::snapshot_tail`.
    pub tail: Option<usize>,
    /// Figure 13, steps 5 and 6, to the letter: a received snapshot that ends within the committed entries is
    /// saved and compacts the log. Otherwise such a snapshot is ignored.
    pub keeps_old_snapshots: bool,
    /// Term and vote are also kept in a small file of their own, which is written when nothing else has
    /// changed.
    pub ballot_file: bool,
}

impl Default for Habits {
    fn default() -> Self {
        Habits {
            asks_again: false,
            concedes: false,
            greets_late_voters: false,
            lazy_timer: false,
            stale_by_call: false,
            pre_vote: false,
            leader_lease: false,
            check_quorum: false,
            no_op: true,
            heartbeat_first: false,
            hints: Hints::None,
            flow: Flow::Eager,
            single_entries: false,
            waits_for_heartbeat: false,
            announces_commit: false,
            answers_repeated: false,
            reads: Reads::Refused,
            reads_end_unknown: false,
            tail: None,
            keeps_old_snapshots: false,
            ballot_file: false,
        }
    }
}

/// What a follower says about its log when it rejects an AppendEntries request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hints {
    /// Nothing: the leader steps back one entry at a time.
    None,
    /// Where its log ends, if it ends too early.
    Length,
    /// The term of the conflicting entry, and the first index of that term.
    Term,
}

/// When a leader sends to a follower that has not replied yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Whenever there is something new, beginning with the first entry that is not acknowledged.
    Eager,
    /// Not before the reply, or the next heartbeat.
    OneInFlight,
    /// Whenever there is something new; each request begins where the previous one ended.
    Pipelined,
}

/// How a leader serves reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// When a majority has confirmed the leader. Before the leader has committed an entry of its own term,
    /// it refuses.
    Refused,
    /// The same, but a read that comes too early waits until then.
    Waiting,
    /// Each read is an entry of the log, and served when that is applied.
    Logged,
}

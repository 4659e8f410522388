//! Figure 2 as a table of rules. Given: read it before exercise 1.6.
//!
//! A server is a state ([`RaftNode`]) and a table of plain functions, one *row* for each thing that
//! can happen to it. The event loop finds out what happened and runs the row. Each module of the
//! course fills rows, or puts better ones in place of a former module's:
//!
//! ```text
//! pub const RULES: Rules = Rules { start, election_timeout, request_vote, ..data_model::RULES };
//! ```
//!
//! A row calls another row through the table only (`(node.rules.elected)(node, out)`), so that a
//! later module's row is found.

use std::fmt;
use std::io;

use protocol::{
    AppendEntries, AppendEntriesReply, CallId, ClientError, ClientRequest, InstallSnapshot,
    InstallSnapshotReply, PreVote, PreVoteReply, Reply, Request, RequestId, RequestVote,
    RequestVoteReply, ServerId, TimeoutNow, TimeoutNowReply,
};

use crate::{Outbox, RaftNode};

/// What a server does, row by row. The comment behind each row names the module that fills it first.
#[derive(Clone, Copy)]
pub struct Rules {
    /// Before anything else: the state from the disk. (5)
    pub recover: fn(&mut RaftNode) -> io::Result<()>,
    /// The server has started. (2)
    pub start: fn(&mut RaftNode, &mut Outbox),
    /// The election timer ran out. (2)
    pub election_timeout: fn(&mut RaftNode, &mut Outbox),
    /// RequestVote, receiver implementation. (2)
    pub request_vote: fn(&mut RaftNode, &RequestVote, &mut Outbox) -> RequestVoteReply,
    /// The answer to a RequestVote of the current term. (2)
    pub request_vote_reply:
        fn(&mut RaftNode, ServerId, &RequestVote, &RequestVoteReply, &mut Outbox),
    /// This server has just become leader. (2)
    pub elected: fn(&mut RaftNode, &mut Outbox),
    /// This server was leader and is not any more, or not of the same term. (2)
    pub deposed: fn(&mut RaftNode, &mut Outbox),
    /// The heartbeat timer ran out. (2)
    pub heartbeat_timeout: fn(&mut RaftNode, &mut Outbox),
    /// AppendEntries, receiver implementation. (2, 3)
    pub append_entries: fn(&mut RaftNode, &AppendEntries, &mut Outbox) -> AppendEntriesReply,
    /// The answer to an AppendEntries of the current term. (3)
    pub append_entries_reply:
        fn(&mut RaftNode, ServerId, &AppendEntries, &AppendEntriesReply, &mut Outbox),
    /// Send a follower what it needs: a heartbeat at least. (2, 3)
    pub replicate_to: fn(&mut RaftNode, ServerId, &mut Outbox),
    /// A client asks. (3)
    pub client_request: fn(&mut RaftNode, RequestId, ClientRequest, &mut Outbox),
    /// Perhaps more is committed now. (4)
    pub advance_commit: fn(&mut RaftNode, &mut Outbox),
    /// Apply what is committed. (4)
    pub apply: fn(&mut RaftNode, &mut Outbox),
    /// Put on disk what changed. (5)
    pub persist: fn(&mut RaftNode) -> io::Result<()>,
    /// InstallSnapshot, receiver implementation. (6)
    pub install_snapshot: fn(&mut RaftNode, &InstallSnapshot, &mut Outbox) -> InstallSnapshotReply,
    /// The answer to an InstallSnapshot of the current term. (6)
    pub install_snapshot_reply:
        fn(&mut RaftNode, ServerId, &InstallSnapshot, &InstallSnapshotReply, &mut Outbox),
    /// Rows that late or bonus exercises fill.
    pub late: LateRules,
}

/// The rows of late and bonus exercises.
#[derive(Clone, Copy)]
pub struct LateRules {
    /// An answer given before the term rule, so that the server's term stays as it is (§6). (6)
    pub before_term: fn(&mut RaftNode, ServerId, &Request, &mut Outbox) -> Option<Reply>,
    /// No leader was heard for the minimum election timeout (§6). (6)
    pub quiet_timeout: fn(&mut RaftNode, &mut Outbox),
    /// The reply to a call of the current term came in, and its own row has run. (4)
    pub answered: fn(&mut RaftNode, CallId, ServerId, &Request, &Reply, &mut Outbox),
    /// Answer the reads that may be answered now. (4)
    pub serve_reads: fn(&mut RaftNode, &mut Outbox),
    /// Pre-vote, receiver implementation. (6)
    pub pre_vote: fn(&mut RaftNode, &PreVote, &mut Outbox) -> PreVoteReply,
    /// The answer to a pre-vote of the current term. (6)
    pub pre_vote_reply: fn(&mut RaftNode, ServerId, &PreVote, &PreVoteReply, &mut Outbox),
    /// The leader hands over. (6)
    pub timeout_now: fn(&mut RaftNode, &TimeoutNow, &mut Outbox) -> TimeoutNowReply,
}

/// Module 1 fills no row: nothing happens of itself, and every request is refused.
pub const RULES: Rules = Rules {
    recover: |_| Ok(()),
    start: |_, _| {},
    election_timeout: |_, _| {},
    request_vote: |node, _, _| RequestVoteReply { term: node.current_term, vote_granted: false },
    request_vote_reply: |_, _, _, _, _| {},
    elected: |_, _| {},
    deposed: |_, _| {},
    heartbeat_timeout: |_, _| {},
    append_entries: |node, _, _| AppendEntriesReply {
        term: node.current_term,
        success: false,
        conflict: None,
    },
    append_entries_reply: |_, _, _, _, _| {},
    replicate_to: |_, _, _| {},
    client_request: |_, id, _, out| out.client(id, Err(ClientError::Refused)),
    advance_commit: |_, _| {},
    apply: |_, _| {},
    persist: |_| Ok(()),
    install_snapshot: |node, _, _| InstallSnapshotReply { term: node.current_term, stored: 0 },
    install_snapshot_reply: |_, _, _, _, _| {},
    late: LateRules {
        before_term: |_, _, _, _| None,
        quiet_timeout: |_, _| {},
        answered: |_, _, _, _, _, _| {},
        serve_reads: |_, _| {},
        pre_vote: |node, _, _| PreVoteReply { term: node.current_term, vote_granted: false },
        pre_vote_reply: |_, _, _, _, _| {},
        timeout_now: |node, _, _| TimeoutNowReply { term: node.current_term },
    },
};

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rules")
    }
}

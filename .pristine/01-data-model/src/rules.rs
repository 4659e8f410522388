//! Figure 2 as a table of rules. Given: read it before exercise 1.6.
//!
//! A server is a state ([`RaftNode`]) and a table of plain functions, one *row* for each thing that
//! can happen to it. The event loop determines what happened and runs the row. Each module of the
//! course fills rows, or replaces those of an earlier module:
//!
//! ```text
//! pub const RULES: Rules = Rules { start, election_timeout, request_vote, ..data_model::RULES };
//! ```
//!
//! A row calls another row through the table (`node.replicate_to(peer, out)`), so that it finds the
//! latest module's version. Rows of later modules are explained there; until then you can skip them.

use std::fmt;
use std::io;

use protocol::{
    AppendEntries, AppendEntriesReply, CallId, ClientError, ClientRequest, Effect, Event,
    InstallSnapshot, InstallSnapshotReply, PreVote, PreVoteReply, Reply, Request, RequestId,
    RequestVote, RequestVoteReply, ServerId, TimeoutNow, TimeoutNowReply,
};

use crate::{Outbox, RaftNode};

/// What a server does, row by row, in the order in which the modules first fill the rows.
#[derive(Clone, Copy)]
pub struct Rules {
    // Module 2
    /// The server has started.
    pub start: fn(&mut RaftNode, &mut Outbox),
    /// The election timer ran out.
    pub election_timeout: fn(&mut RaftNode, &mut Outbox),
    /// RequestVote, receiver implementation.
    pub request_vote: fn(&mut RaftNode, &RequestVote, &mut Outbox) -> RequestVoteReply,
    /// The reply to a RequestVote of the current term.
    pub request_vote_reply:
        fn(&mut RaftNode, ServerId, &RequestVote, &RequestVoteReply, &mut Outbox),
    /// This server has just become leader.
    pub elected: fn(&mut RaftNode, &mut Outbox),
    /// This server was leader and no longer is, or no longer of the same term.
    pub deposed: fn(&mut RaftNode, &mut Outbox),
    /// The heartbeat timer ran out.
    pub heartbeat_timeout: fn(&mut RaftNode, &mut Outbox),
    /// Send a follower what it needs: at least a heartbeat.
    pub replicate_to: fn(&mut RaftNode, ServerId, &mut Outbox),
    /// AppendEntries, receiver implementation.
    pub append_entries: fn(&mut RaftNode, &AppendEntries, &mut Outbox) -> AppendEntriesReply,
    /// Follow the leader of the current term, which has just sent a request.
    pub follow: fn(&mut RaftNode, ServerId, &mut Outbox),

    // Module 3
    /// The reply to an AppendEntries of the current term.
    pub append_entries_reply:
        fn(&mut RaftNode, ServerId, &AppendEntries, &AppendEntriesReply, &mut Outbox),
    /// A client's request.
    pub client_request: fn(&mut RaftNode, RequestId, ClientRequest, &mut Outbox),

    // Module 4
    /// More entries may be committed now.
    pub advance_commit: fn(&mut RaftNode, &mut Outbox),
    /// Apply what is committed.
    pub apply: fn(&mut RaftNode, &mut Outbox),
    /// A reply of the current term arrived, and its own row has run.
    pub reply_received: fn(&mut RaftNode, CallId, ServerId, &Request, &Reply, &mut Outbox),
    /// Answer the reads that can be answered now.
    pub serve_reads: fn(&mut RaftNode, &mut Outbox),
    /// Several events have arrived together.
    pub handle_all: fn(&mut RaftNode, Vec<Event>) -> io::Result<Vec<Effect>>,

    // Module 5
    /// Restore the state from the disk, before anything else.
    pub recover: fn(&mut RaftNode) -> io::Result<()>,
    /// Put what has changed on disk.
    pub persist: fn(&mut RaftNode) -> io::Result<()>,

    // Module 6
    /// InstallSnapshot, receiver implementation.
    pub install_snapshot: fn(&mut RaftNode, &InstallSnapshot, &mut Outbox) -> InstallSnapshotReply,
    /// The reply to an InstallSnapshot of the current term.
    pub install_snapshot_reply:
        fn(&mut RaftNode, ServerId, &InstallSnapshot, &InstallSnapshotReply, &mut Outbox),

    // Module 7
    /// Reply to a request before the term rule, so that the server's term stays as it is.
    pub intercept_request: fn(&mut RaftNode, ServerId, &Request, &mut Outbox) -> Option<Reply>,
    /// The minimum election timeout has passed since the server heard from a leader.
    pub lease_timeout: fn(&mut RaftNode, &mut Outbox),
    /// Pre-vote, receiver implementation.
    pub pre_vote: fn(&mut RaftNode, &PreVote, &mut Outbox) -> PreVoteReply,
    /// The reply to a pre-vote of the current term.
    pub pre_vote_reply: fn(&mut RaftNode, ServerId, &PreVote, &PreVoteReply, &mut Outbox),
    /// The leader hands leadership over to this server.
    pub timeout_now: fn(&mut RaftNode, &TimeoutNow, &mut Outbox) -> TimeoutNowReply,
}

/// Module 1 fills no row: nothing happens on its own, and every request is rejected.
pub const RULES: Rules = Rules {
    start: |_, _| {},
    election_timeout: |_, _| {},
    request_vote: |node, _, _| RequestVoteReply { term: node.current_term, vote_granted: false },
    request_vote_reply: |_, _, _, _, _| {},
    elected: |_, _| {},
    deposed: |_, _| {},
    heartbeat_timeout: |_, _| {},
    replicate_to: |_, _, _| {},
    append_entries: |node, _, _| AppendEntriesReply {
        term: node.current_term,
        success: false,
        conflict: None,
    },
    follow: |_, _, _| {},
    append_entries_reply: |_, _, _, _, _| {},
    client_request: |_, id, _, out| out.client(id, Err(ClientError::Refused)),
    advance_commit: |_, _| {},
    apply: |_, _| {},
    reply_received: |_, _, _, _, _, _| {},
    serve_reads: |_, _| {},
    handle_all: |node, events| protocol::handle_each(node, events),
    recover: |_| Ok(()),
    persist: |_| Ok(()),
    install_snapshot: |node, _, _| InstallSnapshotReply { term: node.current_term, stored: 0 },
    install_snapshot_reply: |_, _, _, _, _| {},
    intercept_request: |_, _, _, _| None,
    lease_timeout: |_, _| {},
    pre_vote: |node, _, _| PreVoteReply { term: node.current_term, vote_granted: false },
    pre_vote_reply: |_, _, _, _, _| {},
    timeout_now: |node, _, _| TimeoutNowReply { term: node.current_term },
};

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rules")
    }
}

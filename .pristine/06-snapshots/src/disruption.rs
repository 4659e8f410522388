//! Disruptive servers (§6): who is removed hears no heartbeats any more, and starts elections that
//! it cannot win.

use persistence::data_model::{Outbox, RaftNode};
use persistence::protocol::{
    AppendEntries, AppendEntriesReply, InstallSnapshot, InstallSnapshotReply, Reply, Request,
    RequestVoteReply, ServerId, Term, Timer,
};

use crate::{configuration, install};

/// Row `late.before_term`: whether to disregard a request, so that its term is not even looked at.
pub fn before_term(
    node: &mut RaftNode,
    _from: ServerId,
    request: &Request,
    _out: &mut Outbox,
) -> Option<Reply> {
    // Exercise 6.9: §6: "if a server receives a RequestVote RPC within the minimum election timeout
    // of hearing from a current leader, it does not update its term or grant its vote". A leader
    // hears itself. Only an election that the leader has asked for is let through
    // (`leadership_transfer`, exercise 6.12).
    todo!("exercise 6.9")
}

/// Notes that the leader of `term` was heard, if that is the present one.
pub fn hear(node: &mut RaftNode, term: Term, out: &mut Outbox) {
    // Exercise 6.9: for the minimum election timeout from now on, which the timer `Quiet` measures.
    todo!("exercise 6.9")
}

/// Row `late.quiet_timeout`: no leader was heard for the minimum election timeout.
pub fn quiet_timeout(node: &mut RaftNode, _out: &mut Outbox) {
    // Exercise 6.9: from now on candidates are listened to.
    todo!("exercise 6.9")
}

/// Row `append_entries`: as before (6.7), and the leader has been heard.
pub fn append_entries(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    // Exercise 6.9: a refusal for the log comes from the present leader too; one for the term does
    // not.
    todo!("exercise 6.9")
}

/// Row `install_snapshot`: as before (6.6), and the leader has been heard.
pub fn install_snapshot(
    node: &mut RaftNode,
    request: &InstallSnapshot,
    out: &mut Outbox,
) -> InstallSnapshotReply {
    // Exercise 6.9: as with AppendEntries.
    todo!("exercise 6.9")
}

/// Row `election_timeout`: as before (6.7); whoever's timer runs out hears no leader.
pub fn election_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 6.9: it must not disregard other candidates either.
    todo!("exercise 6.9")
}

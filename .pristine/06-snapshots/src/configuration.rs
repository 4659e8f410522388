//! The configuration in the log (§6): a server goes by the latest one that its log holds, committed
//! or not.

use persistence::data_model::{Outbox, RaftNode};
use persistence::election;
use persistence::protocol::{AppendEntries, AppendEntriesReply, Index, Payload};

use crate::compaction;
use crate::snapshot::members_at;

/// Row `append_entries`: what is stored may hold a configuration, or may have taken the place of
/// one.
pub fn append_entries(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    // Exercise 6.7: §6: "Once a given server adds the new configuration entry to its log, it uses
    // that configuration for all future decisions (a server always uses the latest configuration in
    // its log, regardless of whether the entry is committed)". So one that is truncated is undone.
    todo!("exercise 6.7")
}

/// Whether the log holds a configuration that is not known to be committed.
pub fn is_changing(node: &RaftNode) -> bool {
    // Exercise 6.7: among the entries after the commit index.
    todo!("exercise 6.7")
}

/// Whether this server may want to lead: not while it is certainly no member.
pub fn may_campaign(node: &RaftNode) -> bool {
    // Exercise 6.7: a server that waits to be added, with no members at all, must not elect itself;
    // nor need one that has been removed. As long as the change is not committed it may be needed,
    // as a voter and as a leader (dissertation §4.2.2).
    todo!("exercise 6.7")
}

/// Row `election_timeout`: no leader was heard for the whole timeout.
pub fn election_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 6.7: who may not campaign waits on, with the timer armed anew. The others do as in
    // module 2.
    todo!("exercise 6.7")
}

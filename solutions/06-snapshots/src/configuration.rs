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
    let reply = compaction::append_entries(node, request, out);
    if !request.entries.is_empty() {
        node.members = members_at(node, node.log.last_index());
    }
    reply
}

/// Whether the log holds a configuration that is not known to be committed.
pub fn is_changing(node: &RaftNode) -> bool {
    // Exercise 6.7: among the entries after the commit index.
    (node.commit_index.0 + 1..=node.log.last_index().0).any(|index| {
        let entry = node.log.entry(Index(index));
        entry.is_some_and(|entry| matches!(entry.payload, Payload::Members(_)))
    })
}

/// Whether this server may want to lead: not while it is certainly no member.
pub fn may_campaign(node: &RaftNode) -> bool {
    // Exercise 6.7: a server that waits to be added, with no members at all, must not elect itself;
    // nor need one that has been removed. As long as the change is not committed it may be needed,
    // as a voter and as a leader (dissertation §4.2.2).
    node.members.contains(&node.id) || is_changing(node)
}

/// Row `election_timeout`: no leader was heard for the whole timeout.
pub fn election_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 6.7: who may not campaign waits on, with the timer armed anew. The others do as in
    // module 2.
    if may_campaign(node) {
        election::election_timeout(node, out);
    } else {
        election::reset_election_timer(node, out);
    }
}

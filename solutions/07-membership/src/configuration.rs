//! The configuration in the log (§6): a server uses the latest one that its log holds, committed or
//! not.

use snapshots::compaction;
use snapshots::data_model::{Outbox, RaftNode};
use snapshots::election;
use snapshots::protocol::{AppendEntries, AppendEntriesReply, Payload};
use snapshots::snapshot::members_at;

/// Row `append_entries`: the entries that are stored may hold a configuration, or may replace one.
pub fn append_entries(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    // Exercise 7.1: §6: "Once a given server adds the new configuration entry to its log, it uses
    // that configuration for all future decisions (a server always uses the latest configuration in
    // its log, regardless of whether the entry is committed)".
    // Approach: so a configuration that is truncated is undone.
    let reply = compaction::append_entries(node, request, out);
    if !request.entries.is_empty() {
        node.members = members_at(node, node.log.last_index());
    }
    reply
}

/// Whether the log holds a configuration that is not known to be committed.
pub fn is_changing(node: &RaftNode) -> bool {
    // Exercise 7.1: §6.
    // Approach: among the entries after the commit index.
    let uncommitted = node.commit_index.next().through(node.log.last_index());
    uncommitted
        .filter_map(|index| node.log.entry(index))
        .any(|entry| matches!(entry.payload, Payload::Members(_)))
}

/// Whether this server may become a candidate: if it is a member, or its log holds a configuration
/// that is not committed.
pub fn may_campaign(node: &RaftNode) -> bool {
    // Exercise 7.1: dissertation §4.2.2.
    // Approach: a server that waits to be added knows no members at all and must not elect itself;
    // nor may one that has been removed. As long as the change is not committed, a server that it
    // removes may be needed as a voter and as a leader.
    node.members.contains(&node.id) || is_changing(node)
}

/// Row `election_timeout`: the election timer has fired.
pub fn election_timeout(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 7.1: §6. A server that may not campaign arms its timer again.
    if may_campaign(node) {
        election::election_timeout(node, out);
    } else {
        election::reset_election_timer(node, out);
    }
}

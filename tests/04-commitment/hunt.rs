//! Exercise 4.13: the bugs that a learner hunts. Each is one wrong row over the learner's own table.

use gates::hunt::HuntedBug;

use super::RULES;
use super::model::{Outbox, RaftNode, Role, Rules};
use super::subject::protocol::{AppendEntries, AppendEntriesReply};

pub(super) static BUGS: [HuntedBug<Rules>; 3] = [
    HuntedBug {
        rules: &TRUSTING,
        was: "A follower committed up to the leader's commit index, or to the end of its own log, and not to the last \
              entry that the request had shown to agree. It would have executed entries that the leader does not have.",
    },
    HuntedBug {
        rules: &HALF,
        was: "Half of the servers were enough to commit. With an even number of servers, the other half could have \
              elected a leader without the entry.",
    },
    HuntedBug {
        rules: &SLOW,
        was: "A server applied one entry for each event, and not all that were committed. Nothing wrong was executed, \
              but clients waited longer and longer.",
    },
];

static TRUSTING: Rules = Rules { append_entries: commit_all_it_has, ..RULES };
static HALF: Rules = Rules { advance_commit: commit_with_half, ..RULES };
static SLOW: Rules = Rules { apply: apply_one, ..RULES };

fn commit_all_it_has(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    let reply = (RULES.append_entries)(node, request, out);
    if reply.success {
        let known = request.leader_commit.min(node.log.last_index());
        node.commit_index = node.commit_index.max(known);
    }
    reply
}

fn commit_with_half(node: &mut RaftNode, out: &mut Outbox) {
    (RULES.advance_commit)(node, out);
    let Role::Leader { progress } = &node.role else { return };
    let mut next = node.commit_index.next();
    while node.log.term_at(next).is_some() {
        let holders = 1 + progress.values().filter(|of| of.match_index >= next).count();
        if holders * 2 >= node.members.len() && node.log.term_at(next) == Some(node.current_term) {
            node.commit_index = next;
        }
        next = next.next();
    }
}

fn apply_one(node: &mut RaftNode, out: &mut Outbox) {
    let committed = node.commit_index;
    node.commit_index = committed.min(node.last_applied.next());
    (RULES.apply)(node, out);
    node.commit_index = committed;
}

//! Exercise 7.8: the bugs that a learner hunts. Each is one wrong row over the learner's own table.

use gates::hunt::HuntedBug;

use super::QUORUM;
use super::model::{Outbox, RaftNode, Role, Rules};
use super::subject::protocol::{AppendEntries, AppendEntriesReply};

pub(super) static BUGS: [HuntedBug<Rules>; 3] = [
    HuntedBug {
        rules: &SELFISH,
        was: "A leader that is not a member of the new configuration counted itself toward the majority. The change \
              that removed it could have been committed without a majority of the new members.",
    },
    HuntedBug {
        rules: &CLINGING,
        was: "A leader that had removed itself did not step down when the change was committed (§6). It would have led \
              a cluster that it does not belong to.",
    },
    HuntedBug {
        rules: &RELUCTANT,
        was: "A follower used a configuration only when it knew that it was committed, and not as soon as it was in its \
              log (§6). Two majorities without a common server would have been possible.",
    },
];

static SELFISH: Rules = Rules { advance_commit: count_itself, ..QUORUM };
static CLINGING: Rules = Rules { advance_commit: lead_on, ..QUORUM };
static RELUCTANT: Rules = Rules { append_entries: wait_for_the_commit, ..QUORUM };

fn count_itself(node: &mut RaftNode, out: &mut Outbox) {
    let members = node.members.clone();
    let leads = node.leads().is_some();
    if leads {
        node.members.insert(node.id);
    }
    (QUORUM.advance_commit)(node, out);
    if leads {
        node.members = members;
    }
}

fn lead_on(node: &mut RaftNode, out: &mut Outbox) {
    let role = node.role.clone();
    (QUORUM.advance_commit)(node, out);
    if matches!(role, Role::Leader { .. }) && !node.members.contains(&node.id) {
        node.role = role;
    }
}

fn wait_for_the_commit(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    let before = node.members.clone();
    let reply = (QUORUM.append_entries)(node, request, out);
    if node.commit_index < node.log.last_index() {
        node.members = before;
    }
    reply
}

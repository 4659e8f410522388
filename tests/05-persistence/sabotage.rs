//! Wrong servers that the learner's own scenario must notice: one row of the learner's own table is
//! spoilt in each.

use std::io;

use gates::own::Sabotage;

use super::RULES;
use super::model::{Progress, RaftNode, Role, Rules};
use super::subject::protocol::Index;
use super::subject::replication::LogEdit as _;

/// All of them, in the order in which the scenario meets them.
pub(super) static ALL: [Sabotage<Rules>; 5] = [
    Sabotage {
        server: "keeps nothing on its disk",
        rules: &FORGETFUL,
        why: "Figure 2, State: \"updated on stable storage before responding to RPCs\".",
        advice: "Let a server that has voted crash and come back, and say with `expect` which term and \
                 vote it has.",
    },
    Sabotage {
        server: "forgets its vote in a crash",
        rules: &FICKLE,
        why: "§5.2: each server votes for at most one candidate in a term, even if it crashes in between.",
        advice: "In (a), after the restart, say with `expect` for whom the server has voted.",
    },
    Sabotage {
        server: "loses the last entry of its log in a crash",
        rules: &SHORT,
        why: "§5.3: what a server has acknowledged it must still hold when the leader counts on it.",
        advice: "In (b), after the restart, say with `expect` what is in the logs.",
    },
    Sabotage {
        server: "believes that all of its log is committed when it comes back",
        rules: &HASTY,
        why: "Figure 2, State: commitIndex and lastApplied are volatile, \"initialized to 0\": an entry on \
              the disk of one server need not be committed.",
        advice: "In (b), after the restart and before anybody is elected, say with `expect` how far the \
                 servers have committed and applied (`commit=0 applied=0`).",
    },
    Sabotage {
        server: "leads when it comes back, if it did before",
        rules: &EAGER,
        why: "§5.2: a server starts as follower. Another leader may have been elected since, and there is one \
              leader a term because each leader was elected.",
        advice: "In (b), let the leader crash and come back too, and say with `expect` that it is a follower.",
    },
];

static FORGETFUL: Rules = Rules { persist: |_| Ok(()), ..RULES };
static FICKLE: Rules = Rules { recover: without_vote, ..RULES };
static SHORT: Rules = Rules { recover: without_last_entry, ..RULES };
static HASTY: Rules = Rules { recover: all_committed, ..RULES };
static EAGER: Rules = Rules { recover: leading_again, ..RULES };

fn without_vote(node: &mut RaftNode) -> io::Result<()> {
    (RULES.recover)(node)?;
    node.voted_for = None;
    Ok(())
}

fn without_last_entry(node: &mut RaftNode) -> io::Result<()> {
    (RULES.recover)(node)?;
    let last = node.log.last_index();
    if last > node.log.base_index() {
        node.log.truncate_from(last);
    }
    Ok(())
}

fn all_committed(node: &mut RaftNode) -> io::Result<()> {
    (RULES.recover)(node)?;
    node.commit_index = node.log.last_index();
    Ok(())
}

fn leading_again(node: &mut RaftNode) -> io::Result<()> {
    (RULES.recover)(node)?;
    if node.voted_for == Some(node.id) {
        let next_index = node.log.last_index().next();
        let unknown = Progress { next_index, match_index: Index(0) };
        let progress = node.peers().into_iter().map(|peer| (peer, unknown)).collect();
        node.role = Role::Leader { progress };
    }
    Ok(())
}

//! Wrong servers that the learner's own scenario must notice: one row of the learner's own table is
//! spoilt in each.

use gates::own::Sabotage;

use super::model::{Outbox, RaftNode, Rules};
use super::subject::protocol::{RequestVote, RequestVoteReply, Term};
use super::subject::{data_model, majority_holds, replication};
use super::{CLIENTS, RULES};

/// All of them, in the order in which the scenario meets them.
pub(super) static ALL: [Sabotage<Rules>; 6] = [
    Sabotage {
        server: "commits without a majority",
        rules: &HASTY,
        why: "Rules for Servers, Leaders (§5.3): \"a majority of matchIndex[i] ≥ N\".",
        advice: "In (a), when two of five servers hold the entry, say with `expect` how far S1 has \
                 committed.",
    },
    Sabotage {
        server: "commits entries of older terms by counting",
        rules: &COUNTING,
        why: "Rules for Servers, Leaders (§5.4.2): \"log[N].term == currentTerm\"; that is what Figure 8 is \
              about.",
        advice: "In (c), when S1 leads term 4 and a majority holds its entry of term 2, let the answers reach \
                 S1 (`settle`), and say with `expect` how far it has committed. No entry of term 4 may be on \
                 a majority by then.",
    },
    Sabotage {
        server: "waits for all servers before it commits",
        rules: &PATIENT,
        why: "§5.3: an entry is committed as soon as a majority holds it: \"a minority of slow servers need \
              not impact overall system performance\".",
        advice: "In (e), while S4 and S5 are still cut off, say with `expect` that S1 has committed its \
                 entry of term 4.",
    },
    Sabotage {
        server: "does not learn from its leader what is committed",
        rules: &IGNORANT,
        why: "Figure 2, AppendEntries, receiver, step 5: a follower's commit index follows the leader's.",
        advice: "In (e), after `settle`, say with `expect` how far S2 and S3 have committed.",
    },
    Sabotage {
        server: "applies nothing",
        rules: &IDLE,
        why: "Rules for Servers, All Servers (§5.3): what is committed is applied to the state machine.",
        advice: "Where something is committed, say with `expect` what is applied too (`applied=3`).",
    },
    Sabotage {
        server: "votes for a candidate whose log is behind",
        rules: &GENEROUS,
        why: "§5.4.1, Figure 8 (e): \"S5 cannot win an election\", since a majority holds a later entry and \
              does not vote for it.",
        advice: "After (e), let S5 time out while it reaches S2 and S3, as often as it needs to come to a new \
                 term, and say with `expect` that they do not vote for it, or that it does not lead.",
    },
];

static HASTY: Rules = Rules { advance_commit: commit_all, ..CLIENTS };
static COUNTING: Rules = Rules { advance_commit: count_all, ..CLIENTS };
static PATIENT: Rules = Rules { advance_commit: wait_for_all, ..CLIENTS };
static IGNORANT: Rules = Rules { append_entries: replication::append_entries, ..CLIENTS };
static IDLE: Rules = Rules { apply: data_model::RULES.apply, ..CLIENTS };
static GENEROUS: Rules = Rules { request_vote: vote_for_anybody, ..CLIENTS };

fn commit_all(node: &mut RaftNode, _out: &mut Outbox) {
    if node.leads().is_some() {
        node.commit_index = node.log.last_index();
    }
}

fn count_all(node: &mut RaftNode, _out: &mut Outbox) {
    let next = |node: &RaftNode| node.commit_index.next();
    while next(node) <= node.log.last_index() && majority_holds(node, next(node)) {
        node.commit_index = next(node);
    }
}

fn wait_for_all(node: &mut RaftNode, out: &mut Outbox) {
    let before = node.commit_index;
    (RULES.advance_commit)(node, out);
    let data_model::Role::Leader { progress } = &node.role else { return };
    if progress.values().any(|follower| follower.match_index < node.commit_index) {
        node.commit_index = before;
    }
}

fn vote_for_anybody(
    node: &mut RaftNode,
    request: &RequestVote,
    out: &mut Outbox,
) -> RequestVoteReply {
    let flattered = RequestVote { last_log_term: Term(u64::MAX), ..*request };
    (RULES.request_vote)(node, &flattered, out)
}

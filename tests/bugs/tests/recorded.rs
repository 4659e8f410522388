//! More of what module 0 is judged by (see `src/record.rs`): servers of which one row is spoilt, so that
//! each property of Figure 3 is broken by some. They need not be mistakes that somebody has made.

use std::sync::Arc;

use bugs::{keep_recorded, pick};
use commitment::RULES;
use commitment::data_model::{Outbox, RaftNode, Role, Rules};
use gates::storm::Goal;
use gates::{RecordedExecution, record_storm};
use protocol::{AppendEntries, AppendEntriesReply, Index, RequestVote, RequestVoteReply, Term};
use replication::LogEdit as _;
use simulator::NodeFactory;

/// Each server goes through at most this many short storms. Of each server and each breach, this many executions are
/// kept: the shortest of four times as many.
const STORMS: u64 = 4_000;
const OF_A_BREACH: usize = 10;

/// The spoilt servers, by a name that says what they do.
static SPOILT: [(&str, Rules); 9] = [
    ("votes-without-noting-it", Rules { request_vote: vote_without_noting, ..RULES }),
    ("votes-against-itself", Rules { election_timeout: keep_the_vote, ..RULES }),
    ("votes-for-any-log", Rules { request_vote: vote_for_any_log, ..RULES }),
    ("tidies-its-log-while-it-leads", Rules { heartbeat_timeout: tidy, ..RULES }),
    ("merges-while-it-leads", Rules { append_entries: merge_always, ..RULES }),
    ("forgets-the-end-of-its-log-while-it-leads", Rules { advance_commit: forget, ..RULES }),
    ("commits-when-it-refuses", Rules { append_entries: commit_always, ..RULES }),
    ("commits-all-that-it-holds", Rules { append_entries: commit_to_the_end, ..RULES }),
    ("commits-what-it-has-sent", Rules { advance_commit: commit_what_is_sent, ..RULES }),
];

#[test]
fn what_is_recorded_of_spoilt_servers_is_what_they_did() {
    let ids = SPOILT.each_ref().map(|(id, _)| *id);
    let record = || SPOILT.iter().flat_map(|(id, rules)| pick(storms(rules), id, OF_A_BREACH));
    if let Err(stale) = keep_recorded("spoilt", &ids, || record().collect()) {
        panic!("{stale}");
    }
}

/// What came of the storms in which something was broken.
fn storms(rules: &'static Rules) -> Vec<RecordedExecution> {
    let boot: NodeFactory = Arc::new(move |setup, _| Box::new(RaftNode::new(setup, rules)));
    let storm = |number| record_storm(&boot, Goal::Linearizable, number, 1);
    let broken = |recorded: &RecordedExecution| recorded.breach.is_some();
    (1..=STORMS).filter_map(storm).filter(broken).take(4 * OF_A_BREACH).collect()
}

fn vote_without_noting(
    node: &mut RaftNode,
    request: &RequestVote,
    out: &mut Outbox,
) -> RequestVoteReply {
    let before = node.voted_for;
    let reply = (RULES.request_vote)(node, request, out);
    node.voted_for = before;
    reply
}

fn keep_the_vote(node: &mut RaftNode, out: &mut Outbox) {
    (RULES.election_timeout)(node, out);
    node.voted_for = None;
}

fn vote_for_any_log(
    node: &mut RaftNode,
    request: &RequestVote,
    out: &mut Outbox,
) -> RequestVoteReply {
    let request = RequestVote { last_log_term: Term(u64::MAX), ..*request };
    (RULES.request_vote)(node, &request, out)
}

fn tidy(node: &mut RaftNode, out: &mut Outbox) {
    if node.leads().is_some() {
        node.log.truncate_from(node.commit_index.next());
    }
    (RULES.heartbeat_timeout)(node, out);
}

fn merge_always(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    if node.leads().is_some() && request.prev_log_index <= node.log.last_index() {
        replication::merge(&mut node.log, request.prev_log_index.next(), &request.entries);
    }
    (RULES.append_entries)(node, request, out)
}

fn forget(node: &mut RaftNode, out: &mut Outbox) {
    (RULES.advance_commit)(node, out);
    if node.leads().is_some() && node.log.last_index().0 >= node.commit_index.0 + 3 {
        node.log.truncate_from(node.log.last_index());
    }
}

fn commit_always(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    let reply = (RULES.append_entries)(node, request, out);
    if request.term == node.current_term {
        let all = request.leader_commit.min(node.log.last_index());
        node.commit_index = node.commit_index.max(all);
    }
    reply
}

fn commit_to_the_end(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    let reply = (RULES.append_entries)(node, request, out);
    if reply.success {
        node.commit_index = node.log.last_index();
    }
    reply
}

fn commit_what_is_sent(node: &mut RaftNode, out: &mut Outbox) {
    (RULES.advance_commit)(node, out);
    let Role::Leader { progress } = &node.role else { return };
    let sent = progress.values().map(|follower| follower.next_index.prev()).max();
    node.commit_index = node.commit_index.max(sent.unwrap_or(Index(0)).min(node.log.last_index()));
}

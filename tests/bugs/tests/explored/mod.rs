//! Servers with a mistake that exploration finds, each with the scenario that explores it. Those scenarios belong to the
//! gates; the number of states that they may visit is what bounds how long a mistake may take to be found.

use data_model::{Outbox, RaftNode, Role, Rules};
use membership::protocol::{
    AppendEntries, AppendEntriesReply, CallId, ClientError, ClientRequest, Index, PreVote,
    PreVoteReply, Reply, Request, RequestId, RequestVote, RequestVoteReply, ServerId, Term,
};
use replication::LogEdit as _;
use simulator::NodeFactory;

use crate::boot::servers_with;
use crate::late::counting_late_votes;

/// A mistake, and where it is looked for.
pub(crate) struct Wrong {
    /// What the servers do.
    pub(crate) name: &'static str,
    /// A scenario of the gates, without its ending.
    pub(crate) scenario: &'static str,
    pub(crate) servers: fn() -> NodeFactory,
    /// What the failure says.
    pub(crate) says: &'static str,
}

/// All of them.
pub(crate) static WRONG: [Wrong; 12] = [
    Wrong {
        name: "a second vote in a term",
        scenario: "02-election/explore_two_elections",
        servers: || servers_with(&VOTES_TWICE),
        says: "voted for",
    },
    Wrong {
        name: "a vote of an older term is counted",
        scenario: "02-election/explore_three_elections",
        servers: || counting_late_votes(&ELECTION),
        says: "became leader of term",
    },
    Wrong {
        name: "a candidate that has lost never tries again",
        scenario: "02-election/explore_a_leader_can_always_come",
        servers: || servers_with(&TRIES_ONCE),
        says: "none leads",
    },
    Wrong {
        name: "logs are not compared",
        scenario: "03-replication/explore_one_command",
        servers: || servers_with(&BLIND_REPLICATION),
        says: "which a majority held",
    },
    Wrong {
        name: "an old leader's entries are accepted after a newer vote",
        scenario: "03-replication/explore_one_command",
        servers: || servers_with(&LOYAL_REPLICATION),
        says: "which a majority held",
    },
    Wrong {
        name: "a call cuts off what follows its entries, before anything is committed",
        scenario: "03-replication/explore_two_commands",
        servers: || servers_with(&CUTTING_REPLICATION),
        says: "which a majority held",
    },
    Wrong {
        name: "an old leader's entries are accepted after a newer vote, and committed",
        scenario: "04-commitment/explore_an_old_leader",
        servers: || servers_with(&LOYAL),
        says: "is missing",
    },
    Wrong {
        name: "a call cuts off what follows its entries",
        scenario: "04-commitment/explore_heartbeats",
        servers: || servers_with(&CUTTING),
        says: "removed",
    },
    Wrong {
        name: "an entry of an older term is committed by counting",
        scenario: "04-commitment/explore_figure_8",
        servers: || servers_with(&COUNTING),
        says: "the entry of term 2 at index 2",
    },
    Wrong {
        name: "a reply to an earlier call confirms a read",
        scenario: "04-commitment/explore_reads",
        servers: || servers_with(&STALE_READS),
        says: "no order of the operations",
    },
    Wrong {
        name: "a change is accepted if the sizes differ by one",
        scenario: "07-membership/explore_a_change",
        servers: || servers_with(&BY_SIZE),
        says: "is missing",
    },
    Wrong {
        name: "a candidate rejects the pre-votes of its own term",
        scenario: "07-membership/explore_pre_votes",
        servers: || servers_with(&JEALOUS),
        says: "none leads",
    },
];

/// The servers without a mistake, module by module.
pub(crate) fn reference(module: u32) -> NodeFactory {
    servers_with(match module {
        2 => &ELECTION,
        3 => &REPLICATION,
        4 => &COMMITMENT,
        _ => &MEMBERSHIP,
    })
}

static ELECTION: Rules = election::RULES;
static REPLICATION: Rules = replication::RULES;
static COMMITMENT: Rules = commitment::RULES;
static MEMBERSHIP: Rules = membership::RULES;
static VOTES_TWICE: Rules = Rules { request_vote: vote_again, ..election::RULES };
static TRIES_ONCE: Rules = Rules { election_timeout: try_once, ..election::RULES };
static BLIND_REPLICATION: Rules = Rules { request_vote: ignore_the_logs, ..replication::RULES };
static LOYAL_REPLICATION: Rules = Rules { append_entries: stay_loyal, ..replication::RULES };
static CUTTING_REPLICATION: Rules = Rules { append_entries: cut_off, ..replication::RULES };
static LOYAL: Rules = Rules { append_entries: stay_loyal_and_commit, ..commitment::RULES };
static CUTTING: Rules = Rules { append_entries: cut_off_and_commit, ..commitment::RULES };
/// Without the entry that a leader begins with, which would commit everything before it.
static COUNTING: Rules =
    Rules { advance_commit: count_all, elected: election::elected, ..commitment::RULES };
static STALE_READS: Rules = Rules { reply_received: confirm_all, ..commitment::RULES };
static BY_SIZE: Rules = Rules { client_request: change_by_size, ..membership::RULES };
static JEALOUS: Rules = Rules { pre_vote: reject_in_own_term, ..membership::RULES };

fn vote_again(node: &mut RaftNode, request: &RequestVote, out: &mut Outbox) -> RequestVoteReply {
    if request.term == node.current_term {
        node.voted_for = None;
    }
    election::request_vote(node, request, out)
}

fn try_once(node: &mut RaftNode, out: &mut Outbox) {
    if matches!(node.role, Role::Follower { .. }) {
        election::election_timeout(node, out);
    } else {
        election::reset_election_timer(node, out);
    }
}

fn ignore_the_logs(
    node: &mut RaftNode,
    request: &RequestVote,
    out: &mut Outbox,
) -> RequestVoteReply {
    let any = RequestVote { last_log_term: Term(u64::MAX), ..*request };
    election::request_vote(node, &any, out)
}

/// The entries of an old leader are taken, in its own term. `None` if the leader is not an old one.
fn taken_from_an_old_leader(
    node: &mut RaftNode,
    request: &AppendEntries,
) -> Option<AppendEntriesReply> {
    let (prev, prev_term) = (request.prev_log_index, request.prev_log_term);
    let is_old = request.term < node.current_term && node.leads().is_none();
    if !is_old || !replication::agrees(&node.log, prev, prev_term) {
        return None;
    }
    replication::merge(&mut node.log, prev.next(), &request.entries);
    Some(AppendEntriesReply { term: request.term, success: true, conflict: None })
}

fn stay_loyal(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    taken_from_an_old_leader(node, request)
        .unwrap_or_else(|| replication::append_entries(node, request, out))
}

fn stay_loyal_and_commit(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    taken_from_an_old_leader(node, request)
        .unwrap_or_else(|| commitment::append_entries(node, request, out))
}

fn cut(
    node: &mut RaftNode,
    request: &AppendEntries,
    reply: AppendEntriesReply,
) -> AppendEntriesReply {
    if reply.success {
        node.log.truncate_from(request.last_new_index().next());
    }
    reply
}

fn cut_off(node: &mut RaftNode, request: &AppendEntries, out: &mut Outbox) -> AppendEntriesReply {
    let reply = replication::append_entries(node, request, out);
    cut(node, request, reply)
}

fn cut_off_and_commit(
    node: &mut RaftNode,
    request: &AppendEntries,
    out: &mut Outbox,
) -> AppendEntriesReply {
    let reply = commitment::append_entries(node, request, out);
    cut(node, request, reply)
}

fn count_all(node: &mut RaftNode, _out: &mut Outbox) {
    let Role::Leader { progress } = &node.role else { return };
    let holds = |id: ServerId, index: Index| {
        id == node.id || progress.get(&id).is_some_and(|it| it.match_index >= index)
    };
    let committed = (node.commit_index.0 + 1..=node.log.last_index().0)
        .map(Index)
        .filter(|&index| node.is_majority(|id| holds(id, index)))
        .last();
    node.commit_index = committed.unwrap_or(node.commit_index);
}

fn confirm_all(
    node: &mut RaftNode,
    _call: CallId,
    from: ServerId,
    _request: &Request,
    _reply: &Reply,
    _out: &mut Outbox,
) {
    for read in &mut node.pending_reads {
        read.confirmed_by.insert(from);
    }
}

fn change_by_size(node: &mut RaftNode, id: RequestId, request: ClientRequest, out: &mut Outbox) {
    match request {
        ClientRequest::Change(members) if node.leads().is_some() => {
            if members.len().abs_diff(node.members.len()) == 1 {
                membership::change::append_members(node, id, members, out);
            } else {
                out.client(id, Err(ClientError::Refused));
            }
        }
        other => (membership::RULES.client_request)(node, id, other, out),
    }
}

fn reject_in_own_term(node: &mut RaftNode, request: &PreVote, out: &mut Outbox) -> PreVoteReply {
    let reply = membership::pre_vote::pre_vote(node, request, out);
    let vote_granted = reply.vote_granted && !matches!(node.role, Role::Candidate { .. });
    PreVoteReply { vote_granted, ..reply }
}

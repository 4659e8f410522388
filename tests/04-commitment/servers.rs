//! Servers on which the rule checks act, and what they do in words.

use gates::{Context, Verdict};

use super::model::{Outbox, Progress, RaftNode, Role, Rules};
use super::subject::protocol::{
    CallId, Config, Effect, Entry, Event, Index, KeyValue, NoDisk, Reply, Request, RequestVote,
    RequestVoteReply, ServerId, Setup, Term,
};
use super::subject::replication::LogEdit as _;

pub(super) const S1: ServerId = ServerId(1);
pub(super) const S2: ServerId = ServerId(2);

/// S1 of a cluster of `count`, in this term, with entries of these terms.
pub(super) fn server(rules: &'static Rules, count: u64, term: u64, log: &[u64]) -> RaftNode {
    let setup = Setup {
        id: S1,
        members: (1..=count).map(ServerId).collect(),
        config: Config::default(),
        seed: 1,
        disk: Box::new(NoDisk),
        machine: Box::new(KeyValue::new()),
    };
    let mut node = RaftNode::new(setup, rules);
    node.current_term = Term(term);
    for (&term, index) in log.iter().zip(1..) {
        node.log.append(Entry::command(Term(term), format!("append x {index},").as_str()));
    }
    node
}

/// S1 leads; the followers are known to hold entries up to these indexes.
pub(super) fn leader(matches: &[(u64, u64)]) -> Role {
    let progress = |&(id, index): &(u64, u64)| {
        let match_index = Index(index);
        (ServerId(id), Progress { next_index: match_index.next(), match_index })
    };
    Role::Leader { progress: matches.iter().map(progress).collect() }
}

/// A role, in words.
pub(super) fn role_of(role: &Role) -> String {
    match role {
        Role::Follower { leader: None } => "a follower without a known leader".to_owned(),
        Role::Follower { leader: Some(leader) } => format!("a follower of {leader}"),
        Role::Candidate { .. } => "a candidate".to_owned(),
        Role::Leader { .. } => "the leader".to_owned(),
    }
}

/// Row `replicate_to` that sends nothing: whatever is sent all the same went past the table.
pub(super) fn sends_nothing(_: &mut RaftNode, _: ServerId, _: &mut Outbox) {}

/// With a row `replicate_to` that sends nothing, nothing must have been sent.
pub(super) fn went_by_the_table(check: &Context, effects: &[Effect]) -> Verdict {
    let is_sent = |effect: &&Effect| {
        matches!(effect, Effect::Call { request: Request::AppendEntries(_), .. })
    };
    let sent = effects.iter().filter(is_sent).count();
    let expected = "no AppendEntries, if the row replicate_to sends nothing";
    check.holds(sent == 0, expected, format!("{sent} AppendEntries, past the table"))
}

/// Why rows call each other through the table.
pub(super) const TABLE: &str = "docs/architecture.md: a rule calls another rule through the table. Module 6 replaces \
     the row `replicate_to`, and its version is found only if you call `node.replicate_to` or \
     `node.replicate_to_all`.";

/// The vote that makes S1 the leader of term 4.
pub(super) fn vote() -> Event {
    let request = Request::RequestVote(RequestVote {
        term: Term(4),
        candidate_id: S1,
        last_log_index: Index(0),
        last_log_term: Term(0),
        leadership_transfer: false,
    });
    let reply = Reply::RequestVote(RequestVoteReply { term: Term(4), vote_granted: true });
    Event::Reply { call: CallId(3), from: S2, request, reply }
}

//! Servers on which the rule checks act, and what they do in words.

use gates::Context;

use super::model::{Progress, RaftNode, Role, Rules};
use super::subject::protocol::{
    ClientError, ClientRequest, Config, Effect, Entry, Event, Index, KeyValue, NoDisk, RequestId,
    ServerId, Setup, Term,
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
        Role::Follower { leader: None } => "a follower of nobody yet".to_owned(),
        Role::Follower { leader: Some(leader) } => format!("a follower of {leader}"),
        Role::Candidate { .. } => "a candidate".to_owned(),
        Role::Leader { .. } => "the leader".to_owned(),
    }
}

/// Lets a client ask; what the server tells it, in words.
pub(super) fn asked(
    check: &Context,
    node: &mut RaftNode,
    request: ClientRequest,
) -> Result<String, Box<gates::Failure>> {
    let effects = check.handle(node, Event::Client { id: RequestId(7), request })?;
    let told = |effect: &Effect| match effect {
        Effect::Client { id: RequestId(7), result } => Some(tell(result)),
        Effect::Client { id, .. } => Some(format!("an answer to {id}, which nobody has asked")),
        _ => None,
    };
    let told: Vec<String> = effects.iter().filter_map(told).collect();
    Ok(if told.is_empty() { "nothing".to_owned() } else { told.join("; ") })
}

fn tell<T: AsRef<[u8]>>(result: &Result<T, ClientError>) -> String {
    match result {
        Ok(result) => format!("the result {}", String::from_utf8_lossy(result.as_ref())),
        Err(ClientError::NotLeader(None)) => "not the leader, and knows none".to_owned(),
        Err(ClientError::NotLeader(Some(leader))) => format!("not the leader; {leader} leads"),
        Err(ClientError::Unknown) => "unknown".to_owned(),
        Err(ClientError::Refused) => "refused".to_owned(),
    }
}

//! Servers on which the checks act.

use super::subject::protocol::{
    Config, KeyValue, Members, NoDisk, Node as _, RoleName, ServerId, Setup, Term,
};
use super::subject::{RULES, RaftNode, Role, Rules};

/// The rules of the module itself.
pub(super) static OWN: Rules = RULES;

pub(super) const S1: ServerId = ServerId(1);
pub(super) const S2: ServerId = ServerId(2);
pub(super) const S3: ServerId = ServerId(3);

/// The roles, in which a rule has to hold alike.
pub(super) const ROLES: [RoleName; 3] = [RoleName::Follower, RoleName::Candidate, RoleName::Leader];

/// The servers from S1 to the one with that number.
pub(super) fn members(count: u64) -> Members {
    (1..=count).map(ServerId).collect()
}

/// What a server is made of.
pub(super) fn setup(id: ServerId, members: Members, seed: u64) -> Setup {
    Setup {
        id,
        members,
        config: Config::default(),
        seed,
        disk: Box::new(NoDisk),
        machine: Box::new(KeyValue::new()),
    }
}

/// S1 of three servers, in this role and term. A follower has voted for S3 and knows S2 as leader; a
/// candidate or leader has voted for itself.
pub(super) fn server(rules: &'static Rules, role: RoleName, term: u64) -> RaftNode {
    let mut node = RaftNode::new(setup(S1, members(3), 1), rules);
    node.current_term = Term(term);
    (node.role, node.voted_for) = match role {
        RoleName::Follower => (Role::Follower { leader: Some(S2) }, Some(S3)),
        RoleName::Candidate => (Role::Candidate { votes: [S1].into() }, Some(S1)),
        RoleName::Leader => (Role::Leader { progress: [].into() }, Some(S1)),
    };
    node
}

/// Role, term and vote, as one says it.
pub(super) fn state(node: &RaftNode) -> String {
    let role = match &node.role {
        Role::Follower { leader: None } => "follower without a known leader".to_owned(),
        Role::Follower { leader: Some(leader) } => format!("follower of {leader}"),
        Role::Candidate { votes } if votes.is_empty() => "candidate without a vote".to_owned(),
        Role::Candidate { votes } => {
            let votes: Vec<String> = votes.iter().map(ToString::to_string).collect();
            format!("candidate with the votes of {}", votes.join(" and "))
        }
        Role::Leader { .. } => "leader".to_owned(),
    };
    let vote = node.voted_for.map_or("no vote given".to_owned(), |id| format!("voted for {id}"));
    format!("{role}, term {}, {vote}", node.current_term)
}

/// The state, and everything else that can be seen of a server.
pub(super) fn all_of(node: &RaftNode) -> String {
    let view = node.view();
    let log: Vec<String> = view.log.iter().map(|entry| entry.term.to_string()).collect();
    let (commit, applied) = (view.commit_index, view.last_applied);
    let log = format!("log of terms [{}]", log.join(", "));
    format!("{}, {log}, commit {commit}, applied {applied}", state(node))
}

/// A follower of nobody, in a term in which it has not voted.
pub(super) fn fresh(term: u64) -> String {
    format!("follower without a known leader, term {term}, no vote given")
}
